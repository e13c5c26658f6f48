import type { StatefulSet, StatefulSetStatus } from '../../apis/apps/stateful-set.ts'
import { isPodReady } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { untilAvailable } from '../pod-control.ts'
import { revisionOfPod } from './identity.ts'

export interface Revisions {
  readonly current: string
  readonly update: string
  readonly collisionCount: number
}

/** The status that follows from the pods; the very same value when nothing changed. */
export function statefulSetStatus(set: StatefulSet, pods: readonly Pod[], revisions: Revisions, now_ms: number): StatefulSetStatus {
  const wanted = set.spec?.replicas ?? 1
  const running = pods.filter(pod => pod.status?.phase === 'Running' && isPodReady(pod))
  const staying = pods.filter(pod => !pod.metadata.deletionTimestamp)
  const ofRevision = (revision: string): number => staying.filter(pod => revisionOfPod(pod) === revision).length
  const updatedReplicas = ofRevision(revisions.update)
  const counts = {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: running.length,
    availableReplicas: running.filter(pod => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now_ms) === 0).length,
  }
  const isDone =
    set.spec?.updateStrategy?.type === 'RollingUpdate' && updatedReplicas === wanted && running.length === wanted && pods.length === wanted
  const currentRevision = isDone ? revisions.update : revisions.current
  const status: StatefulSetStatus = {
    ...counts,
    currentReplicas: isDone ? updatedReplicas : ofRevision(currentRevision),
    updatedReplicas,
    currentRevision,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount,
    ...(set.status?.conditions && { conditions: set.status.conditions }),
  }
  const old = set.status as Readonly<Record<string, unknown>> | undefined
  const same = Object.entries(status).every(([field, value]) => field === 'conditions' || (old?.[field] ?? 0) === value)
  return same && set.status ? set.status : status
}

/** When the next ready pod will count as available, or undefined when none is waiting. */
export function soonestAvailable(set: StatefulSet, pods: readonly Pod[], now_ms: number): number | undefined {
  const waits = pods.map(pod => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now_ms) ?? 0).filter(wait => wait > 0)
  return waits.length ? Math.min(...waits) : undefined
}
