import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import type { TopologySpreadConstraint } from '../../apis/core/scheduling-terms.ts'
import { type ClusterState, type Filter, type FilterPlugin, maximumScore, type ScorePlugin } from '../framework.ts'
import { type PodInfo, withLabelKeys } from '../pod-info.ts'
import { nodeAffinityFilter } from './node-affinity.ts'
import { taintTolerationFilter } from './taint-toleration.ts'

const missingLabel = "node(s) didn't match pod topology spread constraints (missing required label)"
const tooSkewed = "node(s) didn't match pod topology spread constraints"

/** Pods of a group spread evenly over domains: no domain may have `maxSkew` more than the emptiest. */
export const podTopologySpreadFilter: FilterPlugin = {
  name: 'PodTopologySpread',
  helpedBy: ['nodeAdded', 'nodeLabelsChanged', 'nodeTaintsChanged', 'podPlaced', 'podRemoved', 'podLabelsChanged'],
  prepare(pod, cluster) {
    const constraints = constraintsOf(pod, 'DoNotSchedule')
    if (constraints.length === 0) return undefined
    const { nodes } = cluster.table
    const counted = countDomains(constraints, pod, cluster)
    const lacksLabel = (slot: number) => {
      const labels = nodes[slot]?.metadata.labels
      for (let index = 0; index < counted.length; index++)
        if (labels?.[(counted[index] as CountedConstraint).key] === undefined) return true
      return false
    }
    const isTooSkewed = (slot: number) => {
      for (let index = 0; index < counted.length; index++) {
        const { key, counts, lowest, own, maxSkew } = counted[index] as CountedConstraint
        if ((counts.get(nodes[slot]?.metadata.labels?.[key] ?? '') ?? 0) + own - lowest > maxSkew) return true
      }
      return false
    }
    return {
      allows: slot => !lacksLabel(slot) && !isTooSkewed(slot),
      reasons: slot => [lacksLabel(slot) ? missingLabel : tooSkewed],
      unresolvable: lacksLabel,
    }
  },
}

/** Prefers domains with fewer pods of the group. */
export const podTopologySpreadScore: ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  prepare(pod, cluster, feasible) {
    const constraints = constraintsOf(pod, 'ScheduleAnyway')
    if (constraints.length === 0) return undefined
    const { nodes, names } = cluster.table
    const hasLabels = (slot: number) => constraints.every(({ topologyKey }) => nodes[slot]?.metadata.labels?.[topologyKey] !== undefined)
    const spreading = feasible.filter(hasLabels)
    const counted = countDomains(constraints, pod, cluster)
    // The more domains there are to choose from, the more one pod too many weighs.
    const weights = counted.map(({ key }) => Math.log(new Set(spreading.map(slot => nodes[slot]?.metadata.labels?.[key])).size + 2))
    const raw = new Float64Array(names.length).fill(-1)
    let lowest = Number.POSITIVE_INFINITY
    let highest = 0
    for (const slot of spreading) {
      let score = 0
      for (const [index, { key, counts, maxSkew }] of counted.entries()) {
        score += (counts.get(nodes[slot]?.metadata.labels?.[key] ?? '') ?? 0) * (weights[index] as number) + maxSkew - 1
      }
      raw[slot] = Math.round(score)
      lowest = Math.min(lowest, raw[slot])
      highest = Math.max(highest, raw[slot])
    }
    return {
      scale: 'none',
      of(slot) {
        const score = raw[slot] as number
        // Nodes outside all domains come last.
        if (score < 0) return 0
        return highest === 0 ? maximumScore : Math.floor((maximumScore * (highest + lowest - score)) / highest)
      },
    }
  },
}

const constraintsOf = (pod: PodInfo, action: string): readonly TopologySpreadConstraint[] =>
  pod.pod.spec?.topologySpreadConstraints?.filter(constraint => constraint.whenUnsatisfiable === action) ?? []

interface CountedConstraint {
  readonly key: string
  readonly maxSkew: number
  /** Matching pods by domain; every eligible domain is there, empty ones with 0. */
  readonly counts: ReadonlyMap<string, number>
  readonly lowest: number
  /** 1 if the pod itself belongs to the group. */
  readonly own: 0 | 1
}

function countDomains(constraints: readonly TopologySpreadConstraint[], pod: PodInfo, cluster: ClusterState): CountedConstraint[] {
  const affinity = nodeAffinityFilter.prepare(pod, cluster)
  const taints = taintTolerationFilter.prepare(pod, cluster)
  const { groups, nodes } = cluster.table
  return constraints.map(constraint => {
    const { topologyKey: key, maxSkew, minDomains = 1, labelSelector, matchLabelKeys } = constraint
    const selector = labelSelectorMatcher(withLabelKeys(labelSelector, pod.pod, matchLabelKeys))
    const isEligible = eligibility(constraint, affinity, taints)
    const counts = new Map<string, number>()
    // Only nodes in a domain of each constraint are counted.
    const isCounted = (slot: number) => {
      const labels = nodes[slot]?.metadata.labels
      return labels !== undefined && constraints.every(one => labels[one.topologyKey] !== undefined) && isEligible(slot)
    }
    const domainOf = (slot: number) => nodes[slot]?.metadata.labels?.[key] as string
    for (let slot = 0; slot < nodes.length; slot++) if (isCounted(slot)) counts.set(domainOf(slot), 0)
    for (const group of groups.values()) {
      if (group.namespace !== pod.pod.metadata.namespace || group.isLeaving || !selector.matches(group.labels)) continue
      for (const [slot, count] of group.bySlot) if (isCounted(slot)) counts.set(domainOf(slot), (counts.get(domainOf(slot)) ?? 0) + count)
    }
    const lowest = counts.size < minDomains ? 0 : Math.min(...counts.values())
    return { key, maxSkew, counts, lowest, own: selector.matches(pod.pod.metadata.labels) ? 1 : 0 }
  })
}

/** By default nodes that the pod's node affinity rules out are left out, tainted ones are not. */
function eligibility(
  { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint,
  affinity: Filter | undefined,
  taints: Filter | undefined,
): (slot: number) => boolean {
  return slot =>
    (nodeAffinityPolicy === 'Ignore' || affinity === undefined || affinity.allows(slot)) &&
    (nodeTaintsPolicy === 'Ignore' || taints === undefined || taints.allows(slot))
}
