import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createMetrics } from '../base/index.ts'
import { createManualClock } from './testing/manual-clock.ts'
import { createWorkQueue } from './work-queue.ts'

describe('work queue', () => {
  test('holds a key once and hands keys out in order', async () => {
    const queue = createWorkQueue({ clock: createManualClock() })
    for (const key of ['a', 'b', 'a']) queue.add(key)
    assert.equal(queue.length, 2)
    assert.deepEqual([await queue.get(), await queue.get()], ['a', 'b'])
  })

  test('a key that is added while it is worked on comes back when it is done, once', async () => {
    const clock = createManualClock()
    const queue = createWorkQueue({ clock })
    queue.add('a')
    assert.equal(await queue.get(), 'a')
    queue.add('a')
    queue.add('a')
    assert.equal(queue.length, 0)
    let again: string | undefined
    void queue.get().then(key => {
      again = key
    })
    await clock.advance(0)
    assert.equal(again, undefined)
    queue.done('a')
    await clock.advance(0)
    assert.equal(again, 'a')
    queue.done('a')
    assert.equal(queue.length, 0)
  })

  test('delays: the earliest counts', async () => {
    const clock = createManualClock()
    const queue = createWorkQueue({ clock })
    queue.addAfter('a', 1000)
    queue.addAfter('a', 500)
    queue.addAfter('a', 2000)
    await clock.advance(499)
    assert.equal(queue.length, 0)
    await clock.advance(1)
    assert.equal(queue.length, 1)
    assert.equal(await queue.get(), 'a')
    queue.done('a')
    await clock.advance(5000)
    assert.equal(queue.length, 0)
  })

  test('failures double the delay up to the maximum, success forgets them', async () => {
    const clock = createManualClock()
    const queue = createWorkQueue({ clock })
    const delayOfNextFailure = async () => {
      queue.addRateLimited('a')
      const before = clock.monotonic()
      const got = queue.get()
      let arrived = 0
      void got.then(() => {
        arrived = clock.monotonic()
      })
      await clock.advance(2_000_000)
      queue.done('a')
      return arrived - before
    }
    assert.deepEqual([await delayOfNextFailure(), await delayOfNextFailure(), await delayOfNextFailure()], [5, 10, 20])
    queue.forget('a')
    assert.equal(await delayOfNextFailure(), 5)
    for (let failure = 0; failure < 30; failure++) queue.addRateLimited('b')
    assert.equal(queue.failures('b'), 30)
    await clock.advance(1_000_000)
    assert.equal(await queue.get(), 'b')
  })

  test('shut down: hands out what is there, then undefined, and takes nothing more', async () => {
    const queue = createWorkQueue({ clock: createManualClock() })
    queue.add('a')
    queue.shutDown()
    queue.add('b')
    assert.deepEqual([await queue.get(), await queue.get()], ['a', undefined])
  })

  test('reports under upstream names', async () => {
    const metrics = createMetrics()
    const queue = createWorkQueue({ clock: createManualClock(), name: 'jobs', metrics })
    queue.add('a')
    assert.match(metrics.render(), /workqueue_depth\{name="jobs"\} 1\n/)
    await queue.get()
    queue.done('a')
    const text = metrics.render()
    for (const line of [
      'workqueue_depth{name="jobs"} 0',
      'workqueue_adds_total{name="jobs"} 1',
      'workqueue_work_duration_seconds_count{name="jobs"} 1',
    ]) {
      assert.ok(text.includes(line), line)
    }
  })

  test('whatever the order of calls: no key is worked on twice at a time, and none is lost', async () => {
    const keys = ['a', 'b', 'c']
    const step = fc.record({ do: fc.constantFrom('add', 'get', 'done'), key: fc.constantFrom(...keys) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        const clock = createManualClock()
        const queue = createWorkQueue({ clock })
        const working = new Set<string>()
        const wanted = new Set<string>()
        const take = (key: string | undefined) => {
          if (key === undefined) return
          assert.ok(!working.has(key))
          assert.ok(wanted.has(key))
          working.add(key)
          wanted.delete(key)
        }
        for (const one of steps) {
          if (one.do === 'add') {
            queue.add(one.key)
            wanted.add(one.key)
          } else if (one.do === 'get' && queue.length > 0) take(await queue.get())
          else if (one.do === 'done' && working.has(one.key)) {
            working.delete(one.key)
            queue.done(one.key)
          }
        }
        for (const key of working) queue.done(key)
        working.clear()
        while (queue.length > 0) take(await queue.get())
        assert.deepEqual([...wanted], [])
      }),
      { numRuns: 200 },
    )
  })
})
