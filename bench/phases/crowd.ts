import type { ClientHttp2Session } from 'node:http2'
import { expectObject, lineReader } from '../load/api.ts'
import { type Bench, type Figures, pause } from '../load/bench.ts'
import { collection } from '../load/objects.ts'
import { percentile } from '../load/statistics.ts'

const readerCount = 50
const stalledCount = 950
const stalledPerSession = 95
/** What HTTP/2 begins with: a client that does not read fills it soon. */
const plainWindow = { stream: 65_535, session: 65_535 }
const pace_ms = 5
const text = 'x'.repeat(4000)

/** Do watchers that read nothing delay those that do, or anybody else? The same load without and with them. */
export async function crowdOfWatchers(bench: Bench): Promise<void> {
  const { api, clock } = bench
  const other = collection(await bench.namespace('bystander'), 'configmaps')
  await expectObject('create the object of the bystander', api.send('POST', other, { body: named('seen') }))
  for (const [name, stalled] of [
    ['alone', 0],
    ['crowd', bench.scaled(stalledCount)],
  ] as const) {
    const path = collection(await bench.namespace(name), 'configmaps')
    const updates = bench.scaled(300)
    for (let index = 0; index < updates; index++) await api.send('POST', path, { body: named(`c-${index}`) })
    const closeStalled = await openStalled(bench, path, stalled)
    const readers = await openReaders(bench, path, updates)
    await pause(clock, 1000)
    await bench.phase(`watchers_${name}_${stalled}_stalled`, () => runLoad(bench, path, `${other}/seen`, updates, readers))
    readers.close()
    closeStalled()
  }
}

const named = (name: string, seq = '') => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text, seq } })

async function openStalled({ api, clock }: Bench, path: string, count: number): Promise<() => void> {
  const sessions: ClientHttp2Session[] = []
  let connected = 0
  for (let index = 0; index < count; index++) {
    if (index % stalledPerSession === 0) sessions.push(await api.openSession(plainWindow))
    api.watch(sessions.at(-1) as ClientHttp2Session, `${path}?watch=true`, {
      onStatus: status => {
        if (status === 200) connected++
      },
    })
  }
  while (connected < count) await pause(clock, 20)
  return () => {
    for (const session of sessions) session.destroy()
  }
}

interface Readers {
  /** By update, when the last reader saw it. */
  readonly last: Float64Array
  readonly seen: Int32Array
  close(): void
}

async function openReaders({ api, clock }: Bench, path: string, updates: number): Promise<Readers> {
  const list = await expectObject<{ metadata: { resourceVersion: string } }>(`list ${path}`, api.send('GET', `${path}?limit=1`))
  const session = await api.openSession()
  const last = new Float64Array(updates)
  const seen = new Int32Array(updates)
  for (let reader = 0; reader < readerCount; reader++) {
    const read = lineReader(line => {
      const update = /"seq":"u(\d+)"/.exec(line)?.[1]
      if (update === undefined) return
      seen[Number(update)] = (seen[Number(update)] ?? 0) + 1
      last[Number(update)] = clock.monotonic()
    })
    api.watch(session, `${path}?watch=true&resourceVersion=${list.metadata.resourceVersion}`, { onStatus: () => {}, onChunk: read })
  }
  return { last, seen, close: () => session.destroy() }
}

async function runLoad(
  { api, clock, memory }: Bench,
  path: string,
  bystander: string,
  updates: number,
  readers: Readers,
): Promise<Figures> {
  const sent = new Float64Array(updates)
  const updateTimes: number[] = []
  const getTimes: number[] = []
  let running = true
  const look = async () => {
    while (running) getTimes.push((await api.send('GET', bystander)).elapsed_ms)
  }
  const looking = look()
  for (let index = 0; index < updates; index++) {
    sent[index] = clock.monotonic()
    updateTimes.push((await api.send('PUT', `${path}/c-${index}`, { body: named(`c-${index}`, `u${index}`) })).elapsed_ms)
    await pause(clock, pace_ms)
  }
  await pause(clock, 1000)
  running = false
  await looking
  const eventTimes = [...sent.keys()].map(index => (readers.last[index] ?? 0) - (sent[index] ?? 0))
  const summary = (times: number[]) => {
    const sorted = times.sort((left, right) => left - right)
    return { n: sorted.length, p50_ms: percentile(sorted, 0.5), p99_ms: percentile(sorted, 0.99), max_ms: percentile(sorted, 1) }
  }
  return {
    readers: readerCount,
    complete: [...readers.seen].filter(count => count === readerCount).length,
    last_event: summary(eventTimes),
    get: summary(getTimes),
    update: summary(updateTimes),
    rss_under_load: memory(),
  }
}
