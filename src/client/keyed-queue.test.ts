import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createKeyedQueue, type KeyedQueueOptions } from './keyed-queue.ts'

/** Works on items until it is told that one has ended. */
const setUp = (options: Partial<KeyedQueueOptions<string>> = {}) => {
  const started: string[] = []
  const ends = new Map<string, () => void>()
  let idle = 0
  const queue = createKeyedQueue<string>({
    capacity: 100,
    concurrency: 2,
    work(item) {
      started.push(item)
      return new Promise(resolve => ends.set(item, resolve))
    },
    onIdle: () => void idle++,
    ...options,
  })
  const settle = async () => {
    for (let round = 0; round < 10; round++) await Promise.resolve()
  }
  const end = async (item: string) => {
    ends.get(item)?.()
    await settle()
  }
  return { queue, started, settle, end, idle: () => idle }
}

describe('keyed queue', () => {
  test('works on several keys at once, and on no more than allowed', async () => {
    const { queue, started, settle, end } = setUp()
    for (const item of ['a', 'b', 'c']) queue.push(item, item)
    assert.deepEqual(started, [])
    await settle()
    assert.deepEqual(started, ['a', 'b'])
    await end('b')
    assert.deepEqual(started, ['a', 'b', 'c'])
  })

  test('keeps the order of one key, whatever else is under way', async () => {
    const { queue, started, settle, end } = setUp()
    for (const item of ['a1', 'a2', 'b1', 'c1', 'a3']) queue.push(item.charAt(0), item)
    await settle()
    queue.push('a', 'a4')
    await settle()
    for (const item of ['b1', 'a1', 'a2', 'c1', 'a3']) await end(item)
    assert.deepEqual(
      started.filter(item => item.startsWith('a')),
      ['a1', 'a2', 'a3', 'a4'],
    )
    assert.equal(started.indexOf('b1') < started.indexOf('a2'), true)
  })

  test('refuses what exceeds its capacity, and takes more when something was done', async () => {
    const { queue, settle, end } = setUp({ capacity: 2, concurrency: 1 })
    queue.push('a', 'a1')
    await settle()
    assert.deepEqual([queue.push('a', 'a2'), queue.push('b', 'b1'), queue.push('c', 'c1')], [true, true, false])
    await end('a1')
    assert.deepEqual([queue.push('c', 'c1'), queue.push('d', 'd1')], [true, false])
  })

  test('counts what waits behind its own key', async () => {
    const { queue, settle } = setUp({ capacity: 2, concurrency: 2 })
    queue.push('a', 'a1')
    queue.push('a', 'a2')
    await settle()
    assert.deepEqual([queue.push('a', 'a3'), queue.push('b', 'b1')], [true, false])
  })

  test('tells when nothing is left', async () => {
    const { queue, settle, end, idle } = setUp()
    queue.push('a', 'a1')
    queue.push('b', 'b1')
    await settle()
    await end('a1')
    assert.equal(idle(), 0)
    await end('b1')
    assert.equal(idle(), 1)
  })

  test('closing waits for what is under way and drops the rest', async () => {
    const { queue, started, settle, end } = setUp()
    for (const item of ['a1', 'a2', 'b1', 'c1']) queue.push(item.charAt(0), item)
    await settle()
    let closed = false
    const closing = queue.close().then(() => {
      closed = true
    })
    assert.equal(queue.push('d', 'd1'), false)
    await end('a1')
    assert.equal(closed, false)
    await end('b1')
    await closing
    assert.deepEqual(started, ['a1', 'b1'])
  })

  test('closing an idle queue ends at once, one with items that wait too', async () => {
    const { queue, started } = setUp()
    queue.push('a', 'a1')
    await queue.close()
    assert.deepEqual(started, [])
    await setUp().queue.close()
  })
})
