import { DecodeError } from './decode-error.ts'

/** Times and durations: Kubernetes writes UTC, whole seconds (Time) or microseconds (MicroTime), and Go's durations. */

const timestamp = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

export interface Instant {
  /** Since 1970. */
  readonly seconds: number
  readonly nanos: number
}

/** Go's zero time, which stands for absence. */
const zeroSeconds = -62135596800

/** `YYYY-MM-DDTHH:MM:SSZ`; undefined for Go's zero time. */
export function canonicalTime(text: string): string | undefined {
  if (isCanonicalTime(text)) return text
  const instant = parseTime(text, '2006-01-02T15:04:05Z07:00')
  return instant.seconds === zeroSeconds ? undefined : formatTime(instant)
}

/** `YYYY-MM-DDTHH:MM:SS.ffffffZ`; undefined for Go's zero time. */
export function canonicalMicroTime(text: string): string | undefined {
  const instant = parseTime(text, '2006-01-02T15:04:05.000000Z07:00')
  return instant.seconds === zeroSeconds ? undefined : formatMicroTime(instant)
}

export const formatTime = ({ seconds }: Instant): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`

export const formatMicroTime = (instant: Instant): string =>
  `${formatTime(instant).slice(0, 19)}.${String(Math.trunc(instant.nanos / 1000)).padStart(6, '0')}Z`

// Nearly all times arrive as Kubernetes writes them; days up to 28 exist in every month.
function isCanonicalTime(text: string): boolean {
  if (text.length !== 20 || text.charCodeAt(19) !== 90) return false
  for (let at = 0; at < 19; at++) {
    const code = text.charCodeAt(at)
    const separator = separators[at]
    if (separator ? code !== separator : code < 48 || code > 57) return false
  }
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const inRange = month >= 1 && month <= 12 && day >= 1 && day <= 28
  return inRange && twoDigits(text, 11) < 24 && twoDigits(text, 14) < 60 && twoDigits(text, 17) < 60 && !text.startsWith('0001-01-01')
}

const separators = Array.from('    -  -  T  :  :  ', one => (one === ' ' ? 0 : one.charCodeAt(0)))
const twoDigits = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528

export function parseTime(text: string, layout = '2006-01-02T15:04:05Z07:00'): Instant {
  if (isCanonicalTime(text)) return { seconds: Date.parse(text) / 1000, nanos: 0 }
  const match = timestamp.exec(text)
  if (!match) throw timeError(text, layout, firstMismatch(text))
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = match
  const problem = outOfRange(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second))
  if (problem) throw new DecodeError(`parsing time ${JSON.stringify(text)}: ${problem} out of range`)
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000
  const offset = (Number(zoneHour) * 3600 + Number(zoneMinute) * 60) * (sign === '-' ? -1 : 1)
  return { seconds: local - offset, nanos: Number(fraction.slice(0, 9).padEnd(9, '0')) }
}

function outOfRange(year: number, month: number, day: number, hour: number, minute: number, second: number): string | undefined {
  if (month < 1 || month > 12) return 'month'
  if (day < 1 || day > new Date(Date.UTC((year % 400) + 2000, month, 0)).getUTCDate()) return 'day'
  if (hour > 23) return 'hour'
  if (minute > 59) return 'minute'
  return second > 59 ? 'second' : undefined
}

const steps: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^\d\d/, '01'],
  [/^-/, '-'],
  [/^\d\d/, '02'],
  [/^T/, 'T'],
  [/^\d\d/, '15'],
  [/^:/, ':'],
  [/^\d\d/, '04'],
  [/^:/, ':'],
  [/^\d\d(?:[.,]\d+)?/, '05'],
  [/^(?:Z|[+-]\d\d:\d\d)/, 'Z07:00'],
]

/** Where reading stops, as Go tells it: the rest of the text and the element of the layout that it is not. */
function firstMismatch(text: string): { rest: string; element: string } {
  let rest = text
  for (const [pattern, element] of steps) {
    const match = pattern.exec(rest)
    if (!match) return { rest, element }
    rest = rest.slice(match[0].length)
  }
  return { rest, element: '' }
}

function timeError(text: string, layout: string, { rest, element }: { rest: string; element: string }): DecodeError {
  const quoted = JSON.stringify(text)
  if (element === '') return new DecodeError(`parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`)
  return new DecodeError(`parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${element}"`)
}

const durationUnits: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Nanoseconds of a duration in Go's notation. */
export function parseDuration(text: string): bigint {
  const invalid = (detail = 'invalid duration') => new DecodeError(`time: ${detail} ${JSON.stringify(text)}`)
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (rest === '0') return 0n
  let total = 0n
  let remaining = rest
  do {
    const [whole, digits = '', fraction = '', unit = ''] = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/.exec(remaining) ?? []
    if (!whole || (digits === '' && fraction === '')) throw invalid()
    if (unit === '') throw invalid('missing unit in duration')
    const scale = Object.hasOwn(durationUnits, unit) ? durationUnits[unit] : undefined
    if (scale === undefined) throw invalid(`unknown unit ${JSON.stringify(unit)} in duration`)
    total += BigInt(digits || 0) * scale + (BigInt(fraction || 0) * scale) / 10n ** BigInt(fraction.length)
    if (total >= 2n ** 63n) throw invalid()
    remaining = remaining.slice(whole.length)
  } while (remaining)
  return sign === '-' ? -total : total
}

/** Go's notation: `1h30m0s`, `1.5s`, `20ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos < 0n) return `-${formatDuration(-nanos)}`
  if (nanos === 0n) return '0s'
  if (nanos < 1_000n) return `${nanos}ns`
  if (nanos < 1_000_000n) return `${withFraction(nanos, 3)}µs`
  if (nanos < 1_000_000_000n) return `${withFraction(nanos, 6)}ms`
  const minutes = nanos / 60_000_000_000n
  const seconds = `${withFraction(nanos % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return seconds
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`
}

function withFraction(value: bigint, places: number): string {
  const unit = 10n ** BigInt(places)
  const fraction = String(value % unit)
    .padStart(places, '0')
    .replace(/0+$/, '')
  return fraction ? `${value / unit}.${fraction}` : `${value / unit}`
}
