import { elementName } from '../equality.ts'
import { concatenation } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { earliestNanos, latestNanos } from '../timestamps.ts'
import { ArrayList, CelFailure, type CelValue, Duration, JoinedList, ListValue, noOverload, Timestamp, Unsigned } from '../values.ts'

export const asInt = (value: bigint): bigint => {
  if (BigInt.asIntN(64, value) !== value) throw new CelFailure('integer overflow')
  return value
}

export const asUnsigned = (value: bigint): Unsigned => {
  if (BigInt.asUintN(64, value) !== value) throw new CelFailure('unsigned integer overflow')
  return new Unsigned(value)
}

const asDuration = (nanos: bigint): Duration => {
  if (BigInt.asIntN(64, nanos) !== nanos) throw new CelFailure('duration overflow')
  return new Duration(nanos)
}

export const asTimestamp = (nanos: bigint, offset_s = 0): Timestamp => {
  if (nanos < earliestNanos || nanos > latestNanos) throw new CelFailure('timestamp overflow')
  return new Timestamp(nanos, offset_s)
}

const numeric = ['int', 'uint', 'double'].map(type => `(${type}, ${type}) -> ${type}`)

export const arithmetic = [
  defineFunction(
    '_+_',
    [
      ...numeric,
      '(string, string) -> string',
      '(bytes, bytes) -> bytes',
      '(list(T), list(T)) -> list(T)',
      '(duration, duration) -> duration',
      '(timestamp, duration) -> timestamp',
      '(duration, timestamp) -> timestamp',
    ],
    ([a, b]) => add(a as CelValue, b as CelValue),
    { cost: concatenation },
  ),
  defineFunction(
    '_-_',
    [...numeric, '(duration, duration) -> duration', '(timestamp, duration) -> timestamp', '(timestamp, timestamp) -> duration'],
    ([a, b]) => subtract(a as CelValue, b as CelValue),
  ),
  defineFunction('_*_', numeric, ([a, b]) =>
    calculate(
      a as CelValue,
      b as CelValue,
      (x, y) => x * y,
      (x, y) => x * y,
    ),
  ),
  defineFunction('_/_', numeric, ([a, b]) =>
    calculate(
      a as CelValue,
      b as CelValue,
      (x, y) => x / nonZero(y, 'division by zero'),
      (x, y) => x / y,
    ),
  ),
  defineFunction('_%_', ['(int, int) -> int', '(uint, uint) -> uint'], ([a, b]) =>
    calculate(
      a as CelValue,
      b as CelValue,
      (x, y) => x % nonZero(y, 'modulus by zero'),
      () => {
        throw noOverload()
      },
    ),
  ),
  defineFunction('-_', ['(int) -> int', '(double) -> double'], ([value]) =>
    typeof value === 'bigint' ? asInt(-value) : -(value as number),
  ),
]

function nonZero(value: bigint, message: string): bigint {
  if (value === 0n) throw new CelFailure(message)
  return value
}

function calculate(
  a: CelValue,
  b: CelValue,
  integers: (x: bigint, y: bigint) => bigint,
  doubles: (x: number, y: number) => number,
): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return asInt(integers(a, b))
  if (typeof a === 'number' && typeof b === 'number') return doubles(a, b)
  if (a instanceof Unsigned && b instanceof Unsigned) return asUnsigned(integers(a.value, b.value))
  throw noOverload()
}

function add(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (a instanceof ListValue && b instanceof ListValue) return joinLists(a, b)
  if (a instanceof Duration && b instanceof Duration) return asDuration(a.nanos + b.nanos)
  if (a instanceof Timestamp && b instanceof Duration) return asTimestamp(a.nanos + b.nanos, a.offset_s)
  if (a instanceof Duration && b instanceof Timestamp) return asTimestamp(a.nanos + b.nanos, b.offset_s)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return new Uint8Array(Buffer.concat([a, b]))
  return calculate(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
  )
}

function subtract(a: CelValue, b: CelValue): CelValue {
  if (a instanceof Duration && b instanceof Duration) return asDuration(a.nanos - b.nanos)
  if (a instanceof Timestamp && b instanceof Duration) return asTimestamp(a.nanos - b.nanos, a.offset_s)
  if (a instanceof Timestamp && b instanceof Timestamp) return asDuration(a.nanos - b.nanos)
  return calculate(
    a,
    b,
    (x, y) => x - y,
    (x, y) => x - y,
  )
}

/** Elements of sets are added once; those of keyed lists take the place of the element with the same keys. */
function joinLists(a: ListValue, b: ListValue): ListValue {
  if (a.listType === undefined) return new JoinedList(a, b)
  const elements = new Map<string, CelValue>()
  for (const one of a) elements.set(elementName(a, one), one)
  for (const one of b) {
    const name = elementName(a, one)
    if (a.listType === 'map' || !elements.has(name)) elements.set(name, one)
  }
  return new ArrayList([...elements.values()], a)
}
