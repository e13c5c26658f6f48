import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createHeap } from './heap.ts'
import { createSortedMap, type SortedMap } from './sorted-map.ts'

const keys = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '\uffff', '\u{1f600}'), maxLength: 5 })
const operations = fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 200 })

function assertSame(map: SortedMap<string>, model: ReadonlyMap<string, string>, prefix: string, start: string) {
  const expected = [...model].filter(([key]) => key.startsWith(prefix)).sort(([left], [right]) => (left < right ? -1 : 1))
  assert.deepEqual(
    map.list(prefix),
    expected.map(([, value]) => value),
  )
  assert.deepEqual(
    map.list(prefix, start),
    expected.filter(([key]) => key >= start).map(([, value]) => value),
  )
  assert.equal(map.count(prefix), expected.length)
  assert.equal(map.count(prefix, start), expected.filter(([key]) => key >= start).length)
  for (const limit of [0, 1, 3, 700]) {
    assert.deepEqual(
      map.list(prefix, start, limit),
      expected
        .filter(([key]) => key >= start)
        .slice(0, limit)
        .map(([, value]) => value),
    )
  }
  assert.equal(map.size, model.size)
}

describe('sorted map', () => {
  it('agrees with a map that is sorted when asked', () => {
    fc.assert(
      fc.property(operations, keys, keys, (steps, prefix, start) => {
        const map = createSortedMap<string>()
        const model = new Map<string, string>()
        for (const [index, [key, isSet]] of steps.entries()) {
          if (isSet) {
            map.set(key, `${key}=${index}`)
            model.set(key, `${key}=${index}`)
          } else assert.equal(map.delete(key), model.delete(key))
          assert.equal(map.get(key), model.get(key))
        }
        assertSame(map, model, prefix, start)
      }),
    )
  })

  it('keeps its order over many chunks, growing and shrinking, in order and in disorder', () => {
    for (const stride of [1, 7919]) {
      const map = createSortedMap<string>()
      const model = new Map<string, string>()
      for (let index = 0; index < 5000; index++) {
        const key = `/k/${String((index * stride) % 5000).padStart(5, '0')}`
        map.set(key, key)
        model.set(key, key)
      }
      assertSame(map, model, '', '/k/02500')
      assertSame(map, model, '/k/01', '/k/011')
      for (let index = 0; index < 5000; index++) {
        if (index % 10 === 0) continue
        const key = `/k/${String(index).padStart(5, '0')}`
        map.delete(key)
        model.delete(key)
      }
      assertSame(map, model, '', '/k/02500')
      map.clear()
      assertSame(map, new Map(), '', '')
    }
  })

  it('gives lists that later changes leave alone', () => {
    const map = createSortedMap<string>()
    map.set('a', '1')
    const list = map.list('')
    map.set('a', '2')
    map.set('b', '2')
    assert.deepEqual(list, ['1'])
  })
})

describe('heap', () => {
  it('gives its entries in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), numbers => {
        const heap = createHeap<number>((left, right) => left < right)
        for (const number of numbers) heap.push(number)
        const taken: number[] = []
        while (heap.size > 0) {
          assert.equal(heap.peek(), heap.peek())
          taken.push(heap.pop() as number)
        }
        assert.deepEqual(
          taken,
          numbers.toSorted((left, right) => left - right),
        )
        assert.equal(heap.pop(), undefined)
      }),
    )
  })
})
