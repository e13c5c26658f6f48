import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPieceBuffers } from './piece-buffers.ts'

test('a piece that was sent is written again, once', () => {
  const buffers = createPieceBuffers(1000, 2)
  const first = buffers.take(10)
  assert.equal(first.length, 1000)
  assert.notEqual(buffers.take(10).buffer, first.buffer)
  buffers.giveBack(first.subarray(0, 3))
  buffers.giveBack(first)
  assert.equal(buffers.take(1000).buffer, first.buffer)
  assert.notEqual(buffers.take(1000).buffer, first.buffer)
})

test('longer pieces and those of others are not kept', () => {
  const buffers = createPieceBuffers(1000, 2)
  const long = buffers.take(1001)
  assert.equal(long.length, 1001)
  const foreign = Buffer.allocUnsafeSlow(1000)
  buffers.giveBack(long)
  buffers.giveBack(foreign)
  const next = buffers.take(1000)
  assert.ok(next.buffer !== long.buffer && next.buffer !== foreign.buffer)
})

test('no more are kept than should be', () => {
  const buffers = createPieceBuffers(1000, 1)
  const pieces = [buffers.take(1), buffers.take(1)]
  for (const piece of pieces) buffers.giveBack(piece)
  const again = [buffers.take(1), buffers.take(1)]
  assert.equal(again.filter(({ buffer }) => pieces.some(piece => piece.buffer === buffer)).length, 1)
})
