import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createManualClock } from '../storage/manual-clock.ts'
import type { ClusterChange } from './framework.ts'
import { testPod } from './objects.test-support.ts'
import { describePod } from './pod-info.ts'
import { createSchedulingQueue, type QueuedPod, type SchedulingQueue } from './queue.ts'

const info = (name: string, priority = 0) => describePod(testPod(name, { priority }))
const helpedBy = (...changes: ClusterChange[]) => new Set(changes)
const popAll = (queue: SchedulingQueue): string[] => {
  const names: string[] = []
  for (let queued = queue.pop(); queued; queued = queue.pop()) names.push(queued.info.uid)
  return names
}

function start() {
  const clock = createManualClock()
  let calls = 0
  const queue = createSchedulingQueue({ clock, onActive: () => calls++ })
  return { clock, queue, calls: () => calls }
}

/** Takes the pod out and puts it back as one that fits nowhere. */
function refuse(queue: SchedulingQueue, ...changes: ClusterChange[]): QueuedPod {
  const queued = queue.pop() as QueuedPod
  queue.addUnschedulable(queued, helpedBy(...changes))
  return queued
}

describe('the scheduling queue', () => {
  test('gives the most important first, among equals whoever came first', () => {
    const { queue } = start()
    for (const [name, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', 0],
      ['d', 5],
      ['e', -1],
    ] as const)
      queue.add(info(name, priority))
    assert.deepEqual(popAll(queue), ['b', 'd', 'a', 'c', 'e'])
  })

  test('wakes an unschedulable pod by a change that helps it, and by no other', () => {
    const { queue, clock, calls } = start()
    queue.add(info('a'))
    refuse(queue, 'nodeAdded')
    clock.advance(60_000)
    const before = calls()
    queue.onChange('podRemoved')
    assert.deepEqual([queue.pop(), calls()], [undefined, before])
    queue.onChange('nodeAdded')
    assert.equal(calls(), before + 1)
    assert.deepEqual([queue.pop()?.attempts, queue.pop()], [2, undefined])
  })

  test('a pod that has just failed lets others go first, and is tried at once when there are none', () => {
    const { queue } = start()
    queue.add(info('failed', 9))
    refuse(queue, 'podRemoved')
    queue.add(info('fresh'))
    queue.onChange('podRemoved')
    assert.deepEqual(queue.counts, { active: 1, backoff: 1, unschedulable: 0 })
    assert.deepEqual(popAll(queue), ['fresh', 'failed'])
  })

  test('after an error a pod waits 1, 2, 4, 8 and then 10 seconds', () => {
    const { queue, clock } = start()
    queue.add(info('a'))
    for (const wait_ms of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
      queue.addBackOff(queue.pop() as QueuedPod)
      clock.advance(wait_ms - 1)
      assert.deepEqual([queue.pop(), queue.hasNext], [undefined, false])
      clock.advance(1)
      assert.equal(queue.hasNext, true)
    }
  })

  test('tries an unschedulable pod again after five minutes, each at its own time', () => {
    const { queue, clock } = start()
    queue.add(info('a'))
    refuse(queue)
    clock.advance(100_000)
    queue.add(info('b'))
    refuse(queue)
    // A change that helps nothing must not make it wait longer.
    queue.update(info('a'), false)
    clock.advance(199_999)
    assert.equal(queue.pop(), undefined)
    clock.advance(1)
    assert.deepEqual(popAll(queue), ['a'])
    clock.advance(100_000)
    assert.deepEqual(popAll(queue), ['b'])
    assert.equal(clock.timers, 0)
  })

  test('an update of the pod itself wakes it only if it helps, and what is given is the latest', () => {
    const { queue } = start()
    queue.add(info('a'))
    refuse(queue)
    const next = describePod(testPod('a', { labels: { version: '2' } }))
    queue.update(next, false)
    assert.equal(queue.pop(), undefined)
    queue.update(next, true)
    assert.equal(queue.pop()?.info, next)
  })

  test('a removed pod is not given, wherever it waited', () => {
    const { queue, clock } = start()
    for (const name of ['active', 'failed', 'refused']) queue.add(info(name))
    const [active, failed, refused] = [queue.pop(), queue.pop(), queue.pop()] as [QueuedPod, QueuedPod, QueuedPod]
    queue.add(active.info)
    queue.addBackOff(failed)
    queue.addUnschedulable(refused, helpedBy('nodeAdded'))
    for (const { info: removed } of [active, failed, refused]) queue.remove(removed.key)
    queue.onChange('nodeAdded')
    clock.advance(400_000)
    assert.deepEqual([queue.pop(), queue.counts], [undefined, { active: 0, backoff: 0, unschedulable: 0 }])
  })

  test('closed, it leaves no timer', () => {
    const { queue, clock } = start()
    queue.add(info('a'))
    refuse(queue)
    queue.close()
    assert.equal(clock.timers, 0)
  })

  test('whatever happens, each pod is in one place and none is lost', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd')
    const step = fc.oneof(
      names.map(name => ({ type: 'add', name }) as const),
      names.map(name => ({ type: 'remove', name }) as const),
      fc.tuple(names, fc.boolean()).map(([name, helps]) => ({ type: 'update', name, helps }) as const),
      fc.constantFrom('pop', 'refuse', 'fail', 'change', 'tick').map(type => ({ type }) as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const { queue, clock } = start()
        const inside = new Set<string>()
        for (const one of steps) {
          if (one.type === 'add') {
            queue.add(info(one.name))
            inside.add(one.name)
          } else if (one.type === 'remove') {
            queue.remove(`default/${one.name}`)
            inside.delete(one.name)
          } else if (one.type === 'update') queue.update(info(one.name), one.helps)
          else if (one.type === 'change') queue.onChange('nodeAdded')
          else if (one.type === 'tick') clock.advance(700)
          else {
            const queued = queue.pop()
            if (!queued) continue
            assert.ok(inside.has(queued.info.uid))
            if (one.type === 'pop') inside.delete(queued.info.uid)
            else if (one.type === 'fail') queue.addBackOff(queued)
            else queue.addUnschedulable(queued, helpedBy('nodeAdded'))
          }
          const { active, backoff, unschedulable } = queue.counts
          assert.equal(active + backoff + unschedulable, inside.size)
        }
        queue.onChange('nodeAdded')
        clock.advance(400_000)
        assert.deepEqual(popAll(queue).sort(), [...inside].sort())
      }),
    )
  })
})
