/**
 * What every store must do, whoever orders its commits. Each store's tests call `storageContract` with a way to open an
 * empty one on the clock given.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Clock } from '../base/clock.ts'
import { createManualClock } from './manual-clock.ts'
import type { Storage } from './storage.ts'
import {
  type Actor,
  Compacted,
  FutureRevision,
  type Operation,
  PreconditionFailed,
  type StorageEvent,
  StorageUnavailable,
  type StorageView,
} from './types.ts'

const actor: Actor = { user: 'system:test', userAgent: 'contract' }
const pods = '/registry/core/pods/'

export const put = (key: string, value: string, timeToLive_ms?: number): Operation => ({
  type: 'put',
  key,
  value: new TextEncoder().encode(value),
  timeToLive_ms,
})
export const remove = (key: string): Operation => ({ type: 'delete', key })

/** What a view shows, as text. */
export const contents = (view: StorageView, prefix = ''): Record<string, string> =>
  Object.fromEntries(view.list(prefix).map(({ key, value }) => [key, new TextDecoder().decode(value)]))

const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value)
const describeEvent = (event: StorageEvent): string =>
  `${event.revision} ${event.key} ${text(event.old?.value) ?? '-'}>${text(event.new?.value) ?? '-'}`

export function storageContract(
  name: string,
  open: (clock: Clock) => Promise<Storage>,
  options: { readonly propertyRuns?: number } = {},
): void {
  const withStorage = async (run: (storage: Storage, clock: ReturnType<typeof createManualClock>) => Promise<void>) => {
    const clock = createManualClock()
    const storage = await open(clock)
    try {
      await run(storage, clock)
    } finally {
      await storage.close()
    }
  }
  const check = (title: string, run: Parameters<typeof withStorage>[0]) => it(title, () => withStorage(run))

  describe(`storage contract: ${name}`, () => {
    check('an empty store is at a revision above 0, which the API gives meanings of its own', async storage => {
      assert.ok(storage.committed.revision > 0)
      assert.equal(storage.head.revision, storage.committed.revision)
      assert.deepEqual(storage.committed.list(''), [])
    })

    check('a commit gives the next revision, which its versions carry', async storage => {
      const before = storage.committed.revision
      const first = await storage.commit([], [put('/a', '1'), put('/b', '1')], actor)
      const second = await storage.commit([], [put('/a', '2')], actor)
      assert.deepEqual([first.revision, second.revision], [before + 1, before + 2])
      assert.deepEqual(
        first.versions.map(({ key, revision, createRevision }) => [key, revision, createRevision]),
        [
          ['/a', before + 1, before + 1],
          ['/b', before + 1, before + 1],
        ],
      )
      assert.equal(second.versions[0]?.createRevision, before + 1)
      assert.equal(storage.committed.get('/a'), second.versions[0])
      assert.equal(storage.committed.revision, before + 2)
    })

    check('keys are listed in the order of UTF-16 code units, from a start, under a prefix', async storage => {
      const keys = ['/p/b', '/p/a', '/p/a/x', '/p/\uffff', '/p/\u{1f600}', '/q', '/p', '/p/ä', '/p/a.']
      for (const key of keys) await storage.commit([], [put(key, key)], actor)
      const listed = (prefix: string, start?: string) => storage.committed.list(prefix, start).map(version => version.key)
      const sorted = keys.toSorted()
      assert.deepEqual(listed(''), sorted)
      assert.deepEqual(
        listed('/p/'),
        sorted.filter(key => key.startsWith('/p/')),
      )
      assert.deepEqual(
        listed('/p/', '/p/a.'),
        sorted.filter(key => key.startsWith('/p/') && key >= '/p/a.'),
      )
      assert.deepEqual(listed('/p/', '/q'), [])
      assert.equal(storage.committed.count('/p/'), listed('/p/').length)
      assert.equal(storage.committed.count('/nothing/'), 0)
    })

    check('empty values and values of every byte come back as they were', async storage => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      await storage.commit(
        [],
        [
          { type: 'put', key: '/empty', value: new Uint8Array(0) },
          { type: 'put', key: '/bytes', value: bytes },
        ],
        actor,
      )
      assert.equal(storage.committed.get('/empty')?.value.byteLength, 0)
      assert.deepEqual(storage.committed.get('/bytes')?.value, bytes)
    })

    check('a precondition is a revision, or 0 for a key that must not exist', async storage => {
      const created = await storage.commit([{ key: '/a', revision: 0 }], [put('/a', '1')], actor)
      const lost = { name: 'PreconditionFailed', key: '/a', current: storage.committed.get('/a') }
      await assert.rejects(storage.commit([{ key: '/a', revision: 0 }], [put('/a', '2')], actor), lost)
      await assert.rejects(storage.commit([{ key: '/a', revision: created.revision + 1 }], [put('/a', '2')], actor), lost)
      await storage.commit([{ key: '/a', revision: created.revision }], [remove('/a')], actor)
      await assert.rejects(storage.commit([{ key: '/a', revision: created.revision }], [put('/a', '2')], actor), PreconditionFailed)
      assert.equal(storage.committed.get('/a'), undefined)
    })

    check('when one of several preconditions fails nothing happens', async storage => {
      const { revision } = await storage.commit([], [put('/a', '1')], actor)
      const commit = storage.commit(
        [
          { key: '/a', revision },
          { key: '/b', revision: 7 },
        ],
        [put('/a', '2'), put('/b', '2')],
        actor,
      )
      await assert.rejects(commit, { name: 'PreconditionFailed', key: '/b' })
      assert.deepEqual(contents(storage.committed), { '/a': '1' })
      assert.equal(storage.committed.revision, revision)
    })

    check('deleting what is not there makes no revision', async storage => {
      const before = storage.committed.revision
      assert.deepEqual(await storage.commit([], [remove('/a')], actor), { revision: before, versions: [] })
      assert.equal(storage.committed.revision, before)
    })

    check('a key cannot be written twice in one commit', async storage => {
      await assert.rejects(storage.commit([], [put('/a', '1'), remove('/a')], actor), TypeError)
      assert.deepEqual(contents(storage.head), {})
    })

    check('a key that was deleted starts anew', async storage => {
      const first = await storage.commit([], [put('/a', '1')], actor)
      await storage.commit([], [remove('/a')], actor)
      const again = await storage.commit([{ key: '/a', revision: 0 }], [put('/a', '2')], actor)
      assert.ok((again.versions[0]?.createRevision ?? 0) > first.revision)
    })

    check('the memo stays with the version', async storage => {
      const memo = { decoded: true }
      const { versions } = await storage.commit([], [{ type: 'put', key: '/a', value: new Uint8Array(1), memo }], actor)
      assert.equal(versions[0]?.memo, memo)
      assert.equal(storage.committed.get('/a')?.memo, memo)
    })

    check('fresh and settled resolve when there is nothing to wait for', async storage => {
      await storage.fresh()
      await storage.settled('/a')
    })

    check('every acknowledged commit is visible to those who read after the acknowledgement', async storage => {
      const writes = Array.from({ length: 50 }, async (_, index) => {
        const { revision } = await storage.commit([], [put(`/many/${index}`, String(index))], actor)
        assert.ok(storage.committed.revision >= revision)
        assert.equal(text(storage.committed.get(`/many/${index}`)?.value), String(index))
      })
      await Promise.all(writes)
      assert.equal(storage.committed.count('/many/'), 50)
    })

    check('of those who create the same key at once exactly one wins', async storage => {
      const attempts = Array.from({ length: 20 }, (_, index) =>
        storage.commit([{ key: '/a', revision: 0 }], [put('/a', String(index))], actor),
      )
      const outcomes = await Promise.allSettled(attempts)
      const losers = outcomes.filter(outcome => outcome.status === 'rejected')
      assert.equal(losers.length, 19)
      for (const { reason } of losers) {
        assert.ok(reason instanceof PreconditionFailed)
        assert.equal(reason.current, storage.committed.get('/a'))
      }
    })

    check('a snapshot shows the past: changed, deleted and created keys undone', async storage => {
      await storage.commit([], [put('/a', '1'), put('/b', '1'), put('/c', '1')], actor)
      const { revision } = await storage.commit([], [put('/b', '2')], actor)
      const past = storage.snapshot(revision)
      await storage.commit([], [remove('/a'), put('/b', '3'), put('/d', '1')], actor)
      await storage.commit([], [put('/a', '9')], actor)
      const expected = { '/a': '1', '/b': '2', '/c': '1' }
      assert.equal(past.revision, revision)
      assert.deepEqual(contents(past), expected)
      assert.deepEqual(contents(storage.snapshot(revision)), expected)
      assert.equal(text(past.get('/a')?.value), '1')
      assert.equal(past.get('/d'), undefined)
      assert.equal(past.count('/'), 3)
      assert.deepEqual(
        past.list('/', '/b').map(({ key }) => key),
        ['/b', '/c'],
      )
      assert.throws(() => storage.snapshot(storage.committed.revision + 1), FutureRevision)
    })

    check('compaction forgets the past and keeps what is live', async storage => {
      const first = await storage.commit([], [put('/a', '1'), put('/b', '1')], actor)
      const second = await storage.commit([], [put('/a', '2')], actor)
      const third = await storage.commit([], [remove('/b')], actor)
      const past = storage.snapshot(first.revision)
      await storage.compact(second.revision)
      assert.equal(storage.compactedRevision, second.revision)
      assert.throws(() => storage.snapshot(first.revision), Compacted)
      assert.throws(() => past.list(''), Compacted)
      assert.throws(() => storage.watch('', first.revision, () => {}), Compacted)
      assert.deepEqual(contents(storage.snapshot(second.revision)), { '/a': '2', '/b': '1' })
      assert.deepEqual(contents(storage.snapshot(third.revision)), { '/a': '2' })
      const seen: string[] = []
      storage.watch('', second.revision, events => seen.push(...events.map(describeEvent)))
      assert.deepEqual(seen, [`${third.revision} /b 1>-`])
      await assert.rejects(storage.compact(third.revision + 1), FutureRevision)
    })

    check('a watch gets what happened since and what happens then, old and new value, in order, none twice', async storage => {
      const { revision } = await storage.commit([], [put(`${pods}a`, '1'), put('/other', '1')], actor)
      await storage.commit([], [put(`${pods}a`, '2')], actor)
      const seen: string[] = []
      const watch = storage.watch(pods, revision, events => seen.push(...events.map(describeEvent)))
      assert.deepEqual(seen, [`${revision + 1} ${pods}a 1>2`])
      await storage.commit([], [put('/other', '2')], actor)
      await storage.commit([], [remove(`${pods}a`), put(`${pods}b`, '1')], actor)
      watch.close()
      await storage.commit([], [put(`${pods}c`, '1')], actor)
      assert.deepEqual(seen, [`${revision + 1} ${pods}a 1>2`, `${revision + 3} ${pods}a 2>-`, `${revision + 3} ${pods}b ->1`])
    })

    check('a watch hears of its prefix only, wherever the prefix ends', async storage => {
      const prefixes = ['', '/', pods, `${pods}ns/`, `${pods}ns/web`, `${pods}ns/web-1`, `${pods}n`, `${pods}other/`, '/registry']
      const seen = prefixes.map(() => [] as string[])
      for (const [index, prefix] of prefixes.entries())
        storage.watch(prefix, storage.committed.revision, events => seen[index]?.push(...events.map(({ key }) => key)))
      const keys = [`${pods}ns/web-1`, `${pods}ns/web-10`, `${pods}ns/db`, `${pods}n`, '/registry/core/services/ns/web-1']
      for (const key of keys) await storage.commit([], [put(key, '1')], actor)
      assert.deepEqual(
        seen,
        prefixes.map(prefix => keys.filter(key => key.startsWith(prefix))),
      )
    })

    check('one call holds the changes of whole commits', async storage => {
      const revisions: number[] = []
      storage.watch('/a/', storage.committed.revision, events => {
        const last = revisions.at(-1) ?? 0
        assert.ok((events[0]?.revision ?? 0) > last, 'a commit is torn into two calls')
        revisions.push(...events.map(event => event.revision))
      })
      await Promise.all(
        Array.from({ length: 30 }, (_, index) => storage.commit([], [put(`/a/${index}`, ''), put(`/a/${index}x`, '')], actor)),
      )
      assert.equal(revisions.length, 60)
    })

    check('a watch may open and close watches while it listens', async storage => {
      const inner: string[] = []
      const second = storage.watch('/a', storage.committed.revision, () => assert.fail('closed by the first'))
      storage.watch('/', storage.committed.revision, events => {
        second.close()
        const before = (events[0]?.revision ?? 1) - 1
        storage.watch('/', before, again => inner.push(...again.map(describeEvent)))
      })
      // The closing watch has another prefix; which of the two hears first is not promised, so close explicitly for the check below.
      second.close()
      const { revision } = await storage.commit([], [put('/a', '1')], actor)
      assert.deepEqual(inner, [`${revision} /a ->1`])
    })

    check('a watch from a revision to come starts there', async storage => {
      const { revision } = await storage.commit([], [put('/a', '1')], actor)
      const seen: string[] = []
      storage.watch('/', revision + 1, events => seen.push(...events.map(describeEvent)))
      await storage.commit([], [put('/a', '2')], actor)
      await storage.commit([], [put('/a', '3')], actor)
      assert.deepEqual(seen, [`${revision + 2} /a 2>3`])
    })

    check('a listener that throws disturbs no other', async storage => {
      const seen: number[] = []
      storage.watch('/', storage.committed.revision, () => {
        throw new Error('a bug of the watcher')
      })
      storage.watch('/', storage.committed.revision, events => seen.push(events.length))
      await storage.commit([], [put('/a', '1')], actor)
      assert.deepEqual(seen, [1])
    })

    check('commit listeners hear the revision after the watches, until they are closed', async storage => {
      const order: string[] = []
      storage.watch('/', storage.committed.revision, events => order.push(`watch ${events.at(-1)?.revision}`))
      const listener = storage.onCommit(revision => order.push(`commit ${revision}`))
      const { revision } = await storage.commit([], [put('/a', '1')], actor)
      listener.close()
      await storage.commit([], [put('/a', '2')], actor)
      assert.deepEqual(order, [`watch ${revision}`, `commit ${revision}`, `watch ${revision + 1}`])
    })

    check('a key with a time to live is deleted when it is over, and a later write counts', async (storage, clock) => {
      await storage.commit([], [put('/short', '1', 1000), put('/long', '1', 1000), put('/kept', '1', 1000), put('/gone', '1', 1000)], actor)
      await storage.commit([], [put('/long', '2', 5000), put('/kept', '2'), remove('/gone')], actor)
      const { revision } = await storage.commit([], [put('/gone', '2')], actor)
      const seen: string[] = []
      storage.watch('/', revision, events => seen.push(...events.map(({ key, new: version }) => `${key} ${version ? 'put' : 'deleted'}`)))
      clock.advance(999)
      await clock.yield()
      assert.deepEqual(seen, [])
      const expired = new Promise<void>(resolve => storage.onCommit(() => resolve()))
      clock.advance(1)
      await expired
      await clock.yield()
      assert.deepEqual(contents(storage.committed), { '/gone': '2', '/kept': '2', '/long': '2' })
      const allExpired = new Promise<void>(resolve => storage.onCommit(() => resolve()))
      clock.advance(4000)
      await allExpired
      assert.deepEqual(contents(storage.committed), { '/gone': '2', '/kept': '2' })
      assert.deepEqual(seen, ['/short deleted', '/long deleted'])
    })

    check('after close commits are refused and watches are silent', async storage => {
      storage.watch('/', storage.committed.revision, () => {})
      const pending = storage.commit([], [put('/a', '1')], actor)
      await Promise.all([storage.close(), pending])
      await assert.rejects(storage.commit([], [put('/b', '1')], actor), StorageUnavailable)
      assert.deepEqual(contents(storage.committed), { '/a': '1' })
    })

    it('behaves as a simple model does, whatever is written', () =>
      fc.assert(
        fc.asyncProperty(steps, step => withStorage(s => follow(s, step))),
        { numRuns: options.propertyRuns ?? 40 },
      ))
  })
}

interface Step {
  readonly keys: readonly string[]
  readonly action: 'put' | 'delete' | 'create' | 'stale'
  readonly wait: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  keys: fc.uniqueArray(fc.constantFrom('/a/1', '/a/2', '/a/22', '/b/1', '/b/c/1'), { minLength: 1, maxLength: 3 }),
  action: fc.constantFrom('put', 'put', 'delete', 'create', 'stale'),
  wait: fc.boolean(),
})
const steps = fc.array(step, { minLength: 1, maxLength: 40 })

/** Does the steps on the store and on a map, and compares every state that there was, and what a watch saw. */
async function follow(storage: Storage, steps: readonly Step[]): Promise<void> {
  const model = new Map<string, string>()
  const states = new Map<number, Record<string, string>>([[storage.committed.revision, {}]])
  const replica = new Map<string, string>()
  const replicas = new Map<number, Record<string, string>>()
  const start = storage.committed.revision
  storage.watch('/a/', start, events => {
    for (const { key, old, new: version } of events) {
      assert.equal(text(old?.value), replica.get(key))
      if (version) replica.set(key, text(version.value) ?? '')
      else replica.delete(key)
    }
    replicas.set(events.at(-1)?.revision ?? 0, sortedRecord(replica))
  })
  const answers: Promise<unknown>[] = []
  let revision = start
  for (const [index, { keys, action, wait }] of steps.entries()) {
    const operations = keys.map(key => (action === 'delete' ? remove(key) : put(key, `${index}`)))
    const expectation = action === 'stale' ? 1_000_000 : 0
    const preconditions = action === 'create' || action === 'stale' ? keys.map(key => ({ key, revision: expectation })) : []
    const answer = storage.commit(preconditions, operations, actor)
    answers.push(answer)
    if (action === 'stale' || (action === 'create' && keys.some(key => model.has(key)))) {
      await assert.rejects(answer, PreconditionFailed)
      continue
    }
    const changes = keys.some(key => action !== 'delete' || model.has(key))
    for (const key of keys) action === 'delete' ? model.delete(key) : model.set(key, `${index}`)
    if (changes) states.set(++revision, sortedRecord(model))
    assert.deepEqual(contents(storage.head), sortedRecord(model))
    if (wait) assert.equal((await answer).revision, revision)
  }
  await Promise.allSettled(answers)
  assert.equal(storage.committed.revision, revision)
  for (const [past, state] of states) assert.deepEqual(contents(storage.snapshot(past)), state)
  for (const [past, state] of replicas) assert.deepEqual(state, contents(storage.snapshot(past), '/a/'))
  const replayed: string[] = []
  storage.watch('/', start, events => replayed.push(...events.map(event => `${event.revision}`)))
  assert.deepEqual([...new Set(replayed)].map(Number), [...states.keys()].slice(1))
}

const sortedRecord = (map: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
