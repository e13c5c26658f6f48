import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { StorageEvent, StoredVersion } from '../../storage/types.ts'
import { createSharedItems } from './shared-items.ts'

const version = (revision: number): StoredVersion => ({ key: '/a', value: Buffer.from('{}'), revision, createRevision: 1, memo: undefined })
const event = (revision: number, old?: StoredVersion, current?: StoredVersion): StorageEvent => ({ revision, key: '/a', old, new: current })

it('tells all watchers of everything the same items', () => {
  const sharedItems = createSharedItems()
  const [first, second] = [version(1), version(2)]
  const events = [event(1, undefined, first), event(2, first, second), event(3, second, undefined), event(4)]
  assert.deepEqual(sharedItems(events), [
    { type: 'ADDED', version: first, revision: 1 },
    { type: 'MODIFIED', version: second, revision: 2 },
    { type: 'DELETED', version: second, revision: 3 },
  ])
  assert.equal(sharedItems(events), sharedItems(events))
  assert.notEqual(sharedItems([...events]), sharedItems(events))
})
