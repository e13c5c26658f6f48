import assert from 'node:assert/strict'
import { it } from 'node:test'
import { indexSet } from './index-set.ts'

const rows: readonly (readonly [text: string | undefined, more: number[], completions: number, expected: string])[] = [
  [undefined, [], 5, ''],
  ['', [3], 5, '3'],
  ['1,3-5,7', [], 10, '1,3-5,7'],
  ['1,3-5,7', [2, 6], 10, '1-7'],
  ['0', [1], 10, '0,1'],
  ['0,1', [2], 10, '0-2'],
  ['0-9', [], 4, '0-3'],
  ['5', [4, 4, 9, 0], 8, '0,4,5'],
]
for (const [text, more, completions, expected] of rows)
  it(`joins ${text ?? 'nothing'} and ${more.join() || 'nothing'} below ${completions} to ${expected || 'nothing'}`, () => {
    const set = indexSet(text, completions, more)
    assert.equal(set.text, expected)
    const members = Array.from({ length: completions }, (_, index) => index).filter(set.has)
    assert.equal(members.length, set.size)
    for (const index of more) assert.equal(set.has(index), index < completions)
  })
