/**
 * The embedded store by itself: writes a second with 1, 64 and 256 writers, a list of 10,000, fan-out to 1,000 watchers,
 * and a start with 50,000 objects. `node bench/storage.ts [directory]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics, silentLogger, systemClock } from '../src/base/index.ts'
import { openStorage, type Storage } from '../src/storage/index.ts'

const clock = systemClock()
const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'proa-bench-'))
const actor = { user: 'system:bench', userAgent: 'bench/storage' }
const value = new Uint8Array(1024).fill(1)
const open = () => openStorage({ directory, clusterId: 'bench', clock, logger: silentLogger, metrics: createMetrics() })

async function timed(run: () => Promise<void> | void): Promise<number> {
  const start = clock.monotonic()
  await run()
  return clock.monotonic() - start
}

async function write(storage: Storage, writers: number, total: number, keyOf: (index: number) => string): Promise<void> {
  let next = 0
  const writeOn = async () => {
    while (next < total) await storage.commit([], [{ type: 'put', key: keyOf(next++), value }], actor)
  }
  await Promise.all(Array.from({ length: writers }, writeOn))
}

const podKey = (index: number) => `/registry/core/pods/namespace-${index % 50}/pod-${index}`
const report = (what: string, figure: string) => console.log(`${what.padEnd(44)} ${figure}`)

try {
  let storage = await open()
  for (const writers of [1, 64, 256]) {
    const total = writers === 1 ? 2000 : 30_000
    const elapsed_ms = await timed(() => write(storage, writers, total, podKey))
    report(`writes of 1 KiB, ${writers} writers`, `${Math.round((total / elapsed_ms) * 1000)} per second`)
  }
  await write(storage, 256, 10_000, index => `/registry/core/configmaps/default/name-${index}`)
  const lists_ms = await timed(() => {
    for (let round = 0; round < 100; round++) storage.committed.list('/registry/core/configmaps/')
  })
  report('list of 10,000', `${(lists_ms / 100).toFixed(3)} ms`)

  let delivered = 0
  for (let index = 0; index < 1000; index++) {
    storage.watch(`/registry/core/pods/${index < 500 ? '' : `namespace-${index % 50}/`}`, storage.committed.revision, events => {
      delivered += events.length
    })
  }
  const watched_ms = await timed(() => write(storage, 64, 10_000, podKey))
  report('writes with 1,000 watchers, 64 writers', `${Math.round((10_000 / watched_ms) * 1000)} per second, ${delivered} deliveries`)
  await write(storage, 256, 10_000, index => `/registry/core/secrets/default/name-${index}`)
  await storage.close()
  const start_ms = await timed(async () => {
    storage = await open()
  })
  report(`start with ${storage.committed.count('')} objects`, `${start_ms.toFixed(0)} ms`)
  await storage.close()
} finally {
  if (!process.argv[2]) rmSync(directory, { recursive: true, force: true })
}
