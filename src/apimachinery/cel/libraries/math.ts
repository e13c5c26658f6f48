import { defineFunction } from '../functions.ts'
import { CelFailure, type CelValue, ListValue, noOverload, Unsigned } from '../values.ts'
import { asInt } from './arithmetic.ts'
import { compare } from './comparisons.ts'

const variadic = (result: string): string[] => [
  `(list(T)) -> ${result}`,
  ...[1, 2, 3, 4, 5, 6, 7, 8].map(count => `(${Array(count).fill('dyn').join(', ')}) -> ${result}`),
]

const number = (value: CelValue | undefined): number => value as number
const numericResults = ['int', 'uint', 'double'].map(type => `(${type}) -> ${type}`)
const bitwise = ['(int, int) -> int', '(uint, uint) -> uint']

const ofDoubles = (name: string, result: string, compute: (value: number) => number | boolean) =>
  defineFunction(name, [`(double) -> ${result}`], ([value]) => compute(number(value)))

export const mathLibrary = [
  defineFunction('math.greatest', variadic('dyn'), args => extreme(args, order => order > 0)),
  defineFunction('math.least', variadic('dyn'), args => extreme(args, order => order < 0)),
  ofDoubles('math.ceil', 'double', Math.ceil),
  ofDoubles('math.floor', 'double', Math.floor),
  ofDoubles('math.trunc', 'double', Math.trunc),
  ofDoubles('math.round', 'double', value => Math.sign(value) * Math.round(Math.abs(value))),
  ofDoubles('math.isNaN', 'bool', Number.isNaN),
  ofDoubles('math.isInf', 'bool', value => Math.abs(value) === Number.POSITIVE_INFINITY),
  ofDoubles('math.isFinite', 'bool', Number.isFinite),
  defineFunction('math.sqrt', ['(int) -> double', '(uint) -> double', '(double) -> double'], ([value]) =>
    Math.sqrt(Number(value instanceof Unsigned ? value.value : value)),
  ),
  defineFunction('math.abs', numericResults, ([value]) => {
    if (typeof value === 'bigint') return asInt(value < 0n ? -value : value)
    return typeof value === 'number' ? Math.abs(value) : (value as CelValue)
  }),
  defineFunction('math.sign', numericResults, ([value]) => {
    if (typeof value === 'bigint') return value > 0n ? 1n : value < 0n ? -1n : 0n
    return value instanceof Unsigned ? new Unsigned(value.value > 0n ? 1n : 0n) : Math.sign(number(value))
  }),
  defineFunction('math.bitAnd', bitwise, ([a, b]) => bits(a, b, (x, y) => x & y)),
  defineFunction('math.bitOr', bitwise, ([a, b]) => bits(a, b, (x, y) => x | y)),
  defineFunction('math.bitXor', bitwise, ([a, b]) => bits(a, b, (x, y) => x ^ y)),
  defineFunction('math.bitNot', ['(int) -> int', '(uint) -> uint'], ([value]) =>
    value instanceof Unsigned ? new Unsigned(BigInt.asUintN(64, ~value.value)) : ~(value as bigint),
  ),
  defineFunction('math.bitShiftLeft', ['(int, int) -> int', '(uint, int) -> uint'], ([value, by]) =>
    shift(value, by as bigint, (x, y) => x << y),
  ),
  defineFunction('math.bitShiftRight', ['(int, int) -> int', '(uint, int) -> uint'], ([value, by]) =>
    shift(value, by as bigint, (x, y) => x >> y),
  ),
]

function extreme(args: readonly CelValue[], isBetter: (order: number) => boolean): CelValue {
  const [first] = args
  const values = args.length === 1 && first instanceof ListValue ? [...first] : args
  if (values.length === 0) throw new CelFailure('math.@max(list) argument must not be empty')
  return values.reduce((best, value) => {
    for (const one of [best, value]) {
      if (typeof one !== 'bigint' && typeof one !== 'number' && !(one instanceof Unsigned)) throw noOverload()
    }
    return isBetter(compare(value, best) ?? 0) ? value : best
  })
}

function bits(a: CelValue | undefined, b: CelValue | undefined, compute: (x: bigint, y: bigint) => bigint): CelValue {
  if (a instanceof Unsigned && b instanceof Unsigned) return new Unsigned(compute(a.value, b.value))
  return compute(a as bigint, b as bigint)
}

/** Shifting right fills with zeros, as if the number had no sign. */
function shift(value: CelValue | undefined, by: bigint, compute: (x: bigint, y: bigint) => bigint): CelValue {
  if (by < 0n) throw new CelFailure(`math.bitShift() negative offset: ${by}`)
  const places = by > 64n ? 64n : by
  if (value instanceof Unsigned) return new Unsigned(BigInt.asUintN(64, compute(value.value, places)))
  return BigInt.asIntN(64, compute(BigInt.asUintN(64, value as bigint), places))
}
