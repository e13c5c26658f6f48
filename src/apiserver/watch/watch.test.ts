import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { configMapKind } from '../../apis/index.ts'
import { createLogger, createMetrics, systemClock } from '../../base/index.ts'
import { openStorage, type Storage } from '../../storage/index.ts'
import { startDevServer } from '../dev.test-support.ts'
import { sender } from '../https-connection.test-support.ts'
import { limits } from '../limits.ts'
import { createResourceCatalog } from '../resources.ts'
import type { BodySink } from '../types.ts'
import { createBookmarks } from './bookmarks.ts'
import type { WatchFrames } from './frames.ts'
import { openWatch } from './open-watch.ts'
import { pushedWatch } from './pushed-watch.ts'
import { createSharedItems } from './shared-items.ts'

const configMaps = { group: '', version: 'v1', resource: 'configmaps' }
const logger = createLogger({ clock: systemClock(), level: 'error', write: line => void process.stderr.write(line) })
const options = { clock: systemClock(), logger, metrics: createMetrics(), clusterId: 'watch' }

describe('a watch whose client is slow', () => {
  let storage: Storage
  before(async () => {
    storage = await openStorage(options)
  })
  after(() => storage.close())

  const put = (count: number) =>
    storage.commit(
      [],
      Array.from({ length: count }, (_, index) => ({
        type: 'put' as const,
        key: `/registry/core/configmaps/d/${index}`,
        value: Buffer.from('{}'),
      })),
      { user: '', userAgent: '' },
    )

  const oneByOne: WatchFrames = {
    contentType: 'text/plain',
    encode: ({ type }) => Buffer.from(`${type.padEnd(4000)}\n`),
    encodeShared: () => undefined,
  }

  async function start(reads = false, frames = oneByOne) {
    const resource = createResourceCatalog([configMapKind] as never).find('', 'v1', 'configmaps')
    assert.ok(resource)
    const context = { storage, clock: options.clock, signal: new AbortController().signal, sharedItems: createSharedItems() }
    const watch = await openWatch(context, resource, '', { resourceVersion: String(storage.committed.revision) })
    const bookmarks = createBookmarks(storage, options.clock)
    const sent: Uint8Array[] = []
    let unsent = 0
    let bytes = 0
    let drained: (() => void) | undefined
    let ended = false
    const errors: string[] = []
    const sink: BodySink = {
      write(chunk) {
        sent.push(chunk)
        bytes += chunk.length
        if (!reads) unsent += chunk.length
      },
      get unsent() {
        return unsent
      },
      onDrain(listener) {
        drained = listener
      },
      cut: () => undefined,
      end() {
        ended = true
      },
    }
    const body = pushedWatch({
      watch,
      frames,
      bookmarks,
      clock: options.clock,
      signal: new AbortController().signal,
      timeout_ms: 60_000,
      onError: error => void errors.push(String(error)),
    })
    const stop = body.start(sink)
    return {
      lines: () =>
        Buffer.concat(sent)
          .toString()
          .split('\n')
          .filter(Boolean)
          .map(line => line.trim()),
      sent,
      bytes: () => bytes,
      drain() {
        unsent = 0
        drained?.()
      },
      ended: () => ended,
      errors,
      stop() {
        stop()
        bookmarks.close()
      },
    }
  }

  it('is sent no more than it takes, and then everything', async () => {
    const slow = await start()
    await put(500)
    const first = slow.lines().length
    assert.ok(first > 0 && first < 500, `${first} sent before the client took any`)
    for (let round = 0; round < 40 && slow.lines().length < 500; round++) slow.drain()
    assert.deepEqual(slow.lines(), Array(500).fill('ADDED'))
    slow.stop()
  })

  it('holds bounded bytes where a thousand do not read, and keeps nothing from those who do', async () => {
    const stuck = await Promise.all(Array.from({ length: 1000 }, () => start()))
    const reading = await start(true)
    for (let round = 0; round < 100; round++) await put(1)
    assert.equal(reading.lines().length, 100)
    for (const one of stuck) assert.ok(one.bytes() <= limits.unsentWatchBytes + 4001, `${one.bytes()} bytes for one that does not read`)
    for (const one of [...stuck, reading]) one.stop()
  })

  it('is sent what all others are, in the bytes that were made once; a slow one what it missed, piece by piece', async () => {
    let joins = 0
    const shared: WatchFrames = {
      ...oneByOne,
      encodeShared(items) {
        joins++
        return Buffer.from(items.map(({ type }) => `${type} together\n`).join(''))
      },
    }
    const slow = await start(false, shared)
    const quick = await start(true, shared)
    await put(3)
    await put(2)
    assert.deepEqual(quick.lines(), Array(5).fill('MODIFIED together'))
    assert.equal(quick.sent.length, 2)
    assert.deepEqual(slow.lines(), [...Array(3).fill('MODIFIED together'), ...Array(2).fill('MODIFIED')])
    slow.drain()
    await put(1)
    assert.deepEqual([slow.lines().at(-1), joins], ['MODIFIED together', 5])
    for (const one of [slow, quick]) one.stop()
  })

  it('ends alone when what it is told can not be encoded, at once or later', async () => {
    let broken = true
    const frames: WatchFrames = {
      ...oneByOne,
      encode(item) {
        if (broken && item.type !== 'ERROR') throw new Error('no such form')
        return oneByOne.encode(item)
      },
    }
    const other = await start(true)
    const atOnce = await start(true, frames)
    await put(1)
    broken = false
    const later = await start(false, frames)
    await put(100)
    broken = true
    later.drain()
    for (const one of [atOnce, later]) {
      assert.deepEqual([one.lines().at(-1), one.ended(), one.errors], ['ERROR', true, ['Error: no such form']])
    }
    assert.deepEqual([other.lines().length, other.ended(), other.errors], [101, false, []])
    other.stop()
  })

  it('ends with an error when it falls too far behind', async () => {
    const stuck = await start()
    await put(limits.heldEvents + 500)
    await put(1)
    assert.equal(stuck.lines().at(-1), 'ERROR')
    assert.ok(stuck.ended())
    stuck.stop()
  })
})

describe('views in process', () => {
  it('show committed objects, shared and frozen, and tell of changes in order', async () => {
    const dev = await startDevServer()
    try {
      const api = dev.server.connect({ name: 'system:serviceaccount:kube-system:tester', groups: [] })
      const view = api.view?.(configMaps)
      assert.ok(view)
      const told: string[] = []
      const stop = view.subscribe(
        ({ old, new: current }) => void told.push(`${old?.metadata.name ?? '-'}>${current?.metadata.name ?? '-'}`),
      )
      const body = { metadata: { name: 'a' }, data: { key: 'value' } }
      const call = { resource: configMaps, namespace: 'default', name: 'a' }
      await api.call({ ...call, verb: 'create', name: undefined, body })
      body.data.key = 'changed by its caller afterwards'
      const read = view.get('default', 'a') as KubernetesObject & { data: { key: string } }
      assert.equal(read.data.key, 'value')
      assert.equal(view.get('default', 'a'), read, 'one object for all readers')
      assert.equal(await api.call({ ...call, verb: 'get' }), read)
      assert.equal(read.metadata.managedFields, undefined)
      assert.throws(() => Object.assign(read.data, { key: 'x' }), TypeError)
      assert.deepEqual(JSON.parse(JSON.stringify(read)), read)
      await api.call({ ...call, verb: 'patch', patchType: 'merge', body: { data: { key: 'new' } } })
      await api.call({ ...call, verb: 'delete' })
      assert.deepEqual(told, ['->a', 'a>a', 'a>-'])
      stop()
      await api.close()
    } finally {
      await dev.close()
    }
  })

  it('are refused to those who may not list', async () => {
    const dev = await startDevServer({ authorizer: { authorize: (_user, { verb }) => ({ allowed: verb === 'get', reason: 'so' }) } })
    try {
      const api = dev.server.connect({ name: 'nobody', groups: [] })
      assert.throws(
        () => api.view?.(configMaps),
        /configmaps is forbidden: User "nobody" cannot list resource "configmaps" in API group "" at the cluster scope: so/,
      )
      await assert.rejects(
        api.call({ verb: 'create', resource: configMaps, namespace: 'a', body: { metadata: { name: 'x' } } }),
        /^StatusError: configmaps is forbidden: User "nobody" cannot create resource "configmaps" in API group "" in the namespace "a": so$/,
      )
      const { status, text } = await sender(dev.url)('POST', '/version')
      assert.equal(status, 403)
      assert.equal(JSON.parse(text).message, 'forbidden: User "dev" cannot post path "/version": so')
    } finally {
      await dev.close()
    }
  })
})

describe('history that is gone', () => {
  it('ends watches and lists with 410, and a list can go on inconsistently', async () => {
    const storage = await openStorage({ ...options, metrics: createMetrics(), clusterId: 'gone' })
    const dev = await startDevServer({ storage })
    try {
      const api = dev.server.connect({ name: 'x', groups: [] })
      const call = { resource: configMaps, namespace: 'default' }
      for (const name of ['a', 'b', 'c']) await api.call({ ...call, verb: 'create', body: { metadata: { name } } })
      const first = (await api.call({ ...call, verb: 'list', options: { limit: 1 } })).metadata as {
        continue?: string
        resourceVersion?: string
      }
      for (let round = 0; round < 3; round++) {
        await api.call({ ...call, verb: 'patch', name: 'a', patchType: 'merge', body: { data: { round: String(round) } } })
      }
      await storage.compact(storage.committed.revision)
      const send = sender(dev.url)
      const path = '/api/v1/namespaces/default/configmaps'
      const expired = await send('GET', `${path}?limit=1&continue=${first.continue}`)
      const status = JSON.parse(expired.text)
      assert.deepEqual([expired.status, status.reason], [410, 'Expired'])
      const rest = JSON.parse((await send('GET', `${path}?continue=${status.metadata.continue}`)).text)
      assert.deepEqual(
        rest.items.map((item: KubernetesObject) => item.metadata.name),
        ['b', 'c'],
      )
      const watched = await send('GET', `${path}?watch=true&resourceVersion=1&timeoutSeconds=5`)
      const event = JSON.parse(watched.text.trim())
      assert.deepEqual([watched.status, event.type, event.object.code, event.object.reason], [200, 'ERROR', 410, 'Expired'])
      const exact = await send('GET', `${path}?resourceVersion=1&resourceVersionMatch=Exact`)
      assert.deepEqual([exact.status, JSON.parse(exact.text).reason], [410, 'Expired'])
    } finally {
      await dev.close()
      await storage.close()
    }
  })
})
