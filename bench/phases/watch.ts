import type { ClientHttp2Session } from 'node:http2'
import { expectObject, lineReader } from '../load/api.ts'
import { type Bench, type Figures, pause } from '../load/bench.ts'
import { drive } from '../load/drive.ts'
import { collection, configMap } from '../load/objects.ts'
import { percentile, rounded } from '../load/statistics.ts'

/** 100 watchers of one collection, 500 updates in it: one by one, each waiting for the last watcher, then 16 at once. */
export async function watchUpdates(bench: Bench): Promise<void> {
  for (const concurrency of [1, 16]) {
    const path = collection(await bench.namespace(`watch${concurrency}`), 'configmaps')
    const watchers = bench.scaled(100)
    const updates = bench.scaled(500)
    await drive(bench.clock, updates, 32, index => bench.api.send('POST', path, { body: configMap(`w-${index}`) }))
    const fanOut = await openFanOut(bench, path, watchers, updates)
    const rss_with_watchers = bench.memory()
    await bench.phase(`watch_fanout_${watchers}w_c${concurrency}`, async () => ({
      ...(await runUpdates(bench, path, fanOut, updates, concurrency)),
      rss_with_watchers,
    }))
    fanOut.close()
  }
}

/** When the first and the last watcher saw each update. */
interface FanOut {
  readonly watchers: number
  readonly connected: number
  readonly events: number
  readonly bytes: number
  readonly first: Float64Array
  readonly last: Float64Array
  /** Resolves when every watcher has seen this update. */
  seenByAll(update: number): Promise<void>
  close(): void
}

const sessionCount = 4

async function openFanOut({ api, clock }: Bench, path: string, watchers: number, updates: number): Promise<FanOut> {
  const list = await expectObject<{ metadata: { resourceVersion: string } }>(`list ${path}`, api.send('GET', `${path}?limit=1`))
  const sessions = await Promise.all(Array.from({ length: sessionCount }, () => api.openSession()))
  const seen = new Int32Array(updates)
  const first = new Float64Array(updates)
  const last = new Float64Array(updates)
  const waiting = new Map<number, () => void>()
  let connected = 0
  let events = 0
  let bytes = 0
  const sawUpdate = (update: number) => {
    const now = clock.monotonic()
    events++
    if (seen[update] === 0) first[update] = now
    seen[update] = (seen[update] ?? 0) + 1
    if (seen[update] !== watchers) return
    last[update] = now
    waiting.get(update)?.()
  }
  const closers = Array.from({ length: watchers }, (_, watcher) => {
    const read = lineReader(line => {
      const update = /"seq":"u(\d+)"/.exec(line)?.[1]
      if (update !== undefined) sawUpdate(Number(update))
    })
    return api.watch(
      sessions[watcher % sessionCount] as ClientHttp2Session,
      `${path}?watch=true&resourceVersion=${list.metadata.resourceVersion}`,
      {
        onStatus: status => {
          if (status === 200) connected++
        },
        onChunk: chunk => {
          bytes += chunk.length
          read(chunk)
        },
      },
    )
  })
  const deadline = clock.monotonic() + 10_000
  while (connected < watchers && clock.monotonic() < deadline) await pause(clock, 20)
  await pause(clock, 1000)
  return {
    watchers,
    get connected() {
      return connected
    },
    get events() {
      return events
    },
    get bytes() {
      return bytes
    },
    first,
    last,
    seenByAll: update =>
      new Promise(resolve => {
        if (seen[update] === watchers) resolve()
        else waiting.set(update, resolve)
      }),
    close() {
      for (const close of closers) close()
      for (const session of sessions) session.destroy()
    },
  }
}

async function runUpdates({ api, clock }: Bench, path: string, fanOut: FanOut, updates: number, concurrency: number): Promise<Figures> {
  const start = clock.monotonic()
  const sent = new Float64Array(updates)
  const { errors } = await drive(clock, updates, concurrency, async index => {
    sent[index] = clock.monotonic()
    const reply = await api.send('PUT', `${path}/w-${index}`, { body: configMap(`w-${index}`, `u${index}`) })
    if (concurrency === 1) await Promise.race([fanOut.seenByAll(index), pause(clock, 5000)])
    return reply
  })
  const expected = updates * fanOut.watchers
  const deadline = clock.monotonic() + 6000
  while (fanOut.events < expected && clock.monotonic() < deadline) await pause(clock, 20)
  const { first, last } = fanOut
  const complete = [...sent.keys()].filter(index => (last[index] ?? 0) > 0)
  const delays = (times: Float64Array) =>
    complete.map(index => (times[index] ?? 0) - (sent[index] ?? 0)).sort((left, right) => left - right)
  return {
    watchers: fanOut.watchers,
    connected: fanOut.connected,
    updates,
    update_concurrency: concurrency,
    events: fanOut.events,
    complete: complete.length,
    last_event_p50_ms: percentile(delays(last), 0.5),
    last_event_p99_ms: percentile(delays(last), 0.99),
    first_event_p50_ms: percentile(delays(first), 0.5),
    events_per_s: rounded((fanOut.events / (Math.max(...last) - start)) * 1000, 1),
    mib: rounded(fanOut.bytes / 1024 / 1024, 1),
    ...(errors && { errors }),
  }
}
