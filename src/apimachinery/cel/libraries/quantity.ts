import { isValidQuantity, parseQuantity, type Quantity } from '../../quantity.ts'
import { fixedCost, traversalOf } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { CelFailure, type CelValue, OpaqueValue } from '../values.ts'

const giga = 1_000_000_000n

class QuantityValue extends OpaqueValue {
  override readonly typeName = 'kubernetes.Quantity'
  readonly quantity: Quantity
  constructor(quantity: Quantity) {
    super()
    this.quantity = quantity
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof QuantityValue && other.quantity.nanos === this.quantity.nanos
  }
}

const amount = (value: CelValue | undefined): bigint => (typeof value === 'bigint' ? value * giga : (value as QuantityValue).quantity.nanos)
const parsing = { cost: traversalOf(0) }
const one = { cost: fixedCost(1) }
const comparable = ['kubernetes.Quantity.(kubernetes.Quantity)']
const addable = ['kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity', 'kubernetes.Quantity.(int) -> kubernetes.Quantity']

/** Nobody writes longer ones, and long numbers take long to read. */
const longestQuantity = 1000

export const quantityLibrary = [
  defineFunction('quantity', ['(string) -> kubernetes.Quantity'], ([text]) => new QuantityValue(parse(text as string)), parsing),
  defineFunction(
    'isQuantity',
    ['(string) -> bool'],
    ([text]) => (text as string).length <= longestQuantity && isValidQuantity(text as string),
    parsing,
  ),
  defineFunction('sign', ['kubernetes.Quantity.() -> int'], ([value]) => signOf(amount(value)), one),
  defineFunction('isInteger', ['kubernetes.Quantity.() -> bool'], ([value]) => isWhole(amount(value)), one),
  defineFunction('asInteger', ['kubernetes.Quantity.() -> int'], ([value]) => asInteger(amount(value)), one),
  defineFunction('asApproximateFloat', ['kubernetes.Quantity.() -> double'], ([value]) => Number(amount(value)) / 1e9, one),
  defineFunction(
    'isGreaterThan',
    comparable.map(form => `${form} -> bool`),
    ([a, b]) => amount(a) > amount(b),
    one,
  ),
  defineFunction(
    'isLessThan',
    comparable.map(form => `${form} -> bool`),
    ([a, b]) => amount(a) < amount(b),
    one,
  ),
  defineFunction(
    'compareTo',
    comparable.map(form => `${form} -> int`),
    ([a, b]) => signOf(amount(a) - amount(b)),
    one,
  ),
  defineFunction('add', addable, ([a, b]) => changed(a, amount(b)), one),
  defineFunction('sub', addable, ([a, b]) => changed(a, -amount(b)), one),
]

function parse(text: string): Quantity {
  if (text.length > longestQuantity) throw new CelFailure("unable to parse quantity's suffix")
  try {
    return parseQuantity(text)
  } catch (error) {
    throw new CelFailure((error as Error).message)
  }
}

const signOf = (value: bigint): bigint => (value > 0n ? 1n : value < 0n ? -1n : 0n)
const isWhole = (nanos: bigint): boolean => nanos % giga === 0n && BigInt.asIntN(64, nanos / giga) === nanos / giga

function asInteger(nanos: bigint): bigint {
  if (!isWhole(nanos)) throw new CelFailure('cannot convert value to integer')
  return nanos / giga
}

const changed = (value: CelValue | undefined, by: bigint): QuantityValue => {
  const { quantity } = value as QuantityValue
  return new QuantityValue({ ...quantity, nanos: quantity.nanos + by })
}
