import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openStorage } from '../open.ts'
import { testOptions, withDirectory } from '../testing.ts'
import type { JournalRow } from './journal.ts'
import { createMailbox, openInbox, openOutbox } from './mailbox.ts'
import { packRows, unpackRows } from './packed-rows.ts'

const row = (revision: number, key: string, value: Uint8Array | undefined, user = 'jane'): JournalRow => ({
  revision,
  key,
  value,
  createRevision: revision - 1,
  previousRevision: value ? 0 : revision - 1,
  time_ms: 1_700_000_000_123,
  expires_ms: 0,
  user,
  userAgent: 'kubectl/v1.36',
})

const rows = [
  row(7, '/registry/a', Buffer.from('one')),
  row(8, '/registry/ä/漢字', undefined, 'jürgen'),
  row(8, '/registry/b', new Uint8Array(0)),
  row(2 ** 40, '', Buffer.from('{"last":true}')),
]

const plain = (some: readonly JournalRow[]) =>
  some.map(({ value, ...rest }) => ({ ...rest, value: value && Buffer.from(value).toString() }))

it('rows are the same after packing', () => {
  assert.deepEqual(plain(unpackRows(packRows(rows))), plain(rows))
  assert.deepEqual(unpackRows(packRows([])), [])
})

it('a batch is taken as it was laid down, once, and the next one after it', () => {
  const mailbox = createMailbox()
  const outbox = openOutbox(mailbox)
  const inbox = openInbox(mailbox)
  assert.equal(inbox.take(), undefined)
  for (const batch of [
    { after: 6, revision: 2 ** 40, rows },
    { after: 2 ** 40, revision: 2 ** 40 + 1, rows: rows.slice(0, 1) },
  ]) {
    assert.equal(outbox.put(batch.after, batch), true)
    outbox.ring()
    inbox.wait()
    const taken = inbox.take()
    assert.ok(taken)
    assert.deepEqual([taken.id, taken.after, taken.revision], [batch.after, batch.after, batch.revision])
    assert.deepEqual(plain(unpackRows(taken.rows)), plain(batch.rows))
    assert.equal(inbox.take(), undefined)
  }
})

it('has no room for a batch that is larger than it', () => {
  const outbox = openOutbox(createMailbox())
  assert.equal(outbox.put(1, { after: 1, revision: 2, rows: [row(2, '/large', new Uint8Array(600_000))] }), false)
  assert.equal(outbox.put(1, { after: 1, revision: 2, rows: [row(2, '/small', new Uint8Array(400_000))] }), true)
})

it('batches of all sizes reach the journal in their order', () =>
  withDirectory(async directory => {
    const actor = { user: 'jane', userAgent: 'test' }
    const storage = await openStorage(testOptions({ directory }))
    const expected: string[] = []
    for (let round = 0; round < 4; round++) {
      for (const size of [10, 300_000, 700_000, 20]) {
        const keys = Array.from({ length: 3 }, (_, index) => `/k/${round}-${size}-${index}`)
        const value = Buffer.alloc(size, `${round}${size}`)
        await Promise.all(keys.map(key => storage.commit([], [{ type: 'put', key, value }], actor)))
        expected.push(...keys.map(key => `${key} ${value.toString('latin1', 0, 5)} ${size}`))
      }
      await storage.compact(storage.committed.revision)
    }
    await storage.close()
    const again = await openStorage(testOptions({ directory }))
    const found = again.committed
      .list('')
      .map(({ key, value }) => `${key} ${Buffer.from(value).toString('latin1', 0, 5)} ${value.byteLength}`)
    assert.deepEqual(found.toSorted(), expected.toSorted())
    await again.close()
  }))
