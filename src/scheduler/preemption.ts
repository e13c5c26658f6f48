import type { ClusterState } from './framework.ts'
import type { PodInfo } from './pod-info.ts'
import { allows, type Diagnosis, formatReasons, prepareFilters, type SchedulingProfile } from './schedule-pod.ts'

/** Which pods would have to go from which node so that this one fits. Pure but for the table, which is left as it was. */
export interface Preemption {
  readonly slot: number
  readonly victims: readonly PodInfo[]
}

export type PreemptionOutcome = { readonly preemption: Preemption } | { readonly message: string }

const notHelpful = 'Preemption is not helpful for scheduling'
const noVictims = 'No preemption victims found for incoming pod'

/** Looks for the node where the fewest and least important pods would have to go. */
export function findPreemption(pod: PodInfo, cluster: ClusterState, profile: SchedulingProfile, diagnosis: Diagnosis): PreemptionOutcome {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return { message: 'not eligible due to preemptionPolicy=Never.' }
  const candidates: Preemption[] = []
  let withoutVictims = 0
  for (const slot of diagnosis.resolvable) {
    const victims = victimsOn(slot, pod, cluster, profile)
    if (victims) candidates.push({ slot, victims })
    else withoutVictims++
  }
  const preemption = candidates.sort(compareCandidates)[0]
  if (preemption) return { preemption }
  const reasons = new Map<string, number>()
  if (withoutVictims) reasons.set(noVictims, withoutVictims)
  const hopeless = diagnosis.nodeCount - diagnosis.resolvable.length
  if (hopeless) reasons.set(notHelpful, hopeless)
  return { message: formatReasons(diagnosis.nodeCount, reasons) }
}

/** Takes all less important pods away, then gives back as many as still leave room, the most important first. */
function victimsOn(slot: number, pod: PodInfo, cluster: ClusterState, profile: SchedulingProfile): readonly PodInfo[] | undefined {
  const { table } = cluster
  const node = table.names[slot] as string
  const lesser = [...table.podsOn(slot).values()].filter(other => other.priority < pod.priority).sort(moreImportantFirst)
  if (lesser.length === 0) return undefined
  const fits = () => allows(prepareFilters(pod, cluster, profile), slot)
  for (const other of lesser) table.removePod(node, other.uid)
  const victims: PodInfo[] = []
  const possible = fits()
  for (const other of lesser) {
    table.addPod(node, other)
    if (!possible || fits()) continue
    table.removePod(node, other.uid)
    victims.push(other)
  }
  for (const victim of victims) table.addPod(node, victim)
  return possible && victims.length > 0 ? victims : undefined
}

const startedAt = (info: PodInfo) => info.pod.status?.startTime ?? info.pod.metadata.creationTimestamp ?? ''

/** By priority, among equals whoever runs longer. */
const moreImportantFirst = (left: PodInfo, right: PodInfo) =>
  right.priority - left.priority || startedAt(left).localeCompare(startedAt(right))

/** Upstream's order: the least important highest victim, the smallest sum of priorities, the fewest, the youngest. */
function compareCandidates(left: Preemption, right: Preemption): number {
  const highest = (candidate: Preemption) => Math.max(...candidate.victims.map(victim => victim.priority))
  const sum = (candidate: Preemption) => candidate.victims.reduce((total, victim) => total + victim.priority + 2 ** 31, 0)
  const earliest = (candidate: Preemption) => candidate.victims.map(startedAt).sort()[0] ?? ''
  return (
    highest(left) - highest(right) ||
    sum(left) - sum(right) ||
    left.victims.length - right.victims.length ||
    earliest(right).localeCompare(earliest(left))
  )
}
