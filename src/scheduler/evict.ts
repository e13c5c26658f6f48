import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { podKind } from '../apis/core/pod.ts'
import { formatTime } from '../base/clock.ts'
import type { FailureTools } from './failure.ts'
import type { PodInfo } from './pod-info.ts'

/** Tells the victims to go: a condition says why, then they are deleted like by anyone else, with their grace period. */
export async function evictVictims(preemptor: PodInfo, nodeName: string, victims: readonly PodInfo[], tools: FailureTools): Promise<void> {
  // Those that are leaving already have been told.
  const staying = victims.filter(victim => !victim.pod.metadata.deletionTimestamp)
  const outcomes = await Promise.allSettled(staying.map(victim => evict(victim, preemptor, nodeName, tools)))
  const errors = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  if (errors.length > 0) throw new AggregateError(errors, errors.map(error => (error as Error).message).join('; '))
}

async function evict(
  victim: PodInfo,
  preemptor: PodInfo,
  nodeName: string,
  { client, events, clock, signal }: FailureTools,
): Promise<void> {
  const { namespace, name = '', generation } = victim.pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${preemptor.pod.spec?.schedulerName}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: formatTime(clock.now()),
    ...(generation && { observedGeneration: generation }),
  }
  const body = { metadata: { uid: victim.uid }, status: { conditions: [condition] } }
  try {
    await client.patch(podKind, namespace, name, { type: 'strategic', body }, { subresource: 'status', signal })
    await client.delete(podKind, namespace, name, { preconditions: { uid: victim.uid }, signal })
  } catch (error) {
    // It left by itself, or another pod has its name by now.
    if (isNotFound(error) || isConflict(error)) return
    throw error
  }
  const message = `Preempted by pod ${preemptor.uid} on node ${nodeName}`
  events.record(victim.pod, podKind, 'Normal', 'Preempted', message, { action: 'Preempting' })
}
