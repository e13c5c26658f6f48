import assert from 'node:assert/strict'
import { Agent, request as httpsRequest } from 'node:https'
import { describe, it } from 'node:test'
import { systemClock, type Timer } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { openLibraryCluster, sharedLibraryCluster } from '../support/library.ts'

/** What resource versions, continue tokens and watches promise, over HTTPS and against a model. */

const configMaps = '/api/v1/namespaces/default/configmaps'
const merge = { 'content-type': 'application/merge-patch+json' }

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

describe('consistency', async () => {
  const opened = await sharedLibraryCluster()
  const { cluster, send } = opened
  const get = async (path: string): Promise<Any> => (await send('GET', path)).json

  it('watches that break at any moment and go on miss nothing, repeat nothing and keep the order', async () => {
    const seed = systemClock().now() % 1_000_000
    const random = seededRandom(seed)
    const integer = (least: number, most: number) => least + Math.floor(random.next() * (most - least + 1))
    console.log(`seed ${seed}`)
    const start = Number((await get(configMaps)).metadata.resourceVersion)
    const writes = startWriters(240)
    const watchers = await Promise.all([
      ...Array.from({ length: 3 }, () => followed(start, '', writes.finished)),
      ...Array.from({ length: 3 }, () => followed(start, 'labelSelector=side=left', writes.finished)),
      followed(start, 'fieldSelector=metadata.name=model-1', writes.finished),
    ])
    const unbroken = await send('GET', `${configMaps}?watch=true&timeoutSeconds=1&resourceVersion=${start}`)
    const history = historyOf(unbroken.text)
    const { written, deletions } = writes.answers()
    assert.ok(history.length > 100, `seed ${seed}: only ${history.length} writes changed something`)
    assert.deepEqual(
      history.filter(({ deleted }) => !deleted).map(({ revision }) => revision),
      written,
      `seed ${seed}: the revisions that writers were told`,
    )
    assert.equal(history.filter(({ deleted }) => deleted).length, deletions, `seed ${seed}`)
    const selections: readonly ((one: Change) => boolean)[] = [() => true, one => one.side === 'left', one => one.name === 'model-1']
    const selectionOf = (index: number) => selections[index < 3 ? 0 : index < 6 ? 1 : 2] as (one: Change) => boolean
    for (const [index, { events, connections }] of watchers.entries()) {
      assert.ok(connections > 3, `seed ${seed}: watcher ${index} broke ${connections} times`)
      assert.deepEqual(events, told(history, selectionOf(index)), `seed ${seed}, watcher ${index}`)
    }

    /** Follows to the last write, over connections that end after a few events or milliseconds. */
    async function followed(from: number, query: string, finished: Promise<number>) {
      const events: string[] = []
      let last = from
      let connections = 0
      let target = Number.POSITIVE_INFINITY
      void finished.then(revision => (target = revision))
      while (last < target) {
        connections++
        const path = `${configMaps}?watch=true&allowWatchBookmarks=true&resourceVersion=${last}&${query}`
        for (const { type, object } of await someEvents(path, integer(1, 12), integer(5, 60))) {
          last = Number(object.metadata.resourceVersion)
          if (type !== 'BOOKMARK') events.push(`${type} ${object.metadata.name} ${last}`)
        }
        // A watch that nothing concerns tells no revision: the list does, if it has nothing to tell either.
        if (target !== Number.POSITIVE_INFINITY && events.length > 0) {
          const rest = await someEvents(`${configMaps}?watch=true&timeoutSeconds=1&resourceVersion=${last}&${query}`, 1000, 1500)
          events.push(...rest.map(({ type, object }) => `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`))
          return { events, connections }
        }
      }
      return { events, connections }
    }

    /** Writers that race each other; the answers tell at which revision. */
    function startWriters(count: number) {
      const revisions: number[] = []
      let deletions = 0
      const note = (answer: { readonly status: number; readonly json: Any }, deleted: boolean) => {
        if (answer.status > 201) return
        if (deleted) deletions++
        else revisions.push(Number(answer.json.metadata.resourceVersion))
      }
      const write = async () => {
        for (let index = 0; index < count / 4; index++) {
          const name = `model-${integer(0, 4)}`
          const labels = { side: integer(0, 1) ? 'left' : 'right', count: String(integer(0, 1_000_000)) }
          switch (integer(0, 3)) {
            case 0:
              note(await send('DELETE', `${configMaps}/${name}`, { body: { preconditions: {} } }), true)
              break
            case 1:
              note(await send('PATCH', `${configMaps}/${name}`, { body: { metadata: { labels } }, headers: merge }), false)
              break
            default:
              note(await send('POST', configMaps, { body: { metadata: { name, labels } } }), false)
          }
        }
      }
      const finished = Promise.all(Array.from({ length: 4 }, write)).then(async () =>
        Number((await get(`${configMaps}?limit=1`)).metadata.resourceVersion),
      )
      return { finished, answers: () => ({ written: revisions.sort((left, right) => left - right), deletions }) }
    }
  })

  it('a list at a revision is that revision, whatever happens meanwhile', async () => {
    for (const name of ['then-a', 'then-b']) await send('POST', configMaps, { body: { metadata: { name, labels: { moment: 'then' } } } })
    const list = `${configMaps}?labelSelector=moment=then`
    const before = await get(list)
    const revision = before.metadata.resourceVersion
    await send('DELETE', `${configMaps}/then-a`)
    await send('PATCH', `${configMaps}/then-b`, { body: { data: { changed: 'yes' } }, headers: merge })
    const exact = await get(`${list}&resourceVersion=${revision}&resourceVersionMatch=Exact`)
    assert.deepEqual([exact.items, exact.metadata.resourceVersion], [before.items, revision])
    const newer = await get(`${list}&resourceVersion=${revision}&resourceVersionMatch=NotOlderThan`)
    assert.deepEqual(
      newer.items.map(({ metadata }: Any) => metadata.name),
      ['then-b'],
    )
    assert.ok(Number(newer.metadata.resourceVersion) > Number(revision))
  })

  /** What a connection was told that ends after `count` events, or `milliseconds` after the answer began. */
  function someEvents(path: string, count: number, milliseconds: number): Promise<Any[]> {
    return new Promise((resolve, reject) => {
      let text = ''
      const agent = new Agent({ ca: cluster.certificateAuthority })
      const request = httpsRequest(new URL(path, cluster.server), { agent, headers: { authorization: `Bearer ${cluster.token}` } })
      const whole = () => text.split('\n').slice(0, -1)
      let timer: Timer | undefined
      const finish = () => {
        timer?.cancel()
        request.destroy()
        agent.destroy()
        resolve(
          whole()
            .slice(0, count)
            .map(line => JSON.parse(line)),
        )
      }
      request.on('error', error => ((error as NodeJS.ErrnoException).code === 'ECONNRESET' ? finish() : reject(error)))
      request.on('response', response => {
        timer = systemClock().setTimer(milliseconds, finish)
        response.setEncoding('utf8')
        response.on('error', () => finish())
        response.on('end', finish)
        response.on('data', (chunk: string) => {
          text += chunk
          if (whole().length >= count) finish()
        })
      })
      request.end()
    })
  }
})

interface Change {
  readonly name: string
  readonly revision: number
  readonly side: string | undefined
  readonly deleted: boolean
}

const historyOf = (text: string): Change[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
    .map(({ type, object: { metadata } }) => ({
      name: metadata.name,
      revision: Number(metadata.resourceVersion),
      side: metadata.labels.side,
      deleted: type === 'DELETED',
    }))

/** The model: what a watcher with this selection must be told of these changes. */
function told(history: readonly Change[], selects: (one: Change) => boolean): string[] {
  const present = new Map<string, Change>()
  return history.flatMap(change => {
    const old = present.get(change.name)
    if (change.deleted) present.delete(change.name)
    else present.set(change.name, change)
    const before = old !== undefined && selects(old)
    const now = !change.deleted && selects(change)
    if (now) return [`${before ? 'MODIFIED' : 'ADDED'} ${change.name} ${change.revision}`]
    return before ? [`DELETED ${change.name} ${change.revision}`] : []
  })
}

it('a list that is continued after its revision was compacted says so, and goes on with what is there now', async () => {
  let ahead_ms = 0
  const real = systemClock()
  const { send, close } = await openLibraryCluster({ clock: { ...real, now: () => real.now() + ahead_ms } })
  try {
    for (let index = 10; index < 20; index++) await send('POST', configMaps, { body: { metadata: { name: `page-${index}` } } })
    const first = (await send('GET', `${configMaps}?limit=4&labelSelector=!none`)).json
    await send('DELETE', `${configMaps}/page-19`)
    const next = `${configMaps}?limit=4&labelSelector=!none&continue=`
    const second = (await send('GET', next + first.metadata.continue)).json
    assert.deepEqual([second.metadata.resourceVersion, second.items.length], [first.metadata.resourceVersion, 4])
    ahead_ms = 301_000
    const late = await send('GET', next + first.metadata.continue)
    assert.deepEqual([late.status, late.json.reason], [410, 'Expired'])
    assert.match(late.json.message, /^The provided continue parameter is too old to display a consistent list result/)
    const rest = (await send('GET', `${configMaps}?limit=400&continue=${late.json.metadata.continue}`)).json
    assert.ok(Number(rest.metadata.resourceVersion) > Number(first.metadata.resourceVersion))
    assert.equal(rest.metadata.continue, undefined)
    const names = rest.items.map(({ metadata }: Any) => metadata.name)
    assert.equal(names.includes(first.items.at(-1).metadata.name), false)
    assert.deepEqual([names.includes('page-18'), names.includes('page-19')], [true, false])
  } finally {
    await close()
  }
})
