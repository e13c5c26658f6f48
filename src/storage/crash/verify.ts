import assert from 'node:assert/strict'
import type { Storage } from '../storage.ts'
import type { StorageEvent } from '../types.ts'
import { fingerprint, isWhole, type WrittenNote } from './notes.ts'

/** Checks a store that was opened after a crash against what the killed process had been told. */
export function verify(storage: Storage, notes: readonly WrittenNote[]): void {
  const replayed: StorageEvent[] = []
  storage.watch('', storage.compactedRevision, events => replayed.push(...events))
  assertDense(replayed, storage.compactedRevision, storage.committed.revision)
  assertWhole(storage)
  for (const note of lastNotes(notes).values()) assertKept(storage, note, replayed)
  for (const note of notes)
    assert.ok(storage.committed.revision >= note.revision, `revision ${note.revision} was seen, now it is ${storage.committed.revision}`)
  assertHistory(notes, replayed, storage.compactedRevision)
  assertResumes(storage, notes)
}

/** Every revision is one commit: none may be missing or come twice. */
function assertDense(events: readonly StorageEvent[], from: number, to: number) {
  let last = from
  for (const { revision } of events) {
    assert.ok(revision === last || revision === last + 1, `revision ${revision} follows ${last}`)
    last = revision
  }
  assert.equal(last, to)
}

function assertWhole(storage: Storage) {
  for (const { key, value } of storage.committed.list('')) {
    assert.ok(isWhole(value), `${key} is torn`)
    if (!key.startsWith('/pair/')) continue
    const other = key.endsWith('a') ? `${key.slice(0, -1)}b` : `${key.slice(0, -1)}a`
    assert.deepEqual(storage.committed.get(other)?.value, value, `${key} was written without ${other}`)
  }
}

function lastNotes(notes: readonly WrittenNote[]): Map<string, WrittenNote> {
  const last = new Map<string, WrittenNote>()
  for (const note of notes) {
    if (note.type === 'acknowledged' && note.revision >= (last.get(note.key)?.revision ?? 0)) last.set(note.key, note)
  }
  return last
}

/** The last acknowledged write of a key stands, unless a later one (durable, not yet acknowledged) replaced it. */
function assertKept(storage: Storage, note: WrittenNote, replayed: readonly StorageEvent[]) {
  const version = storage.committed.get(note.key)
  if (version && version.revision > note.revision) return
  if (replayed.some(event => event.key === note.key && event.revision > note.revision)) return
  assert.equal(fingerprint(version?.value), note.fingerprint, `${note.key} at revision ${note.revision} was acknowledged and is not there`)
}

/** What is replayed is what was acknowledged. */
function assertHistory(notes: readonly WrittenNote[], replayed: readonly StorageEvent[], floor: number) {
  const events = new Map(replayed.map(event => [`${event.revision} ${event.key}`, fingerprint(event.new?.value)]))
  for (const note of notes) {
    if (note.type !== 'acknowledged' || note.revision <= floor) continue
    assert.equal(events.get(`${note.revision} ${note.key}`), note.fingerprint, `the event of ${note.key} at revision ${note.revision}`)
  }
}

/** The watch goes on where it was when its server was killed. */
function assertResumes(storage: Storage, notes: readonly WrittenNote[]) {
  const last = notes.findLast(note => note.type === 'watched')
  if (!last || last.revision < storage.compactedRevision) return
  const resumed: StorageEvent[] = []
  storage.watch('', last.revision, events => resumed.push(...events))
  assertDense(resumed, last.revision, storage.committed.revision)
  assert.notEqual(resumed[0]?.revision, last.revision, 'an event comes twice')
}
