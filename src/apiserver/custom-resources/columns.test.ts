import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsOf } from './columns.ts'

const cells: readonly (readonly [type: string, value: unknown, cell: unknown])[] = [
  ['date', '2026-01-02T03:04:05Z', { since_ms: Date.UTC(2026, 0, 2, 3, 4, 5), before: '', behind: '' }],
  ['date', 'at noon', '<invalid>'],
  ['date', '2026-01-02', '<invalid>'],
  ['date', '', '<unknown>'],
  ['date', 7, null],
  ['integer', 2.5, 2],
  ['integer', '2', null],
  ['number', 2.5, 2.5],
  ['boolean', true, true],
  ['string', ['a', { b: 1 }], '["a",{"b":1}]'],
  ['string', undefined, null],
]

for (const [type, value, cell] of cells) {
  test(`a column of type ${type} shows ${JSON.stringify(value)} as upstream does`, () => {
    const [, column] = columnsOf({
      name: 'v1',
      served: true,
      storage: true,
      additionalPrinterColumns: [{ name: 'C', type, jsonPath: '.status.c' }],
    })
    const show = column?.cell as unknown as (object: unknown) => unknown
    assert.deepEqual(show({ status: { c: value } }), cell)
  })
}
