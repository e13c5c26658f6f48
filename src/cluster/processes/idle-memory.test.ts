import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import { giveBackWhenIdle } from './idle-memory.ts'

const mebibyte = 1024 * 1024

function madeUp() {
  const clock = createManualClock()
  const state = { busy: 0, size: 100 * mebibyte, kept: 90 * mebibyte, collections: 0 }
  const memory = {
    utilization: () => state.busy,
    size_bytes: () => state.size,
    collect() {
      state.collections++
      state.size = state.kept
    },
  }
  return { clock, state, giving: giveBackWhenIdle(clock, memory) }
}

test('what start-up and each burst needed is given back within two seconds of quiet, once', async () => {
  const { clock, state, giving } = madeUp()
  await clock.advance(60_000)
  assert.equal(state.collections, 1)
  state.busy = 0.8
  state.size = 300 * mebibyte
  await clock.advance(10_000)
  assert.equal(state.collections, 1, 'not while it is busy')
  state.busy = 0.01
  await clock.advance(2000)
  assert.equal(state.collections, 2)
  await clock.advance(60_000)
  assert.equal(state.collections, 2)
  giving.close()
})

test('little is left as it is, and so is a heap too large to pause for', async () => {
  const { clock, state, giving } = madeUp()
  await clock.advance(2000)
  state.size += 20 * mebibyte
  await clock.advance(10_000)
  assert.equal(state.collections, 1)
  state.size = 2048 * mebibyte
  await clock.advance(10_000)
  assert.equal(state.collections, 1)
  giving.close()
})

test('nothing is collected after the end', async () => {
  const { clock, state, giving } = madeUp()
  giving.close()
  await clock.advance(10_000)
  assert.equal(state.collections, 0)
})
