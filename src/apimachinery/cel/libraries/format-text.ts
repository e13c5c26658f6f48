import { formatTimestamp } from '../timestamps.ts'
import { typeNameOf } from '../type-of-value.ts'
import { CelFailure, type CelValue, Duration, ListValue, MapValue, Timestamp, TypeValue, Unsigned } from '../values.ts'
import { longestText, tooMuch } from './bounds.ts'
import { formatSeconds } from './conversions.ts'
import { formatDouble } from './numbers.ts'

const clause = /%(?:%|(?:\.(\d+))?([a-zA-Z]))|%/g

/** `"%s has %d".format([name, count])` */
export function formatText(format: string, values: ListValue): string {
  let used = 0
  let length = 0
  return format.replace(clause, (whole, precision: string | undefined, letter: string | undefined) => {
    if (whole === '%%') return '%'
    if (letter === undefined) throw new CelFailure('unexpected end of string')
    if (used >= values.size) throw new CelFailure(`index ${used} out of range`)
    const write = writers[letter]
    if (!write) throw new CelFailure(`could not parse formatting clause: unrecognized formatting clause "${letter}"`)
    const written = write(values.at(used++), precision === undefined ? undefined : Number(precision))
    length += written.length
    if (length > longestText) throw tooMuch()
    return written
  })
}

type Writer = (value: CelValue, precision: number | undefined) => string

const writers: Readonly<Record<string, Writer>> = {
  s: value => asText(value),
  d: value => integer(value, 'decimal clause').toString(),
  b: value => (typeof value === 'boolean' ? String(Number(value)) : integer(value, 'binary formatting').toString(2)),
  o: value => integer(value, 'octal formatting').toString(8),
  x: value => hexadecimal(value),
  X: value => hexadecimal(value).toUpperCase(),
  f: (value, precision) => fixed(value, precision ?? 6),
  e: (value, precision) => scientific(value, precision ?? 6),
}

function asText(value: CelValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatDouble(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Unsigned) return String(value.value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatSeconds(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (value instanceof ListValue) return `[${Array.from(value, asText).join(', ')}]`
  if (value instanceof MapValue) {
    const entries = Array.from(value.keys(), key => [asText(key), asText(value.find(key) as CelValue)] as const)
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${key}: ${one}`)
      .join(', ')}}`
  }
  if (value instanceof TypeValue) return typeNameOfType(value)
  throw new CelFailure(
    `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeNameOf(value)}`,
  )
}

const typeNameOfType = ({ type }: TypeValue): string => (type.kind === 'object' || type.kind === 'opaque' ? type.name : type.kind)

function integer(value: CelValue, what: string): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof Unsigned) return value.value
  throw new CelFailure(`error during formatting: ${what} can only be used on integers, was given ${typeNameOf(value)}`)
}

function hexadecimal(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return integer(value, 'hex clause').toString(16)
}

function decimal(value: CelValue, what: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Unsigned) return Number(value.value)
  throw new CelFailure(`error during formatting: ${what} clause can only be used on doubles, was given ${typeNameOf(value)}`)
}

function fixed(value: CelValue, precision: number): string {
  const number = decimal(value, 'fixed-point')
  return Number.isFinite(number) ? number.toFixed(Math.min(precision, 100)) : formatDouble(number)
}

function scientific(value: CelValue, precision: number): string {
  const number = decimal(value, 'scientific')
  if (!Number.isFinite(number)) return formatDouble(number)
  return number.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, 'e$10$2')
}
