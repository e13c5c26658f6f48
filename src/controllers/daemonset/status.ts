import type { DaemonSet, DaemonSetStatus } from '../../apis/apps/daemon-set.ts'
import type { Node } from '../../apis/core/node.ts'
import { isPodReady } from '../../apis/core/pod/status-text.ts'
import { untilAvailable } from '../pod-control.ts'
import { verdictsOf } from './nodes.ts'
import type { PodsByNode } from './plan.ts'
import { hashLabel } from './pods.ts'

/** The status that follows from nodes and pods; the very same value when nothing changed. */
export function daemonSetStatus(
  set: DaemonSet,
  nodes: readonly Node[],
  pods: PodsByNode,
  revision: { readonly hash: string; readonly collisionCount: number },
  now_ms: number,
): DaemonSetStatus {
  let [desired, current, misscheduled, ready, available, updated] = [0, 0, 0, 0, 0, 0]
  const verdictFor = verdictsOf(set)
  for (const node of nodes) {
    const [pod] = pods.get(node.metadata.name as string) ?? []
    if (!verdictFor(node).run) {
      if (pod) misscheduled++
      continue
    }
    desired++
    if (pod === undefined) continue
    current++
    if (isPodReady(pod)) ready++
    if (untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now_ms) === 0) available++
    if (pod.metadata.labels?.[hashLabel] === revision.hash) updated++
  }
  const counts = {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 0,
    updatedNumberScheduled: updated,
    numberAvailable: available,
    numberUnavailable: desired - available,
    collisionCount: revision.collisionCount,
  }
  const old = set.status
  const same = Object.entries(counts).every(([field, count]) => (old?.[field as keyof typeof counts] ?? 0) === count)
  return same && old ? old : { ...counts, ...(old?.conditions && { conditions: old.conditions }) }
}
