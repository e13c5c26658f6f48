import { isNotFound } from '../apimachinery/api-errors.ts'
import { podKind } from '../apis/core/pod.ts'
import { type Clock, formatTime } from '../base/clock.ts'
import type { Client, EventRecorder } from '../client/types.ts'
import type { PodInfo } from './pod-info.ts'

export interface FailureTools {
  readonly client: Client
  readonly events: EventRecorder
  readonly clock: Clock
}

/** Says on the pod why it waits, as a condition and as an Event; a condition that says so already is not written again. */
export async function reportUnschedulable(
  info: PodInfo,
  message: string,
  nominatedNode: string | undefined,
  tools: FailureTools,
): Promise<void> {
  const { client, events, clock } = tools
  const { pod } = info
  events.record(pod, podKind, 'Warning', 'FailedScheduling', message, { action: 'Scheduling' })
  const known = pod.status?.conditions?.find(condition => condition.type === 'PodScheduled')
  const sameCondition = known?.status === 'False' && known.reason === 'Unschedulable' && known.message === message
  if (sameCondition && (nominatedNode ?? '') === (pod.status?.nominatedNodeName ?? '')) return
  const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : formatTime(clock.now())
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastProbeTime: null, lastTransitionTime }
  const body = {
    metadata: { uid: info.uid },
    status: { conditions: [condition], ...(nominatedNode && { nominatedNodeName: nominatedNode }) },
  }
  try {
    await client.patch(podKind, pod.metadata.namespace, pod.metadata.name as string, { type: 'strategic', body }, { subresource: 'status' })
  } catch (error) {
    // The pod is gone, so nobody asks why it waits.
    if (!isNotFound(error)) throw error
  }
}
