import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { message } from './protobuf.ts'

const inner = message({ value: [1, 'int64'] })
const outer = message({
  text: [1, 'string'],
  flag: [2, 'bool'],
  small: [3, 'int32'],
  wrapped: [4, inner],
  names: [5, 'string', 'repeated'],
  numbers: [6, 'int64', 'repeated'],
  labels: [7, 'map'],
  bytes: [8, 'bytes'],
  items: [20, inner, 'repeated'],
})

describe('protobuf messages', () => {
  it('reads back what it wrote', () => {
    const value = {
      text: 'größe',
      flag: true,
      small: -1,
      wrapped: { value: 0 },
      names: ['a', '', 'b'],
      numbers: [0, 1, 2 ** 40],
      labels: { a: '1', b: '' },
      bytes: Uint8Array.of(0, 255),
      items: [{ value: 7 }, { value: 0 }],
    }
    assert.deepEqual(outer.decode(outer.encode(value)), value)
  })

  it('leaves out defaults on the wire, but not an empty message', () => {
    assert.equal(outer.encode({ text: '', flag: false, small: 0, names: [], labels: {} }).length, 0)
    assert.deepEqual([...outer.encode({ wrapped: {} })], [0x22, 0])
  })

  it('gives defaults for what was not sent', () => {
    assert.deepEqual(outer.decode(new Uint8Array(0)), {
      text: '',
      flag: false,
      small: 0,
      wrapped: undefined,
      names: [],
      numbers: [],
      labels: {},
      bytes: new Uint8Array(0),
      items: [],
    })
  })

  it('skips fields that it does not know', () => {
    const newer = message({ text: [1, 'string'], added: [99, 'string'], more: [100, 'int64'] })
    assert.equal(outer.decode(newer.encode({ text: 'kept', added: 'dropped', more: 5 })).text, 'kept')
  })

  it('reads numbers of a list packed and one by one', () => {
    assert.deepEqual(outer.decode(Uint8Array.of(0x30, 1, 0x30, 2)).numbers, [1, 2])
    assert.deepEqual(outer.decode(Uint8Array.of(0x32, 2, 1, 2)).numbers, [1, 2])
  })

  it('refuses a message that ends too early', () => {
    assert.throws(() => outer.decode(Uint8Array.of(0x0a, 10, 0x61)))
  })
})
