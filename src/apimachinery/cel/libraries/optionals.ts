import { defineFunction } from '../functions.ts'
import {
  ArrayList,
  CelFailure,
  type CelValue,
  Duration,
  ListValue,
  MapValue,
  none,
  ObjectValue,
  OptionalValue,
  Timestamp,
  Unsigned,
} from '../values.ts'

export const optionals = [
  defineFunction('optional.of', ['(V) -> optional(V)'], ([value]) => new OptionalValue(value)),
  defineFunction('optional.ofNonZeroValue', ['(V) -> optional(V)'], ([value]) =>
    isZero(value as CelValue) ? none : new OptionalValue(value),
  ),
  defineFunction('optional.none', ['() -> optional(V)'], () => none),
  defineFunction('optional.unwrap', ['(list(optional(V))) -> list(V)'], ([list]) => unwrapped(list as ListValue)),
  defineFunction('unwrapOpt', ['list(optional(V)).() -> list(V)'], ([list]) => unwrapped(list as ListValue)),
  defineFunction('first', ['list(V).() -> optional(V)'], ([list]) => elementAt(list as ListValue, 0)),
  defineFunction('last', ['list(V).() -> optional(V)'], ([list]) => elementAt(list as ListValue, (list as ListValue).size - 1)),
  defineFunction('hasValue', ['optional(V).() -> bool'], ([optional]) => (optional as OptionalValue).value !== undefined),
  defineFunction('value', ['optional(V).() -> V'], ([optional]) => {
    const { value } = optional as OptionalValue
    if (value === undefined) throw new CelFailure('optional.none() dereference')
    return value
  }),
  defineFunction('or', ['optional(V).(optional(V)) -> optional(V)'], ([optional, other]) =>
    (optional as OptionalValue).value === undefined ? (other as CelValue) : (optional as CelValue),
  ),
  defineFunction('orValue', ['optional(V).(V) -> V'], ([optional, other]) => {
    const { value } = optional as OptionalValue
    return value === undefined ? (other as CelValue) : value
  }),
]

const unwrapped = (list: ListValue): ListValue =>
  new ArrayList([...list].flatMap(one => (one instanceof OptionalValue && one.value !== undefined ? [one.value] : [])))

const elementAt = (list: ListValue, index: number): OptionalValue => (list.size === 0 ? none : new OptionalValue(list.at(index)))

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true
  if (value instanceof Unsigned) return value.value === 0n
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0
  if (value instanceof Uint8Array) return value.length === 0
  if (value instanceof OptionalValue) return value.value === undefined
  if (value instanceof ObjectValue) return [...value.names()].length === 0
  return (value instanceof Timestamp || value instanceof Duration) && value.nanos === 0n
}
