import { equals } from '../equality.ts'
import { counting, fixedCost, membership } from '../function-cost.ts'
import { type CallSite, defineFunction } from '../functions.ts'
import {
  CelFailure,
  type CelValue,
  codePointCount,
  ListValue,
  MapValue,
  none,
  noOverload,
  ObjectValue,
  OptionalValue,
  sizeOf,
  Unsigned,
} from '../values.ts'

const one = fixedCost(1)

export const containers = [
  defineFunction(
    'size',
    [
      '(string) -> int',
      'string.() -> int',
      '(bytes) -> int',
      'bytes.() -> int',
      '(list(T)) -> int',
      'list(T).() -> int',
      '(map(K, V)) -> int',
      'map(K, V).() -> int',
    ],
    ([value], site) => BigInt(typeof value === 'string' ? lengthOf(value, site) : sizeOf(value as CelValue)),
    { cost: counting },
  ),
  defineFunction(
    '@in',
    ['(T, list(T)) -> bool', '(K, map(K, V)) -> bool'],
    ([element, container]) => isIn(element as CelValue, container as CelValue),
    { cost: membership },
  ),
  defineFunction(
    '_[_]',
    ['(list(T), int) -> T', '(map(K, V), K) -> V', '(optional(list(T)), int) -> optional(T)', '(optional(map(K, V)), K) -> optional(V)'],
    ([container, key]) => element(container as CelValue, key as CelValue),
    { cost: one },
  ),
  defineFunction(
    '_[?_]',
    [
      '(list(T), int) -> optional(T)',
      '(map(K, V), K) -> optional(V)',
      '(optional(list(T)), int) -> optional(T)',
      '(optional(map(K, V)), K) -> optional(V)',
    ],
    ([container, key]) => optionalElement(container as CelValue, key as CelValue),
    { cost: one },
  ),
  defineFunction('@mapInsert', ['(map(K, V), K, V) -> map(K, V)', '(map(K, V), map(K, V)) -> map(K, V)'], () => {
    throw noOverload()
  }),
]

/** Long texts are counted once for each place that asks. */
function lengthOf(text: string, site: CallSite): number {
  if (site.memo?.key === text) return site.memo.value as number
  const value = codePointCount(text)
  site.memo = { key: text, value }
  return value
}

function isIn(element: CelValue, container: CelValue): boolean {
  if (container instanceof MapValue) return container.find(element) !== undefined
  if (!(container instanceof ListValue)) throw noOverload()
  for (const one of container) if (equals(one, element)) return true
  return false
}

function element(container: CelValue, key: CelValue): CelValue {
  if (container instanceof OptionalValue) return optionalElement(container, key)
  const found = find(container, key)
  if (found !== undefined) return found
  throw new CelFailure(container instanceof ListValue ? `index out of bounds: ${indexOf(key)}` : `no such key: ${shownKey(key)}`)
}

const shownKey = (key: CelValue): string => (key instanceof Unsigned ? String(key.value) : String(key))

function optionalElement(container: CelValue, key: CelValue): OptionalValue {
  const from = container instanceof OptionalValue ? container.value : container
  const found = from === undefined ? undefined : find(from, key)
  if (found === undefined) return none
  return found instanceof OptionalValue ? found : new OptionalValue(found)
}

function find(container: CelValue, key: CelValue): CelValue | undefined {
  if (container instanceof MapValue) return container.find(key)
  if (container instanceof ObjectValue && typeof key === 'string') return container.find(key)
  if (!(container instanceof ListValue)) throw noOverload()
  const index = indexOf(key)
  return index >= 0 && index < container.size ? container.at(index) : undefined
}

function indexOf(key: CelValue): number {
  if (typeof key === 'bigint') return Number(key)
  if (key instanceof Unsigned) return Number(key.value)
  if (typeof key === 'number' && Number.isInteger(key)) return key
  throw noOverload()
}
