import { type Clock, sleep } from '../../../base/index.ts'
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
  const ended = new AbortController()
  const ready = createQueue<RuntimeEvent>()
  const stream = source.grpc.serverStream(
    '/containerd.services.events.v1.Events/Subscribe',
    subscribeRequest.encode({ filters }),
    AbortSignal.any([signal, ended.signal]),
  )
  const pump = async () => {
    for await (const bytes of stream) {
      const event = readEvent(envelope.decode(bytes))
      if (!event) continue
      // A container that ended must not hold up the events of others.
      if (event.type === 'stopped') void settled(source, event.containerId, ended.signal).then(() => ready.push(event))
      else ready.push(event)
    }
  }
  pump().then(ready.end, ready.fail)
  try {
    yield* ready.read()
  } finally {
    ended.abort()
  }
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

interface Queue<T> {
  push(item: T): void
  end(): void
  fail(error: unknown): void
  read(): AsyncGenerator<T, void, undefined>
}

/** One reader, many writers. Hints are small and their reader only marks a pod as due, so it holds all of them. */
function createQueue<T>(): Queue<T> {
  let items: T[] = []
  let outcome: { readonly error?: unknown } | undefined
  let wake = () => {}
  return {
    push(item) {
      items.push(item)
      wake()
    },
    end() {
      outcome = {}
      wake()
    },
    fail(error) {
      outcome = { error }
      wake()
    },
    async *read() {
      while (true) {
        const batch = items
        items = []
        yield* batch
        if (items.length) continue
        if (outcome?.error) throw outcome.error
        if (outcome) return
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
  }
}
