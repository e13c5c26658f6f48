import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { contents, put, remove } from './contract.ts'
import { openEmbedded } from './embedded.ts'
import { createMemoryJournal } from './journal/memory.ts'
import { createManualClock } from './manual-clock.ts'
import { openStorage } from './open.ts'
import { held, testOptions } from './testing.ts'
import { Compacted, PreconditionFailed, type StorageEvent, StorageUnavailable } from './types.ts'

const actor = { user: 'system:test', userAgent: 'test' }

/** A store whose batches end as the test says; a few turns let what depends on them happen. */
async function openHeld() {
  const journal = held(createMemoryJournal())
  const storage = await openEmbedded(journal, testOptions())
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await systemClock().yield()
  }
  return { journal, storage, settle }
}

const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  const marker = {}
  const first = await Promise.race([
    promise.catch(() => {}),
    systemClock()
      .yield()
      .then(() => marker),
  ])
  return first === marker
}

describe('head and committed', () => {
  it('head shows a write at once, committed and watches only when it is durable', async () => {
    const { journal, storage, settle } = await openHeld()
    const seen: StorageEvent[] = []
    storage.watch('/', storage.committed.revision, events => seen.push(...events))
    const before = storage.committed.revision
    const commit = storage.commit([], [put('/a', '1')], actor)
    assert.deepEqual(contents(storage.head), { '/a': '1' })
    assert.equal(storage.head.revision, before + 1)
    assert.equal(storage.head.count('/'), 1)
    assert.ok(await isPending(commit))
    assert.deepEqual([contents(storage.committed), storage.committed.revision, seen.length], [{}, before, 0])
    journal.succeed()
    await commit
    await settle()
    assert.deepEqual([contents(storage.committed), storage.committed.revision, seen.length], [{ '/a': '1' }, before + 1, 1])
  })

  it('writes that arrive while a batch is written go together into the next', async () => {
    const { journal, storage, settle } = await openHeld()
    const commits = [storage.commit([], [put('/a', '1')], actor)]
    await settle()
    for (const key of ['/b', '/c', '/d']) commits.push(storage.commit([], [put(key, '1')], actor))
    await settle()
    assert.equal(journal.held.length, 1)
    journal.succeed()
    await settle()
    assert.deepEqual(
      journal.held[0]?.rows.map(({ key }) => key),
      ['/b', '/c', '/d'],
    )
    journal.succeed()
    await Promise.all(commits)
  })

  it('when a batch fails, it and all that were ordered after it fail, and head is committed again', async () => {
    const { journal, storage, settle } = await openHeld()
    const first = storage.commit([], [put('/a', '1')], actor)
    await settle()
    journal.succeed()
    const { revision } = await first
    const failing = [storage.commit([], [put('/a', '2')], actor)]
    await settle()
    failing.push(
      storage.commit([{ key: '/a', revision: revision + 1 }], [put('/a', '3')], actor),
      storage.commit([], [remove('/a')], actor),
    )
    const settled = storage.settled('/a')
    assert.ok(await isPending(settled))
    journal.fail('disk is full')
    const unavailable = { name: 'StorageUnavailable', message: /nothing was written: disk is full/ }
    await Promise.all(failing.map(commit => assert.rejects(commit, unavailable)))
    await settled
    assert.deepEqual([contents(storage.head), storage.head.revision, storage.committed.revision], [{ '/a': '1' }, revision, revision])
    assert.equal(storage.trouble, 'disk is full')
    assert.deepEqual(contents(storage.committed), { '/a': '1' })
    const again = storage.commit([{ key: '/a', revision }], [put('/a', '4')], actor)
    await settle()
    assert.equal(journal.held[0]?.after, revision)
    journal.succeed()
    assert.equal((await again).revision, revision + 1)
    assert.equal(storage.trouble, '')
  })

  it('a lost precondition is told once the winner is durable', async () => {
    const { journal, storage, settle } = await openHeld()
    const winner = storage.commit([{ key: '/a', revision: 0 }], [put('/a', '1')], actor)
    const loser = storage.commit([{ key: '/a', revision: 0 }], [put('/a', '2')], actor)
    assert.ok(await isPending(loser))
    await settle()
    journal.succeed()
    await winner
    await assert.rejects(loser, PreconditionFailed)
  })

  it('who lost against a write that fails is tried again', async () => {
    const { journal, storage, settle } = await openHeld()
    const winner = storage.commit([{ key: '/a', revision: 0 }], [put('/a', '1')], actor)
    const loser = storage.commit([{ key: '/a', revision: 0 }], [put('/a', '2')], actor)
    await settle()
    journal.fail('disk is full')
    await assert.rejects(winner, StorageUnavailable)
    await settle()
    journal.succeed()
    await loser
    assert.deepEqual(contents(storage.committed), { '/a': '2' })
  })

  it('a deletion that finds nothing because of a pending deletion waits for that one', async () => {
    const { journal, storage, settle } = await openHeld()
    const created = storage.commit([], [put('/a', '1')], actor)
    await settle()
    journal.succeed()
    await created
    const first = storage.commit([], [remove('/a')], actor)
    const second = storage.commit([], [remove('/a')], actor)
    await settle()
    assert.ok(await isPending(second))
    journal.succeed()
    const { revision } = await first
    assert.equal((await second).revision, revision)
  })

  it('refuses more than the journal can be behind, and takes writes again when it has caught up', async () => {
    const { journal, storage, settle } = await openHeld()
    const value = new Uint8Array(8 * 1024 * 1024)
    const commits = Array.from({ length: 8 }, (_, index) => storage.commit([], [{ type: 'put', key: `/${index}`, value }], actor))
    await assert.rejects(storage.commit([], [put('/more', '1')], actor), {
      name: 'StorageUnavailable',
      message: /are waiting for the journal/,
    })
    for (let batch = 0; batch < 8; batch++) {
      await settle()
      journal.succeed()
    }
    await Promise.all(commits)
    const more = storage.commit([], [put('/more', '1')], actor)
    await settle()
    journal.succeed()
    await more
  })
})

describe('retention', () => {
  const value = (length: number) => ({ type: 'put', key: '/a', value: new Uint8Array(length) }) as const

  it('drops what neither the watch window nor the history keeps', async () => {
    const clock = createManualClock()
    const bounds = { history: { maximumBytes: 100_000, maximumAge_ms: 60_000 }, watchWindow: { maximumBytes: 20_000 } }
    const storage = await openStorage(testOptions({ clock, ...bounds }))
    const start = storage.committed.revision
    for (let index = 0; index < 50; index++) await storage.commit([], [value(1000)], actor)
    assert.equal(storage.compactedRevision, start, 'the history keeps what the watch window does not')
    clock.advance(60_001)
    const { revision } = await storage.commit([], [value(1000)], actor)
    assert.ok(revision - storage.compactedRevision >= 15, 'the watch window has no age')
    assert.ok(revision - storage.compactedRevision <= 20_000 / 1000)
    for (let index = 0; index < 200; index++) await storage.commit([], [value(1000)], actor)
    assert.ok(storage.committed.revision - storage.compactedRevision <= 100_000 / 1000)
    assert.throws(() => storage.watch('/', start, () => {}), Compacted)
    storage.watch('/', storage.compactedRevision, () => {})
    await storage.close()
  })

  it('exact reads end by age although the watch window still reaches back', async () => {
    const clock = createManualClock()
    const storage = await openEmbedded(createMemoryJournal(), testOptions({ clock }))
    const { revision } = await storage.commit([], [put('/a', '1')], actor)
    clock.advance(600_000)
    assert.deepEqual(contents(storage.snapshot(revision)), { '/a': '1' }, 'what is still the present state has no age')
    await storage.commit([], [put('/a', '2')], actor)
    const past = storage.snapshot(revision)
    clock.advance(299_000)
    assert.deepEqual(contents(past), { '/a': '1' })
    clock.advance(2_000)
    assert.throws(() => storage.snapshot(revision), Compacted)
    assert.throws(() => past.list('/'), Compacted)
    const seen: StorageEvent[] = []
    storage.watch('/', revision, events => seen.push(...events))
    assert.equal(seen.length, 1)
  })

  it('versions of the past lose their memo, live ones keep it', async () => {
    const storage = await openStorage(testOptions())
    const first = await storage.commit([], [{ ...value(1), memo: 'first' }], actor)
    const other = await storage.commit([], [{ ...value(1), key: '/b', memo: 'other' }], actor)
    for (let index = 0; index < 1100; index++) await storage.commit([], [{ ...value(1), memo: 'later' }], actor)
    assert.equal(first.versions[0]?.memo, undefined)
    assert.equal(other.versions[0]?.memo, 'other')
    await storage.close()
  })

  it('no timer runs when nothing expires', async () => {
    const clock = createManualClock()
    const storage = await openStorage(testOptions({ clock }))
    await storage.commit([], [put('/a', '1')], actor)
    assert.equal(clock.timers, 0)
    await storage.commit([], [put('/a', '1', 1000), put('/b', '1', 2000)], actor)
    assert.equal(clock.timers, 1)
    await storage.close()
    assert.equal(clock.timers, 0)
  })
})
