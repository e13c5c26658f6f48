import { elementName, equals } from '../equality.ts'
import { elementsProduct } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import type { CelValue, ListValue } from '../values.ts'

const lists = ['(list(T), list(T)) -> bool']

export const setLibrary = [
  defineFunction('sets.contains', lists, ([list, part]) => includesAll(list as ListValue, part as ListValue), { cost: elementsProduct(1) }),
  defineFunction(
    'sets.equivalent',
    lists,
    ([a, b]) => includesAll(a as ListValue, b as ListValue) && includesAll(b as ListValue, a as ListValue),
    { cost: elementsProduct(2) },
  ),
  defineFunction(
    'sets.intersects',
    lists,
    ([a, b]) => {
      const has = lookup(a as ListValue)
      for (const one of b as ListValue) if (has(one)) return true
      return false
    },
    { cost: elementsProduct(1) },
  ),
]

function includesAll(list: ListValue, part: ListValue): boolean {
  const has = lookup(list)
  for (const one of part) if (!has(one)) return false
  return true
}

function lookup(list: ListValue): (value: CelValue) => boolean {
  const byName = Map.groupBy(list, one => elementName(list, one))
  return value => byName.get(elementName(list, value))?.some(one => equals(one, value)) ?? false
}
