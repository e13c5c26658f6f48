import { formatTime } from '../../src/base/index.ts'
import { expectObject, lineReader } from '../load/api.ts'
import { type Bench, pause } from '../load/bench.ts'
import { drive } from '../load/drive.ts'
import { collection, node, pod } from '../load/objects.ts'
import { rounded } from '../load/statistics.ts'

export interface ScheduleLoad {
  readonly nodes: number
  readonly pods: number
  readonly concurrency: number
}

/** Nodes that are only objects, and pods that the scheduler under test binds to them. */
export async function schedulePods(bench: Bench, load: ScheduleLoad): Promise<void> {
  const { api, clock } = bench
  await bench.phase('create_nodes_c16', async () => ({ ...(await createNodes(bench, load.nodes)) }))
  await pause(clock, 2000)
  const path = collection(await bench.namespace('sched'), 'pods')
  const bound = await watchBindings(bench, path)
  await bench.phase('schedule_pods', async () => {
    const start = clock.monotonic()
    const create = (index: number) => api.send('POST', path, { body: pod(`s-${index}`, index, 'default-scheduler') })
    const created = await drive(clock, load.pods, load.concurrency, create)
    await untilStill(bench, bound.times, load.pods)
    const times = [...bound.times.values()].sort((left, right) => left - right)
    const first = times[0] ?? start
    const last = times.at(-1) ?? start
    return {
      nodes: load.nodes,
      pods: load.pods,
      create: created,
      bound: times.length,
      from_start_s: rounded((last - start) / 1000),
      bound_per_s_from_start: rounded((times.length / (last - start)) * 1000, 1),
      bound_per_s_first_to_last: rounded((times.length / (last - first)) * 1000, 1),
    }
  })
  bound.close()
  await api.send('DELETE', `${path}?gracePeriodSeconds=0`)
  await bench.phase('delete_nodes', async () => {
    const { status } = await api.send('DELETE', '/api/v1/nodes?labelSelector=type%3Dfake')
    return { status }
  })
}

/** Admission taints new nodes until they are ready; nobody looks after these, so the taint is taken off here. */
async function createNodes({ api, clock }: Bench, count: number) {
  const contentType = 'application/merge-patch+json'
  const made = (index: number) => node(index, formatTime(clock.now()))
  const result = await drive(clock, count, 16, index => api.send('POST', '/api/v1/nodes', { body: made(index) }))
  await drive(clock, count, 16, index =>
    api.send('PATCH', `/api/v1/nodes/fake-${index}/status`, { body: { status: made(index).status }, contentType }),
  )
  await drive(clock, count, 16, index =>
    api.send('PATCH', `/api/v1/nodes/fake-${index}`, { body: '{"spec":{"taints":null,"unschedulable":null}}', contentType }),
  )
  return result
}

/** When each pod got its node. Servers drop watchers that lag; the watch is then resumed where it was, as informers do. */
async function watchBindings({ api, clock }: Bench, path: string) {
  const list = await expectObject<{ metadata: { resourceVersion: string } }>(`list ${path}`, api.send('GET', `${path}?limit=1`))
  const session = await api.openSession()
  const times = new Map<string, number>()
  let revision = list.metadata.resourceVersion
  let closed = false
  let stop = () => {}
  const watch = () => {
    const onChunk = lineReader(line => {
      revision = /"resourceVersion":"(\d+)"/.exec(line)?.[1] ?? revision
      const name = line.includes('"nodeName":"') ? /"name":"([^"]+)"/.exec(line)?.[1] : undefined
      if (name !== undefined && !times.has(name)) times.set(name, clock.monotonic())
    })
    const onEnd = () => {
      if (!closed && !session.destroyed) watch()
    }
    stop = api.watch(session, `${path}?watch=true&allowWatchBookmarks=true&resourceVersion=${revision}`, {
      onStatus: () => {},
      onChunk,
      onEnd,
    })
  }
  watch()
  return {
    times,
    close() {
      closed = true
      stop()
      session.destroy()
    },
  }
}

/** Until all are bound, or none has been for a minute. */
async function untilStill({ clock }: Bench, bound: ReadonlyMap<string, number>, expected: number): Promise<void> {
  let last = bound.size
  let lastChange = clock.monotonic()
  while (bound.size < expected && clock.monotonic() - lastChange < 60_000) {
    await pause(clock, 100)
    if (bound.size === last) continue
    last = bound.size
    lastChange = clock.monotonic()
  }
}
