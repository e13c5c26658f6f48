import type { Clock } from '../../src/base/index.ts'
import { type Api, expectObject, lineReader } from './api.ts'

/** When each pod of a namespace reached a state that somebody waits for. */
export interface PodWatch {
  /** The time at which all its containers ran and were ready. */
  running(name: string): Promise<number>
  succeeded(name: string): Promise<number>
  gone(name: string): Promise<number>
  close(): void
}

type State = 'running' | 'succeeded' | 'gone'

interface PodEvent {
  readonly type: string
  readonly object: {
    readonly metadata: { readonly name: string }
    readonly status?: { readonly phase?: string; readonly containerStatuses?: readonly { readonly ready: boolean }[] }
  }
}

/** A pod that takes longer than this has failed the benchmark. */
const limit_ms = 180_000

export async function watchPods(api: Api, clock: Clock, namespace: string): Promise<PodWatch> {
  const path = `/api/v1/namespaces/${namespace}/pods`
  const { metadata } = await expectObject<{ metadata: { resourceVersion: string } }>(`list ${path}`, api.send('GET', path))
  const session = await api.openSession()
  const times = new Map<string, number>()
  const waiting = new Map<string, (time: number) => void>()
  const reach = (state: State, name: string) => {
    const key = `${state}/${name}`
    if (times.has(key)) return
    const now = clock.monotonic()
    times.set(key, now)
    waiting.get(key)?.(now)
  }
  const onChunk = lineReader(line => {
    const { type, object } = JSON.parse(line) as PodEvent
    const { name } = object.metadata
    const { phase, containerStatuses = [] } = object.status ?? {}
    if (type === 'DELETED') reach('gone', name)
    else if (phase === 'Succeeded') reach('succeeded', name)
    else if (phase === 'Running' && containerStatuses.every(container => container.ready)) reach('running', name)
  })
  const stop = api.watch(session, `${path}?watch=true&resourceVersion=${metadata.resourceVersion}`, { onStatus: () => {}, onChunk })
  const wait = (state: State) => (name: string) =>
    new Promise<number>((resolve, reject) => {
      const key = `${state}/${name}`
      const time = times.get(key)
      if (time !== undefined) return resolve(time)
      const timer = clock.setTimer(limit_ms, () => reject(new Error(`wait for pod ${name} to be ${state}: not after ${limit_ms / 1000} s`)))
      waiting.set(key, reached => {
        timer.cancel()
        resolve(reached)
      })
    })
  return {
    running: wait('running'),
    succeeded: wait('succeeded'),
    gone: wait('gone'),
    close() {
      stop()
      session.destroy()
    },
  }
}
