import { type Diagnosis, formatReasons } from './diagnosis.ts'
import { type DisruptionBudgets, readBudgets } from './disruption-budgets.ts'
import type { ClusterState } from './framework.ts'
import type { PodInfo } from './pod-info.ts'
import { allows, type PreparedFilter, prepareFilters, refusing, type SchedulingProfile } from './schedule-pod.ts'

/** Which pods would have to go from which node so that this one fits. */
export interface Preemption {
  readonly slot: number
  /** The most important first. */
  readonly victims: readonly PodInfo[]
  /** How many of them go although a disruption budget says that they must not. */
  readonly violations: number
}

export type PreemptionOutcome = { readonly preemption: Preemption } | { readonly message: string }

const notHelpful = 'Preemption is not helpful for scheduling'
const noVictims = ['No preemption victims found for incoming pod']

/**
 * Looks for the node where the fewest budgets are broken and the fewest and least important pods would have to go. The
 * table is used to try things out and left as it was. Not every node is tried: a tenth of those that may help, at least
 * 100, from `start` (0 to 1) on, but more until one breaks no budget.
 */
export function findPreemption(
  pod: PodInfo,
  cluster: ClusterState,
  profile: SchedulingProfile,
  { nodeCount, resolvable }: Diagnosis,
  start: number,
): PreemptionOutcome {
  const reasons = new Map<string, number>()
  const candidates: Preemption[] = []
  const enough = Math.min(resolvable.length, Math.max(100, Math.floor(resolvable.length / 10)))
  const first = Math.floor(start * resolvable.length)
  const budgets = readBudgets(cluster.disruptionBudgets())
  let harmless = false
  for (let index = 0; index < resolvable.length && !(harmless && candidates.length >= enough); index++) {
    const slot = resolvable[(first + index) % resolvable.length] as number
    const outcome = tryOn(slot, pod, cluster, profile, budgets)
    if ('victims' in outcome) {
      candidates.push(outcome)
      harmless ||= outcome.violations === 0
    } else for (const reason of outcome.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const preemption = candidates.sort(compareCandidates)[0]
  if (preemption) return { preemption }
  const hopeless = nodeCount - resolvable.length
  if (hopeless > 0) reasons.set(notHelpful, hopeless)
  return { message: formatReasons(nodeCount, reasons) }
}

/**
 * Takes all less important pods away, then gives back as many as still leave room: those first whose going would break a
 * budget, of either sort the most important first.
 */
function tryOn(
  slot: number,
  pod: PodInfo,
  cluster: ClusterState,
  profile: SchedulingProfile,
  budgets: DisruptionBudgets,
): Preemption | { readonly reasons: readonly string[] } {
  const { table } = cluster
  const node = table.names[slot] as string
  const lesser = [...table.podsOn(slot).values()].filter(other => other.priority < pod.priority).sort(moreImportantFirst)
  if (lesser.length === 0) return { reasons: noVictims }
  const filters = (): readonly PreparedFilter[] => prepareFilters(pod, cluster, profile)
  for (const other of lesser) table.removePod(other.uid)
  const stillRefusing = refusing(filters(), slot)
  const reasons = stillRefusing?.filter.reasons(slot)
  const remaining = (pods: readonly PodInfo[]): readonly PodInfo[] =>
    pods.filter(other => {
      table.addPod(node, other)
      if (stillRefusing || allows(filters(), slot)) return false
      table.removePod(other.uid)
      return true
    })
  const { violating, harmless } = budgets.split(lesser)
  const breaking = remaining(violating)
  const victims = [...breaking, ...remaining(harmless)].sort(moreImportantFirst)
  for (const victim of victims) table.addPod(node, victim)
  return reasons ? { reasons } : { slot, victims, violations: breaking.length }
}

const startedAt = ({ pod }: PodInfo): string => pod.status?.startTime ?? pod.metadata.creationTimestamp ?? ''

const compareText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

/** By priority, among equals whoever runs longer. */
const moreImportantFirst = (left: PodInfo, right: PodInfo): number =>
  right.priority - left.priority || compareText(startedAt(left), startedAt(right))

/** The fewest broken budgets, the least important highest victim, the smallest sum of priorities, the fewest, those that have run shortest. */
function compareCandidates(left: Preemption, right: Preemption): number {
  return (
    left.violations - right.violations ||
    highestPriority(left) - highestPriority(right) ||
    sumOfPriorities(left) - sumOfPriorities(right) ||
    left.victims.length - right.victims.length ||
    compareText(earliestStart(right), earliestStart(left))
  )
}

const highestPriority = ({ victims }: Preemption): number => victims[0]?.priority ?? Number.NEGATIVE_INFINITY

/** Counted from the lowest possible priority, so that fewer victims weigh less even when priorities are negative. */
const sumOfPriorities = ({ victims }: Preemption): number => victims.reduce((total, victim) => total + victim.priority + 2 ** 31, 0)

/** Among the most important victims. */
const earliestStart = ({ victims }: Preemption): string =>
  victims
    .filter(victim => victim.priority === victims[0]?.priority)
    .map(startedAt)
    .sort(compareText)[0] ?? ''
