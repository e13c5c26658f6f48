import { compareNumbers, equals, isNumeric } from '../equality.ts'
import { comparison, order } from '../function-cost.ts'
import { type CelFunction, defineFunction } from '../functions.ts'
import { type CelValue, Duration, noOverload, Timestamp } from '../values.ts'

const numbers = ['int', 'uint', 'double']
const sameTypes = ['bool', ...numbers, 'string', 'bytes', 'timestamp', 'duration'].map(type => `(${type}, ${type}) -> bool`)
const mixedNumbers = numbers.flatMap(a => numbers.filter(b => b !== a).map(b => `(${a}, ${b}) -> bool`))

const ordering = (name: string, holds: (order: number) => boolean): CelFunction =>
  defineFunction(
    name,
    [...sameTypes, ...mixedNumbers],
    ([a, b]) => {
      const found = compare(a as CelValue, b as CelValue)
      return found !== undefined && holds(found)
    },
    { cost: order },
  )

export const comparisons = [
  defineFunction('_==_', ['(T, T) -> bool'], ([a, b]) => equals(a as CelValue, b as CelValue), { cost: comparison }),
  defineFunction('_!=_', ['(T, T) -> bool'], ([a, b]) => !equals(a as CelValue, b as CelValue), { cost: comparison }),
  ordering('_<_', order => order < 0),
  ordering('_<=_', order => order <= 0),
  ordering('_>_', order => order > 0),
  ordering('_>=_', order => order >= 0),
]

/** Negative, zero or positive; undefined where NaN is involved. Throws for values that have no order. */
export function compare(a: CelValue, b: CelValue): number | undefined {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) {
    return a.nanos < b.nanos ? -1 : Number(a.nanos > b.nanos)
  }
  throw noOverload()
}

// By bytes of UTF-8, which is the order of code points; JavaScript's own differs only where surrogates are involved.
function compareText(a: string, b: string): number {
  if (a === b) return 0
  return /[\ud800-\uffff]/.test(a) && /[\ud800-\uffff]/.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1
}
