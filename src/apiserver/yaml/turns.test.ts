import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTurns } from './turns.ts'

test('owners take turns, each with what it brought first', () => {
  const turns = createTurns<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) turns.add(item[0] as string, item)
  const served = [turns.next(), turns.next()]
  // Who comes later stands behind those who wait, and in front of nobody twice.
  turns.add('d', 'd1')
  for (let next = turns.next(); next; next = turns.next()) served.push(next)
  assert.deepEqual(served, ['a1', 'b1', 'c1', 'a2', 'b2', 'd1', 'a3'])
  turns.add('a', 'a4')
  turns.add('b', 'b3')
  assert.deepEqual([turns.takeAll(), turns.next()], [['a4', 'b3'], undefined])
})
