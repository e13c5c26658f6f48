import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { podKind } from '../apis/core/pod.ts'
import { type Clock, formatTime } from '../base/clock.ts'
import type { Client, EventRecorder } from '../client/types.ts'
import type { PodInfo } from './pod-info.ts'

export interface FailureTools {
  readonly client: Client
  readonly events: EventRecorder
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface Failure {
  readonly reason: 'Unschedulable' | 'SchedulerError'
  readonly message: string
  /** The node on which room is being made, '' to take an older promise back, undefined to leave it as it is. */
  readonly nominatedNode?: string
}

/** Says on the pod why it waits, as a condition and as an Event; a condition that says so already is not written again. */
export async function reportFailure(info: PodInfo, failure: Failure, tools: FailureTools): Promise<void> {
  const { events, clock } = tools
  const { metadata, status } = info.pod
  const { reason, message } = failure
  events.record(info.pod, podKind, 'Warning', 'FailedScheduling', message, { action: 'Scheduling' })
  const known = status?.conditions?.find(condition => condition.type === 'PodScheduled')
  const saysSo = known?.status === 'False' && known.reason === reason && known.message === message
  const promise = nominatedNodePatch(failure.nominatedNode, status?.nominatedNodeName)
  if (saysSo && promise === undefined) return
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : formatTime(clock.now()),
    ...(metadata.generation && { observedGeneration: metadata.generation }),
  }
  const body = { metadata: { uid: info.uid }, status: { conditions: [condition], ...promise } }
  await patchStatus(info, body, tools)
}

/** Takes back the promise of a node that a more important pod needs. */
export const clearNomination = (info: PodInfo, tools: FailureTools): Promise<void> =>
  patchStatus(info, { metadata: { uid: info.uid }, status: { nominatedNodeName: null } }, tools)

function nominatedNodePatch(wanted: string | undefined, known = ''): { readonly nominatedNodeName: string | null } | undefined {
  return wanted === undefined || wanted === known ? undefined : { nominatedNodeName: wanted || null }
}

async function patchStatus(info: PodInfo, body: object, { client, signal }: FailureTools): Promise<void> {
  const { namespace, name = '' } = info.pod.metadata
  try {
    await client.patch(podKind, namespace, name, { type: 'strategic', body }, { subresource: 'status', signal })
  } catch (error) {
    // The pod is gone, or another one has its name: nobody asks why this one waits.
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
