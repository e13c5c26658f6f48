import { parseDuration } from '../../codec/time.ts'
import { traversalKeepingSize, traversalOf } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { formatTimestamp, parseTimestamp } from '../timestamps.ts'
import { typeNameOf, typeOfValue } from '../type-of-value.ts'
import { CelFailure, type CelValue, Duration, Timestamp, TypeValue, Unsigned } from '../values.ts'
import { asInt, asTimestamp, asUnsigned } from './arithmetic.ts'
import { formatDouble } from './numbers.ts'

const giga = 1_000_000_000n

const longestDuration = 200

/** Numbers and times as text, at most; bytes are read like text. */
const longestNumber = { min: 1, max: 40 }

export const conversions = [
  defineFunction('type', ['(T) -> type(T)'], ([value]) => new TypeValue(typeOfValue(value as CelValue))),
  defineFunction('dyn', ['(T) -> dyn'], ([value]) => value as CelValue),
  defineFunction('bool', ['(bool) -> bool', '(string) -> bool'], ([value]) => toBool(value as CelValue)),
  defineFunction(
    'int',
    ['(int) -> int', '(uint) -> int', '(double) -> int', '(string) -> int', '(timestamp) -> int', '(duration) -> int'],
    ([value]) => toInt(value as CelValue),
  ),
  defineFunction('uint', ['(uint) -> uint', '(int) -> uint', '(double) -> uint', '(string) -> uint'], ([value]) =>
    toUnsigned(value as CelValue),
  ),
  defineFunction('double', ['(double) -> double', '(int) -> double', '(uint) -> double', '(string) -> double'], ([value]) =>
    toDouble(value as CelValue),
  ),
  defineFunction(
    'string',
    ['string', 'bool', 'int', 'uint', 'double', 'bytes', 'timestamp', 'duration'].map(type => `(${type}) -> string`),
    ([value]) => toText(value as CelValue),
    {
      cost: {
        actual: ([value], result) => (value instanceof Uint8Array ? traversalOf(0).actual([value], result) : 1),
        estimate: ([value]) => ({ cost: { min: 1, max: 1 }, size: value?.isText ? value.size : longestNumber }),
      },
    },
  ),
  defineFunction(
    'bytes',
    ['(bytes) -> bytes', '(string) -> bytes'],
    ([value]) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value)) : (value as CelValue)),
    { cost: traversalKeepingSize(0) },
  ),
  defineFunction('timestamp', ['(timestamp) -> timestamp', '(string) -> timestamp', '(int) -> timestamp'], ([value]) =>
    toTimestamp(value as CelValue),
  ),
  defineFunction('duration', ['(duration) -> duration', '(string) -> duration', '(int) -> duration'], ([value]) =>
    toDuration(value as CelValue),
  ),
]

const failed = (value: CelValue, type: string): CelFailure =>
  new CelFailure(`type conversion error from '${typeNameOf(value)}' to '${type}'`)

function toBool(value: CelValue): boolean {
  if (typeof value === 'boolean') return value
  switch (value) {
    case 'true':
    case 'TRUE':
    case 'True':
    case 't':
    case 'T':
    case '1':
      return true
    case 'false':
    case 'FALSE':
    case 'False':
    case 'f':
    case 'F':
    case '0':
      return false
    default:
      throw failed(value, 'bool')
  }
}

function toInt(value: CelValue): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof Unsigned) return asInt(value.value)
  if (typeof value === 'number') return truncated(value, asInt, 'integer overflow')
  if (value instanceof Timestamp) return (value.nanos - (((value.nanos % giga) + giga) % giga)) / giga
  if (value instanceof Duration) return value.nanos
  if (typeof value === 'string' && /^[+-]?0*[0-9]{1,19}$/.test(value)) {
    const parsed = BigInt(value.replace(/^\+/, ''))
    if (BigInt.asIntN(64, parsed) === parsed) return parsed
  }
  throw failed(value, 'int')
}

function truncated<T>(value: number, convert: (value: bigint) => T, overflow: string): T {
  if (!Number.isFinite(value)) throw new CelFailure(overflow)
  return convert(BigInt(Math.trunc(value)))
}

function toUnsigned(value: CelValue): Unsigned {
  if (value instanceof Unsigned) return value
  if (typeof value === 'bigint') return asUnsigned(value)
  if (typeof value === 'number') return truncated(value, asUnsigned, 'unsigned integer overflow')
  if (typeof value === 'string' && /^0*[0-9]{1,20}$/.test(value) && BigInt(value) < 2n ** 64n) return new Unsigned(BigInt(value))
  throw failed(value, 'uint')
}

function toDouble(value: CelValue): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Unsigned) return Number(value.value)
  if (typeof value === 'string') {
    if (/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(value)) return Number(value)
    const special = /^([+-]?)(inf|infinity|nan)$/i.exec(value)
    if (special)
      return special[2]?.toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  throw failed(value, 'double')
}

export function toText(value: CelValue): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'number':
      return formatDouble(value)
    default:
  }
  if (value instanceof Unsigned) return String(value.value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatSeconds(value)
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value).toString()
    if (Buffer.compare(Buffer.from(text), value) !== 0) throw new CelFailure('invalid UTF-8 in bytes, cannot convert to string')
    return text
  }
  throw failed(value, 'string')
}

/** Seconds with as many digits as needed: `1.5s`. */
export function formatSeconds({ nanos }: Duration): string {
  const magnitude = nanos < 0n ? -nanos : nanos
  const fraction = String(magnitude % giga)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${magnitude / giga}${fraction && `.${fraction}`}s`
}

function toTimestamp(value: CelValue): Timestamp {
  if (value instanceof Timestamp) return value
  if (typeof value === 'bigint') return asTimestamp(value * giga)
  const parsed = typeof value === 'string' && /T/i.test(value) ? parseTimestamp(value) : undefined
  if (!parsed) throw failed(value, 'google.protobuf.Timestamp')
  return parsed
}

function toDuration(value: CelValue): Duration {
  if (value instanceof Duration) return value
  if (typeof value === 'bigint') return new Duration(value)
  if ((value as string).length > longestDuration) throw failed(value, 'google.protobuf.Duration')
  try {
    return new Duration(parseDuration(value as string))
  } catch {
    throw failed(value, 'google.protobuf.Duration')
  }
}
