import { isPodReady } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'

/**
 * Pods in the order in which a replica set gives them up, upstream's: those without a node first, then by phase,
 * readiness, the deletion cost that users set, crowded nodes, the time since they became ready, restarts and age.
 */
export function deletionOrder(pods: readonly Pod[], related: readonly Pod[]): Pod[] {
  const crowd = new Map<string, number>()
  for (const pod of related) crowd.set(pod.spec?.nodeName ?? '', (crowd.get(pod.spec?.nodeName ?? '') ?? 0) + 1)
  const keys = new Map(pods.map(pod => [pod, rankOf(pod, crowd)]))
  return [...pods].sort((left, right) => compare(keys.get(left) as number[], keys.get(right) as number[]))
}

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/** Compared number by number; the smaller goes first. */
function rankOf(pod: Pod, crowd: ReadonlyMap<string, number>): number[] {
  const ready = isPodReady(pod)
  return [
    pod.spec?.nodeName ? 1 : 0,
    phases[pod.status?.phase ?? 'Unknown'] ?? 1,
    ready ? 1 : 0,
    deletionCost(pod),
    -(crowd.get(pod.spec?.nodeName ?? '') ?? 0),
    ready ? -timeBucket(readySince(pod)) : 0,
    -restartsOf(pod),
    -timeBucket(pod.metadata.creationTimestamp),
  ]
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] as number)
    if (difference !== 0) return difference
  }
  return 0
}

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation] ?? '0'
  return /^-?(0|[1-9]\d*)$/.test(text) ? Number(text) : 0
}

const readySince = (pod: Pod): string | undefined =>
  pod.status?.conditions?.find(condition => condition.type === 'Ready')?.lastTransitionTime

const restartsOf = (pod: Pod): number => Math.max(0, ...(pod.status?.containerStatuses ?? []).map(status => status.restartCount ?? 0))

const timeBucket = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time) / 1000)
