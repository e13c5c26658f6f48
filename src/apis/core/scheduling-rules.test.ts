import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from './node.ts'
import { matchesTerm } from './scheduling-rules.ts'

test('a node has the labels that were given to it and no others', () => {
  const node = { metadata: { name: 'n', labels: { disk: 'fast' } } } as unknown as Node
  const matches = (key: string, operator: string) => matchesTerm({ matchExpressions: [{ key, operator }] }, node)
  assert.deepEqual(
    ['disk', 'constructor', 'other'].map(key => [matches(key, 'Exists'), matches(key, 'DoesNotExist')]),
    [
      [true, false],
      [false, true],
      [false, true],
    ],
  )
})
