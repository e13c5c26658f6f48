import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalMicroTime, canonicalTime, formatDuration, parseDuration } from './time.ts'

test('times are written in UTC with whole seconds', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['2020-02-29T23:59:59Z', '2020-02-29T23:59:59Z'],
    ['2020-01-01T00:00:00.999Z', '2020-01-01T00:00:00Z'],
    ['2020-01-01T01:30:00+01:30', '2020-01-01T00:00:00Z'],
    ['2019-12-31T22:00:00-02:00', '2020-01-01T00:00:00Z'],
    ['0001-01-01T00:00:00Z', undefined],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ]
  for (const [text, expected] of cases) assert.equal(canonicalTime(text), expected, text)
  assert.equal(canonicalMicroTime('2020-01-01T00:00:00.1234567Z'), '2020-01-01T00:00:00.123456Z')
  assert.equal(canonicalMicroTime('2020-01-01T00:00:00Z'), '2020-01-01T00:00:00.000000Z')
})

test('mistakes in times are told in the words of Go', () => {
  const cannot = (text: string, rest: string, element: string): string =>
    `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(rest)} as "${element}"`
  const cases = [
    ['', cannot('', '', '2006')],
    ['today', cannot('today', 'today', '2006')],
    ['2020-01-01', cannot('2020-01-01', '', 'T')],
    ['2020-01-01 00:00:00Z', cannot('2020-01-01 00:00:00Z', ' 00:00:00Z', 'T')],
    ['2020-01-01T00:00:00', cannot('2020-01-01T00:00:00', '', 'Z07:00')],
    ['2020-01-01T00:00:00Zx', 'parsing time "2020-01-01T00:00:00Zx": extra text: "x"'],
    ['2020-13-01T00:00:00Z', 'parsing time "2020-13-01T00:00:00Z": month out of range'],
    ['2021-02-29T00:00:00Z', 'parsing time "2021-02-29T00:00:00Z": day out of range'],
    ['2020-01-01T24:00:00Z', 'parsing time "2020-01-01T24:00:00Z": hour out of range'],
  ] as const
  for (const [text, message] of cases) assert.throws(() => canonicalTime(text), { message }, text)
})

test('durations', () => {
  const cases = [
    ['1h30m', '1h30m0s'],
    ['90s', '1m30s'],
    ['1.5s', '1.5s'],
    ['20ms', '20ms'],
    ['0', '0s'],
    ['-1m', '-1m0s'],
    ['1us', '1µs'],
    ['1500ns', '1.5µs'],
    ['.5h', '30m0s'],
  ] as const
  for (const [text, expected] of cases) assert.equal(formatDuration(parseDuration(text)), expected, text)
  assert.throws(() => parseDuration(''), { message: 'time: invalid duration ""' })
  assert.throws(() => parseDuration('5'), { message: 'time: missing unit in duration "5"' })
  assert.throws(() => parseDuration('5d'), { message: 'time: unknown unit "d" in duration "5d"' })
  assert.throws(() => parseDuration('s'), { message: 'time: invalid duration "s"' })
})

test('durations survive writing and reading', () => {
  fc.assert(fc.property(fc.bigInt(-(10n ** 17n), 10n ** 17n), nanos => parseDuration(formatDuration(nanos)) === nanos))
})
