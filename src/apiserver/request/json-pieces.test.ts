import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limits } from '../limits.ts'
import { jsonList } from './json-pieces.ts'
import { createPieceBuffers } from './piece-buffers.ts'

const piece = limits.listChunkBytes

function listOf(texts: readonly string[], expected: (text: string) => number): Buffer[] {
  return [
    ...jsonList(createPieceBuffers(piece, 1), '{"items":[', texts, expected, (out, text) => {
      const bytes = Buffer.from(`??${text}??`)
      out.text('{"before":"é","text":"')
      out.bytes(bytes, 2, bytes.length - 2)
      out.text('"}')
    }),
  ]
}

describe('a list in pieces', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'of nothing': [],
    'of one': ['a'],
    'of texts beyond ASCII': ['ä', '字'.repeat(1000), '🚢'],
    'whose items fill a piece almost, exactly and more than it holds': [piece - 100, 3, piece, piece * 2 + 1].map(size => 'x'.repeat(size)),
    'of many': Array.from({ length: 5000 }, (_, index) => `字${index}`.repeat(index % 13)),
  }
  for (const [what, texts] of Object.entries(cases)) {
    for (const [how, expected] of [
      ['too much', (text: string) => text.length * 3 + 100],
      ['too little', () => 1],
    ] as const) {
      it(`${what}, of which ${how} was expected`, () => {
        const pieces = listOf(texts, expected)
        const { items } = JSON.parse(Buffer.concat(pieces).toString())
        assert.deepEqual(
          items,
          texts.map(text => ({ before: 'é', text })),
        )
        const longest = Math.max(piece, ...texts.map(text => Buffer.byteLength(text)))
        for (const { length } of pieces) assert.ok(length > 0 && length <= longest)
      })
    }
  }

  it('that is short takes no more than was expected', () => {
    const [only, ...others] = listOf(['a', 'b'], () => 100)
    assert.equal(others.length, 0)
    assert.ok((only?.buffer.byteLength ?? 0) < 300)
  })
})
