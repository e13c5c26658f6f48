import { type Clock, sleep } from '../../../base/index.ts'
import { eventQueue } from '../event-queue.ts'
import type { ContainerStatus, RuntimeEvent } from '../types.ts'
import { containerEvent, envelope, subscribeRequest, taskDelete, taskEvent } from './event-messages.ts'
import type { GrpcClient } from './grpc.ts'
import type { Decoded } from './protobuf.ts'

export interface EventSource {
  readonly grpc: GrpcClient
  readonly clock: Clock
  readonly containerStatus: (id: string) => Promise<ContainerStatus | undefined>
}

const filters = ['namespace==k8s.io,topic~="^/tasks/(create|start|delete|oom)$"', 'namespace==k8s.io,topic=="/containers/delete"']

/** containerd publishes the deletion of a task before its CRI plugin has written down the exit code; so long we wait. */
const settle_ms = [2, 5, 10, 20, 50, 100, 200]

/**
 * containerd's events as the kubelet's hints. The iteration fails with `Unavailable` when containerd goes away: the
 * reader subscribes again and, since events were missed, lists.
 */
export async function* subscribeEvents(source: EventSource, signal: AbortSignal): AsyncGenerator<RuntimeEvent, void, undefined> {
  const stop = new AbortController()
  const open = AbortSignal.any([signal, stop.signal])
  const events = eventQueue<RuntimeEvent>(open)
  let failure: unknown
  const receive = async () => {
    const request = subscribeRequest.encode({ filters })
    for await (const bytes of source.grpc.serverStream('/containerd.services.events.v1.Events/Subscribe', request, open)) {
      const event = readEvent(envelope.decode(bytes))
      if (!event) continue
      // A container that ended must not hold up the events of others.
      if (event.type === 'stopped') void settled(source, event.containerId, open).then(() => events.push(event))
      else events.push(event)
    }
  }
  receive()
    .catch(error => {
      failure = error
    })
    .finally(events.end)
  try {
    yield* events
  } finally {
    stop.abort()
  }
  if (failure) throw failure
}

/** Resolves when the CRI plugin shows the container as ended, or knows it no more, or the time for it is over. */
async function settled(source: EventSource, id: string, signal: AbortSignal): Promise<void> {
  for (const delay_ms of settle_ms) {
    try {
      const status = await source.containerStatus(id)
      if (status?.state !== 'running') return
      await sleep(source.clock, delay_ms, signal)
    } catch {
      // Whatever is wrong now, the hint is due: its reader asks for the state and sees the error itself.
      return
    }
  }
}

function readEvent({ topic, event }: Decoded<typeof envelope>): RuntimeEvent | undefined {
  if (!event) return undefined
  switch (topic) {
    case '/tasks/create':
      return { type: 'created', containerId: taskEvent.decode(event.value).containerId }
    case '/tasks/start':
      return { type: 'started', containerId: taskEvent.decode(event.value).containerId }
    case '/tasks/oom':
      return { type: 'oom', containerId: taskEvent.decode(event.value).containerId }
    case '/tasks/delete': {
      const { containerId, id } = taskDelete.decode(event.value)
      return id && id !== containerId ? undefined : { type: 'stopped', containerId }
    }
    case '/containers/delete':
      return { type: 'deleted', containerId: containerEvent.decode(event.value).id }
    default:
      return undefined
  }
}
