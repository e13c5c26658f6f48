import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellAt, formatShortDuration, timeSince } from './cell.ts'

const noon = Date.parse('2026-01-01T12:00:00Z')

test('the time since a moment goes on, the text around it stays', () => {
  const cell = timeSince('2026-01-01T11:59:00Z', '3 (', ' ago)')
  assert.equal(cellAt(cell, noon), '3 (60s ago)')
  assert.equal(cellAt(cell, noon + 3_600_000), '3 (61m ago)')
})

test('without a moment the time is unknown', () => {
  assert.equal(cellAt(timeSince(undefined), noon), '<unknown>')
  assert.equal(cellAt(timeSince(undefined, '(', ')'), noon), '(<unknown>)')
})

test('other cells are what they are', () => {
  for (const cell of ['text', 3, false, null]) assert.equal(cellAt(cell, noon), cell)
})

test('durations lose what is small against the rest', () => {
  const second = 1000
  const minute = 60 * second
  const hour = 60 * minute
  const cases: readonly (readonly [number, string])[] = [
    [-2 * second, '<invalid>'],
    [-second, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [2 * minute + second, '2m1s'],
    [10 * minute + second, '10m'],
    [3 * hour, '3h'],
    [7 * hour + minute, '7h1m'],
    [49 * hour, '2d1h'],
    [24 * hour * 364, '364d'],
    [24 * hour * 731, '2y1d'],
    [24 * hour * 365 * 9, '9y'],
  ]
  for (const [milliseconds, text] of cases) assert.equal(formatShortDuration(milliseconds), text)
})
