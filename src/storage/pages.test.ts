import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { put, remove } from './contract.ts'
import { openStorage } from './open.ts'
import { testOptions } from './testing.ts'
import type { StorageView } from './types.ts'

const actor = { user: 'system:test', userAgent: 'pages' }
const keys = ['/a', '/p/1', '/p/11', '/p/12', '/p/2', '/p/20', '/p/3', '/q']
const starts = ['', '/p/', '/p/1\0', '/p/2', '/p/9', '/z']
const step = fc.record({ key: fc.constantFrom(...keys), isPut: fc.boolean() })

/** Every page of every prefix is a part of what the view should show. */
function assertPages(view: StorageView, model: readonly string[]) {
  for (const prefix of ['', '/p/', '/p/1', '/q']) {
    for (const start of starts) {
      const expected = model.filter(key => key.startsWith(prefix) && key >= start)
      assert.equal(view.count(prefix, start), expected.length)
      for (const limit of [1, 2, 3, 5, 100]) {
        assert.deepEqual(
          view.list(prefix, start, limit).map(({ key }) => key),
          expected.slice(0, limit),
        )
      }
    }
  }
}

it('pages of the present, of what is pending and of every past state hold what they should', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
      const storage = await openStorage(testOptions())
      const model = new Set<string>()
      const states = new Map<number, readonly string[]>([[storage.committed.revision, []]])
      for (const { key, isPut } of steps) {
        const committing = storage.commit([], [isPut ? put(key, '1') : remove(key)], actor)
        if (isPut) model.add(key)
        else model.delete(key)
        assertPages(storage.head, [...model].sort())
        states.set((await committing).revision, [...model].sort())
      }
      assertPages(storage.committed, [...model].sort())
      for (const [revision, state] of states) assertPages(storage.snapshot(revision), state)
      await storage.close()
    }),
    { numRuns: 30 },
  ))
