import { type LabelMatcher, labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import type { TopologySpreadConstraint } from '../../apis/core/scheduling-terms.ts'
import type { ClusterState, Filter, FilterPlugin, ScorePlugin } from '../framework.ts'
import type { PodInfo } from '../pod-info.ts'
import { nodeAffinityFilter } from './node-affinity.ts'
import { taintTolerationFilter } from './taint-toleration.ts'

const missingLabel = "node(s) didn't match pod topology spread constraints (missing required label)"
const tooSkewed = "node(s) didn't match pod topology spread constraints"

/** Pods of a group spread evenly over domains: no domain may have `maxSkew` more than the emptiest. */
export const podTopologySpreadFilter: FilterPlugin = {
  name: 'PodTopologySpread',
  helpedBy: ['nodeAdded', 'nodeChanged', 'podPlaced', 'podRemoved', 'podChanged'],
  prepare(pod, cluster) {
    const constraints = constraintsOf(pod, 'DoNotSchedule')
    if (constraints.length === 0) return undefined
    const counted = constraints.map(constraint => countDomains(constraint, pod, cluster))
    const lacksLabel = (slot: number) =>
      constraints.some(({ topologyKey }) => cluster.table.nodes[slot]?.metadata.labels?.[topologyKey] === undefined)
    return {
      allows(slot) {
        if (lacksLabel(slot)) return false
        return counted.every(({ constraint, counts, selfMatches }) => {
          const domain = cluster.table.nodes[slot]?.metadata.labels?.[constraint.topologyKey] as string
          const lowest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values())
          return (counts.get(domain) ?? 0) + (selfMatches ? 1 : 0) - lowest <= constraint.maxSkew
        })
      },
      reasons: slot => [lacksLabel(slot) ? missingLabel : tooSkewed],
      unresolvable: lacksLabel,
    }
  },
}

/** Prefers domains with fewer pods of the group. */
export const podTopologySpreadScore: ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  prepare(pod, cluster) {
    const counted = constraintsOf(pod, 'ScheduleAnyway').map(constraint => countDomains(constraint, pod, cluster))
    if (counted.length === 0) return undefined
    return {
      scale: 'lowest',
      of(slot) {
        let score = 0
        for (const { constraint, counts } of counted) {
          const domain = cluster.table.nodes[slot]?.metadata.labels?.[constraint.topologyKey]
          if (domain === undefined) return Number.MAX_SAFE_INTEGER
          // The more domains there are, the more one pod too many weighs.
          score += (counts.get(domain) ?? 0) * Math.log(counts.size + 2) + constraint.maxSkew - 1
        }
        return Math.round(score)
      },
    }
  },
}

const constraintsOf = (pod: PodInfo, action: string): readonly TopologySpreadConstraint[] =>
  (pod.pod.spec?.topologySpreadConstraints ?? []).filter(constraint => constraint.whenUnsatisfiable === action)

interface CountedConstraint {
  readonly constraint: TopologySpreadConstraint
  /** Matching pods by domain; every eligible domain is there, empty ones with 0. */
  readonly counts: ReadonlyMap<string, number>
  readonly selfMatches: boolean
}

function countDomains(constraint: TopologySpreadConstraint, pod: PodInfo, cluster: ClusterState): CountedConstraint {
  const { table } = cluster
  const selector = selectorOf(constraint, pod)
  const affinity = (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor' ? nodeAffinityFilter.prepare(pod, cluster) : undefined
  const taints = constraint.nodeTaintsPolicy === 'Honor' ? taintTolerationFilter.prepare(pod, cluster) : undefined
  const counts = new Map<string, number>()
  for (const [slot, node] of table.nodes.entries()) {
    const domain = node?.metadata.labels?.[constraint.topologyKey]
    if (domain === undefined || !isEligible(slot, affinity, taints)) continue
    let count = counts.get(domain) ?? 0
    for (const other of table.podsOn(slot).values()) {
      const { namespace, labels, deletionTimestamp } = other.pod.metadata
      if (namespace === pod.pod.metadata.namespace && !deletionTimestamp && other.uid !== pod.uid && selector.matches(labels)) count++
    }
    counts.set(domain, count)
  }
  return { constraint, counts, selfMatches: selector.matches(pod.pod.metadata.labels) }
}

const isEligible = (slot: number, affinity: Filter | undefined, taints: Filter | undefined): boolean =>
  (affinity?.allows(slot) ?? true) && (taints?.allows(slot) ?? true)

/** `matchLabelKeys` take the pod's own values, so that each revision of a workload spreads by itself. */
function selectorOf(constraint: TopologySpreadConstraint, pod: PodInfo): LabelMatcher {
  const keys = (constraint.matchLabelKeys ?? []).filter(key => pod.pod.metadata.labels?.[key] !== undefined)
  if (keys.length === 0) return labelSelectorMatcher(constraint.labelSelector)
  const added = Object.fromEntries(keys.map(key => [key, pod.pod.metadata.labels?.[key] as string]))
  const { matchLabels, matchExpressions } = constraint.labelSelector ?? {}
  return labelSelectorMatcher({ matchLabels: { ...matchLabels, ...added }, matchExpressions })
}
