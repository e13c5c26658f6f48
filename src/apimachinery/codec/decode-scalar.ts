import { canonicalQuantity } from '../quantity.ts'
import type { ScalarType } from '../schema.ts'
import { DecodeError } from './decode-error.ts'
import { canonicalMicroTime, canonicalTime, formatDuration, parseDuration } from './time.ts'
import { TypeMismatch } from './type-mismatch.ts'

/** From JSON to the canonical form of each scalar; undefined stands for absence. */
export const decodeScalar: Readonly<Record<ScalarType, (value: unknown) => unknown>> = {
  string: value => stringOf(value),
  boolean(value) {
    if (typeof value !== 'boolean') throw new TypeMismatch(value, 'bool')
    return value
  },
  int32: value => int32Of(value),
  int64(value) {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < -(2 ** 63) || value > 2 ** 63)
      throw new TypeMismatch(value, 'int64')
    return value
  },
  double(value) {
    if (typeof value !== 'number') throw new TypeMismatch(value, 'float64')
    return value
  },
  bytes: value => base64Of(value),
  time: value => canonicalTime(stringOf(value)),
  microTime: value => canonicalMicroTime(stringOf(value)),
  duration: value => formatDuration(parseDuration(stringOf(value))),
  quantity: value => quantityOf(value),
  intOrString: value => (typeof value === 'string' ? value : int32Of(value)),
}

export const zeroOfScalar: Readonly<Record<ScalarType, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  bytes: '',
  time: null,
  microTime: null,
  duration: '0s',
  quantity: '0',
  intOrString: 0,
}

function stringOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeMismatch(value, 'string')
  return value
}

function int32Of(value: unknown): number {
  // `| 0` keeps exactly the integers of 32 bits.
  if (typeof value !== 'number' || (value | 0) !== value) throw new TypeMismatch(value, 'int32')
  return value
}

function quantityOf(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : JSON.stringify(value)
  try {
    return canonicalQuantity(text)
  } catch (error) {
    throw new DecodeError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

function base64Of(value: unknown): string {
  if (typeof value !== 'string') throw new TypeMismatch(value, '[]uint8')
  // Line breaks are allowed within, and not written again.
  const text = value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]/g, '') : value
  if (text.length % 4 !== 0 || !base64.test(text)) throw new DecodeError(`illegal base64 data at input byte ${illegalByte(text)}`)
  return text
}

function illegalByte(text: string): number {
  const wrong = text.search(/[^A-Za-z0-9+/]/)
  return wrong >= 0 ? wrong : text.length - (text.length % 4)
}
