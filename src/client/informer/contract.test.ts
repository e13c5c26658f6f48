import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApiConnection } from '../../apimachinery/connection.ts'
import { configMapKind } from '../../apis/core/config-map.ts'
import { createLogger, seededRandom, silentLogger, systemClock } from '../../base/index.ts'
import { createClient } from '../client.ts'
import { httpsConnection } from '../https/index.ts'
import { serveOverHttp } from '../testing/api-over-http.ts'
import { createFakeApi, type FakeApi } from '../testing/fake-api.ts'
import { createManualClock } from '../testing/manual-clock.ts'

/** What every way of following a resource must do; each way brings a connection to a fresh server. */
const ways: Record<string, (api: FakeApi) => Promise<{ connection: ApiConnection; close: () => Promise<void> }>> = {
  'a view in process': async api => ({ connection: api.connect({ views: true }), close: async () => {} }),
  'list and watch': async api => ({ connection: api.connect({ views: false }), close: async () => {} }),
  'list and watch over h2': async api => {
    const server = await serveOverHttp(api.connect({ views: false }))
    return { connection: httpsConnection({ server: server.url, clock: systemClock(), random: seededRandom(1) }), close: server.close }
  },
}

const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}, namespace = 'default') => ({
  metadata: { name, namespace, labels },
  data,
})

async function withClient(api: FakeApi, way: (typeof ways)[string], run: (client: ReturnType<typeof createClient>) => Promise<void>) {
  const { connection, close } = await way(api)
  const client = createClient({ connection, clock: systemClock(), random: seededRandom(1), logger: silentLogger })
  try {
    await run(client)
  } finally {
    await client.close()
    await close()
  }
}

for (const [name, way] of Object.entries(ways)) {
  describe(`informer by ${name}`, () => {
    test('knows what is there, follows what changes, and passes on each change once', () =>
      withClient(createFakeApi(), way, async client => {
        await client.create(configMapKind, configMap('a', { v: '1' }))
        const informer = client.informer(configMapKind)
        await informer.synced
        assert.equal(informer.isSynced, true)
        assert.equal(informer.get('default', 'a')?.data?.v, '1')
        const seen: string[] = []
        informer.onChange((old, current) => seen.push(`${old?.data?.v ?? '-'} to ${current?.data?.v ?? '-'}`))
        const updated = await client.patch(configMapKind, 'default', 'a', { type: 'merge', body: { data: { v: '2' } } })
        await informer.reached(updated.metadata.resourceVersion ?? '')
        assert.equal(informer.get('default', 'a')?.data?.v, '2')
        await client.delete(configMapKind, 'default', 'a')
        const last = await client.create(configMapKind, configMap('b', { v: '3' }))
        await informer.reached(last.metadata.resourceVersion ?? '')
        assert.deepEqual(seen, ['- to 1', '1 to 2', '2 to -', '- to 3'])
        assert.deepEqual(
          informer.list().map(one => one.metadata.name),
          ['b'],
        )
      }))

    test('follows a selection in and out', () =>
      withClient(createFakeApi(), way, async client => {
        const informer = client.informer(configMapKind, { labelSelector: 'app=web', namespace: 'default' })
        await client.create(configMapKind, configMap('in', {}, { app: 'web' }))
        await client.create(configMapKind, configMap('out', {}, { app: 'db' }))
        await client.create(configMapKind, configMap('far', {}, { app: 'web' }, 'other'))
        await informer.synced
        const seen: string[] = []
        informer.onChange((old, current) =>
          seen.push(`${old ? 'was' : 'new'} ${current ? 'is' : 'gone'} ${(current ?? old)?.metadata.name}`),
        )
        await client.patch(configMapKind, 'default', 'in', { type: 'merge', body: { metadata: { labels: { app: 'db' } } } })
        const entered = await client.patch(configMapKind, 'default', 'out', {
          type: 'merge',
          body: { metadata: { labels: { app: 'web' } } },
        })
        await informer.reached(entered.metadata.resourceVersion ?? '')
        assert.deepEqual(seen.slice(-2), ['was gone in', 'new is out'])
        assert.deepEqual(
          informer.list('default').map(one => one.metadata.name),
          ['out'],
        )
        assert.deepEqual(informer.list('other'), [])
        assert.equal(informer.get('default', 'in'), undefined)
      }))

    test('keeps indexes in step', () =>
      withClient(createFakeApi(), way, async client => {
        await client.create(configMapKind, configMap('a', { owner: 'x' }))
        const informer = client.informer(configMapKind)
        await informer.synced
        informer.addIndex('owner', object => (object.data?.owner ? [object.data.owner] : []))
        informer.addIndex('owner', () => ['an index of the same name is the same index'])
        await client.create(configMapKind, configMap('b', { owner: 'x' }))
        const moved = await client.patch(configMapKind, 'default', 'a', { type: 'merge', body: { data: { owner: 'y' } } })
        await informer.reached(moved.metadata.resourceVersion ?? '')
        const names = (owner: string) => informer.byIndex('owner', owner).map(one => one.metadata.name)
        assert.deepEqual([names('x'), names('y'), names('z')], [['b'], ['a'], []])
      }))

    test('a handler that fails is logged and keeps nobody else from hearing', async () => {
      const lines: string[] = []
      const logger = createLogger({ clock: systemClock(), write: line => lines.push(line) })
      const { connection, close } = await way(createFakeApi())
      const client = createClient({ connection, clock: systemClock(), random: seededRandom(1), logger })
      const informer = client.informer(configMapKind)
      await informer.synced
      const seen: unknown[] = []
      informer.onChange(() => {
        throw new Error('oops')
      })
      informer.onChange((_, current) => seen.push(current?.metadata.name))
      const created = await client.create(configMapKind, configMap('a'))
      await informer.reached(created.metadata.resourceVersion ?? '')
      assert.deepEqual(seen, ['a'])
      assert.match(lines.join(''), /a handler of configmaps failed on default\/a.*oops/)
      await client.close()
      await close()
    })

    test('waiting for a version ends with its signal and with the client', () =>
      withClient(createFakeApi(), way, async client => {
        const informer = client.informer(configMapKind)
        await informer.synced
        const stop = new AbortController()
        const waiting = informer.reached('1000000', stop.signal)
        stop.abort(new Error('enough'))
        await assert.rejects(waiting, /enough/)
        const other = informer.reached('1000000')
        const ended = assert.rejects(other, /was closed/)
        await client.close()
        await ended
      }))
  })
}

describe('reflector', () => {
  const start = () => {
    const api = createFakeApi()
    const clock = createManualClock()
    const client = createClient({ connection: api.connect({ views: false }), clock, random: seededRandom(1), logger: silentLogger })
    return { api, clock, client, lists: () => api.calls.filter(call => call.verb === 'list').length }
  }

  test('goes on where it was when a watch ends, without listing again', async () => {
    const { api, clock, client, lists } = start()
    const informer = client.informer(configMapKind)
    await informer.synced
    await clock.advance(0)
    api.breakWatches()
    await client.create(configMapKind, configMap('a'))
    await clock.advance(5000)
    assert.equal(informer.get('default', 'a')?.metadata.name, 'a')
    assert.equal(lists(), 1)
    assert.equal(api.calls.filter(call => call.verb === 'watch').length, 2)
    await client.close()
  })

  test('lists again when the server has forgotten, and tells of what went meanwhile', async () => {
    const { api, clock, client, lists } = start()
    await client.create(configMapKind, configMap('gone'))
    const informer = client.informer(configMapKind)
    await informer.synced
    const seen: string[] = []
    informer.onChange((old, current) => seen.push(`${old?.metadata.name ?? '-'} ${current?.metadata.name ?? '-'}`))
    await clock.advance(0)
    api.breakWatches()
    await client.delete(configMapKind, 'default', 'gone')
    await client.create(configMapKind, configMap('new'))
    api.compact()
    await clock.advance(60_000)
    assert.equal(lists(), 2)
    assert.deepEqual(seen, ['- gone', 'gone -', '- new'])
    await client.close()
  })

  test('tries again with growing pauses while the server fails', async () => {
    const { api, clock, client, lists } = start()
    api.intercept = () => {
      throw new Error('down')
    }
    const informer = client.informer(configMapKind)
    await clock.advance(120_000)
    const tries = lists()
    assert.ok(tries >= 4 && tries <= 12, `${tries} tries in two minutes`)
    api.intercept = undefined
    await clock.advance(60_000)
    assert.equal(informer.isSynced, true)
    await client.close()
  })

  test('follows pages', async () => {
    const { client } = start()
    for (let index = 0; index < 1203; index++) await client.create(configMapKind, configMap(`c${index}`))
    const informer = client.informer(configMapKind)
    await informer.synced
    assert.equal(informer.list().length, 1203)
    await client.close()
  })
})
