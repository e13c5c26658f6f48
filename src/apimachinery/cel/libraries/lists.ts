import { equals } from '../equality.ts'
import { elementsProduct, elementsTraversal, traversalOf } from '../function-cost.ts'
import { type CelFunction, defineFunction } from '../functions.ts'
import type { CelType } from '../types.ts'
import { ArrayList, CelFailure, type CelValue, Duration, ListValue, noOverload, Unsigned } from '../values.ts'
import { asInt, asUnsigned } from './arithmetic.ts'
import { tooMuch } from './bounds.ts'
import { compare } from './comparisons.ts'

const summable = ['int', 'uint', 'double', 'duration']
const comparable = [...summable, 'bool', 'timestamp', 'string', 'bytes']
const each = (types: readonly string[], form: (type: string) => string): string[] => types.map(form)

/** Kubernetes' list functions, and those of cel-go's lists extension. */
export const listLibrary: readonly CelFunction[] = [
  defineFunction(
    'isSorted',
    each(comparable, type => `list(${type}).() -> bool`),
    ([list]) => isSorted(list as ListValue),
    {
      cost: elementsTraversal,
    },
  ),
  defineFunction(
    'sum',
    each(summable, type => `list(${type}).() -> ${type}`),
    ([list]) => sum(list as ListValue),
    { cost: elementsTraversal },
  ),
  defineFunction(
    'min',
    each(comparable, type => `list(${type}).() -> ${type}`),
    ([list]) => extreme(list as ListValue, 'min', -1),
    {
      cost: elementsTraversal,
    },
  ),
  defineFunction(
    'max',
    each(comparable, type => `list(${type}).() -> ${type}`),
    ([list]) => extreme(list as ListValue, 'max', 1),
    {
      cost: elementsTraversal,
    },
  ),
  defineFunction('indexOf', ['list(T).(T) -> int'], ([list, value]) => indexIn(list as ListValue, value as CelValue, false), {
    cost: elementsTraversal,
  }),
  defineFunction('lastIndexOf', ['list(T).(T) -> int'], ([list, value]) => indexIn(list as ListValue, value as CelValue, true), {
    cost: elementsTraversal,
  }),
  defineFunction(
    'flatten',
    ['list(T).() -> list(dyn)', 'list(T).(int) -> list(dyn)'],
    ([list, depth]) => flatten(list as ListValue, depth),
    {
      cost: elementsTraversal,
    },
  ),
  defineFunction('slice', ['list(T).(int, int) -> list(T)'], ([list, from, to]) => slice(list as ListValue, Number(from), Number(to)), {
    cost: traversalOf(0),
  }),
  defineFunction('distinct', ['list(T).() -> list(T)'], ([list]) => distinct(list as ListValue), {
    cost: {
      actual: ([list]) => elementsProduct(1).actual([list as CelValue, list as CelValue], null),
      estimate: ([list]) => squared(list?.size.max),
      isChargedFirst: true,
    },
  }),
  defineFunction(
    'sort',
    each(comparable, type => `list(${type}).() -> list(${type})`),
    ([list]) => sortedBy(list as ListValue, list as ListValue),
    {
      cost: elementsTraversal,
    },
  ),
  defineFunction(
    '@sortByAssociatedKeys',
    each(comparable, type => `(list(T), list(${type})) -> list(T)`),
    ([list, keys]) => sortedBy(list as ListValue, keys as ListValue),
    { cost: elementsTraversal },
  ),
  defineFunction('reverse', ['list(T).() -> list(T)'], ([list]) => new ArrayList([...(list as ListValue)].reverse()), {
    cost: elementsTraversal,
  }),
  defineFunction('lists.range', ['(int) -> list(int)'], ([count]) => range(Number(count)), {
    cost: { actual: (_, result) => (result as ListValue).size, estimate: () => ({ cost: { min: 1, max: Number.POSITIVE_INFINITY } }) },
  }),
]

const squared = (size = Number.POSITIVE_INFINITY) => ({ cost: { min: 1, max: size * size + 1 }, size: { min: 0, max: size } })

/** Longer lists of numbers would be made before their cost is counted. */
const longestRange = 1_000_000

function range(count: number): ListValue {
  if (count > longestRange) throw tooMuch()
  return new ArrayList(Array.from({ length: Math.max(0, count) }, (_, index) => BigInt(index)))
}

function isSorted(list: ListValue): boolean {
  for (let index = 1; index < list.size; index++) if ((compare(list.at(index - 1), list.at(index)) ?? 0) > 0) return false
  return true
}

function sum(list: ListValue): CelValue {
  if (list.size === 0) return zeroOf(list.elementType?.kind)
  return [...list].reduce((total, value) => {
    if (typeof total === 'bigint' && typeof value === 'bigint') return asInt(total + value)
    if (typeof total === 'number' && typeof value === 'number') return total + value
    if (total instanceof Unsigned && value instanceof Unsigned) return asUnsigned(total.value + value.value)
    if (total instanceof Duration && value instanceof Duration) return new Duration(asInt(total.nanos + value.nanos))
    throw noOverload()
  })
}

// An empty list whose type nobody knows adds up to the integer zero, which equals any other.
function zeroOf(kind: CelType['kind'] | undefined): CelValue {
  if (kind === 'duration') return new Duration(0n)
  if (kind === 'uint') return new Unsigned(0n)
  return kind === 'double' ? 0 : 0n
}

function extreme(list: ListValue, name: string, sign: 1 | -1): CelValue {
  if (list.size === 0) throw new CelFailure(`${name} called on empty list`)
  return [...list].reduce((best, value) => ((compare(value, best) ?? 0) * sign > 0 ? value : best))
}

function indexIn(list: ListValue, value: CelValue, last: boolean): bigint {
  const values = [...list]
  const matches = (one: CelValue): boolean => equals(one, value)
  return BigInt(last ? values.findLastIndex(matches) : values.findIndex(matches))
}

function flatten(list: ListValue, depth: CelValue | undefined): ListValue {
  if (typeof depth === 'bigint' && depth < 0n) throw new CelFailure('level must be non-negative')
  const spread = (values: Iterable<CelValue>, left: number): CelValue[] =>
    Array.from(values).flatMap(one => (one instanceof ListValue && left > 0 ? spread(one, left - 1) : [one]))
  return new ArrayList(spread(list, depth === undefined ? 1 : Number(depth)))
}

function slice(list: ListValue, from: number, to: number): ListValue {
  if (from < 0 || to < 0) throw new CelFailure(`cannot slice(${from}, ${to}), negative indexes not supported`)
  if (from > to) throw new CelFailure(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`)
  if (to > list.size) throw new CelFailure(`cannot slice(${from}, ${to}), list is length ${list.size}`)
  return new ArrayList([...list].slice(from, to))
}

/** Scalars are looked up by their value, others compared. */
function distinct(list: ListValue): ListValue {
  const scalars = new Set<unknown>()
  const kept: CelValue[] = []
  const others: CelValue[] = []
  for (const value of list) {
    if (typeof value !== 'object' && typeof value !== 'number') {
      if (scalars.has(value)) continue
      scalars.add(value)
    } else {
      if (others.some(one => equals(one, value))) continue
      others.push(value)
    }
    kept.push(value)
  }
  return new ArrayList(kept)
}

function sortedBy(list: ListValue, keys: ListValue): ListValue {
  const ranks = [...keys]
  if (ranks.length !== list.size)
    throw new CelFailure('@sortByAssociatedKeys() expected a list of the same size as the associated keys list')
  const order = ranks.map((_, index) => index).sort((a, b) => compare(ranks[a] as CelValue, ranks[b] as CelValue) ?? 0)
  return new ArrayList(order.map(index => list.at(index)))
}
