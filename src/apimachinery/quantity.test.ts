import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isValidQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  subtractQuantities,
} from './quantity.ts'

test('canonical forms', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['0', '0'],
    ['0m', '0'],
    ['-0', '0'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5.'],
    ['+5', '+5'],
    ['1.250', '1.250'],
    ['1.25', '1250m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['100000', '100k'],
    ['1500', '1500'],
    ['1000k', '1M'],
    ['0001', '0001'],
    ['01000', '1k'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1023Ki', '1023Ki'],
    ['0.1Ki', '102400m'],
    ['0.5Ki', '512'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['1E4', '10e3'],
    ['1e4', '10e3'],
    ['12e-3', '12e-3'],
    ['100E', '100E'],
    ['16Ei', '9223372036854775807'],
    ['0.0001', '100u'],
    ['1e-20', '1e-9'],
    ['0.1n', '1n'],
    ['-1.5', '-1500m'],
    ['-2Gi', '-2Gi'],
    ['1e-99999999', '1e-9'],
    ['99999999999999999999', '99999999999999999999'],
    ['9.5Ei', '9223372036854775807'],
  ]
  for (const [text, canonical] of cases) assert.equal(canonicalQuantity(text), canonical, text)
})

test('what is no quantity', () => {
  for (const text of ['', ' 1', '1 ', 'x', '1x', '--1', '1.2.3', '1,5', '1e', 'Ki1', '1i', '1Kib']) {
    assert.throws(() => parseQuantity(text), /quantities must match|unable to parse/, text)
    assert.equal(isValidQuantity(text), false, text)
  }
  assert.throws(() => parseQuantity('1KiB'), { message: /^quantities must match the regular expression/ })
  assert.throws(() => parseQuantity('1mm'), { message: "unable to parse quantity's suffix" })
})

test('values are rounded up, away from zero', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['1', 1, 1000],
    ['100m', 1, 100],
    ['1500m', 2, 1500],
    ['1n', 1, 1],
    ['1u', 1, 1],
    ['-1500m', -2, -1500],
    ['1Gi', 1073741824, 1073741824000],
    ['1k', 1000, 1_000_000],
    ['1e3', 1000, 1_000_000],
    ['0.5', 1, 500],
  ]
  for (const [text, value, milli] of cases) {
    assert.equal(quantityValue(text), value, text)
    assert.equal(quantityMilliValue(text), milli, text)
  }
})

test('comparison and sums', () => {
  assert.equal(compareQuantities('1', '1000m'), 0)
  assert.equal(compareQuantities('1Gi', '1G'), 1)
  assert.equal(compareQuantities('-1', '1'), -1)
  assert.equal(addQuantities('500m', '0.5'), '1')
  assert.equal(addQuantities('0', '1Gi'), '1Gi')
  assert.equal(addQuantities('512Mi', '512Mi'), '1Gi')
  assert.equal(subtractQuantities('1', '1m'), '999m')
  assert.equal(subtractQuantities('1Gi', '1Gi'), '0')
})

const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'e3', 'e-2', 'E5')
const quantities = fc
  .tuple(fc.integer({ min: -99999, max: 99999 }), fc.integer({ min: 0, max: 999 }), suffix)
  .map(([whole, fraction, unit]) => `${whole}.${fraction}${unit}`)

test('canonical forms keep the amount and are their own canonical form', () => {
  fc.assert(
    fc.property(quantities, text => {
      const canonical = canonicalQuantity(text)
      assert.equal(compareQuantities(text, canonical), 0)
      assert.equal(canonicalQuantity(canonical), canonical)
      const strict = formatQuantity(parseQuantity(text))
      assert.equal(formatQuantity(parseQuantity(strict)), strict)
    }),
  )
})

test('the short cut for plain quantities agrees with exact arithmetic', () => {
  fc.assert(
    fc.property(fc.nat(), suffix, (value, unit) => {
      const text = `${value}${unit}`
      const exact = parseQuantity(text)
      assert.equal(canonicalQuantity(text), formatQuantity(exact))
      assert.equal(quantityValue(text), Number((exact.nanos + 999_999_999n) / 1_000_000_000n))
    }),
  )
})
