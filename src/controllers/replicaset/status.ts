import type { ReplicaSetCondition, ReplicaSetStatus } from '../../apis/apps/replica-set.ts'
import { isPodReady, isPodTerminal } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { formatTime } from '../../base/clock.ts'
import { isPodActive, untilAvailable } from '../pod-control.ts'
import type { Replicated, ScaleFailure } from './index.ts'

/** The status that follows from the pods; the very same value when nothing changed. */
export function statusOfReplicas(
  owner: Replicated,
  pods: readonly Pod[],
  failure: ScaleFailure | undefined,
  countsTerminating: boolean,
  now_ms: number,
): ReplicaSetStatus {
  const active = pods.filter(isPodActive)
  const minReadySeconds = owner.spec?.minReadySeconds ?? 0
  const templateLabels = Object.entries(owner.spec?.template?.metadata?.labels ?? {})
  const counts = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(pod => templateLabels.every(([label, value]) => pod.metadata.labels?.[label] === value)).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter(pod => untilAvailable(pod, minReadySeconds, now_ms) === 0).length,
    ...(countsTerminating && { terminatingReplicas: pods.filter(pod => pod.metadata.deletionTimestamp && !isPodTerminal(pod)).length }),
    observedGeneration: owner.metadata.generation ?? 0,
  }
  const conditions = conditionsOf(owner, failure, formatTime(now_ms))
  const old = owner.status
  const same =
    Object.entries(counts).every(([field, count]) => (old?.[field as keyof typeof counts] ?? 0) === count) &&
    conditions === (old?.conditions ?? none)
  return same && old ? old : { ...counts, ...(conditions.length && { conditions }) }
}

const none: readonly ReplicaSetCondition[] = []

function conditionsOf(owner: Replicated, failure: ScaleFailure | undefined, now: string): readonly ReplicaSetCondition[] {
  const old = owner.status?.conditions ?? none
  const known = old.find(condition => condition.type === 'ReplicaFailure')
  if (!failure) return known ? old.filter(condition => condition !== known) : old
  // The first failure counts until it is over, so that the condition does not change with every try.
  if (known) return old
  const message = (failure.error as Error).message
  return [...old, { type: 'ReplicaFailure', status: 'True', reason: failure.reason, message, lastTransitionTime: now }]
}

/** When the next ready pod will count as available, or undefined when none is waiting. */
export function soonestAvailable(owner: Replicated, pods: readonly Pod[], now_ms: number): number | undefined {
  const minReadySeconds = owner.spec?.minReadySeconds ?? 0
  const waits = pods
    .filter(isPodActive)
    .map(pod => untilAvailable(pod, minReadySeconds, now_ms) ?? 0)
    .filter(wait => wait > 0)
  return waits.length ? Math.min(...waits) : undefined
}
