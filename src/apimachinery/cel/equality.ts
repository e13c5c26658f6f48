import { jsonEquals } from '../json-value.ts'
import { sameType } from './unify.ts'
import {
  type CelValue,
  Duration,
  ListValue,
  MapValue,
  ObjectValue,
  OpaqueValue,
  OptionalValue,
  Timestamp,
  TypeValue,
  Unsigned,
} from './values.ts'

/** Values of different types are unequal; numbers compare by value whatever their type. */
export function equals(a: CelValue, b: CelValue): boolean {
  if (a === b) return true
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0
  if (a instanceof ListValue) return b instanceof ListValue && listsEqual(a, b)
  if (a instanceof MapValue) return b instanceof MapValue && mapsEqual(a, b)
  if (a instanceof ObjectValue) return b instanceof ObjectValue && objectsEqual(a, b)
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof TypeValue) return b instanceof TypeValue && sameKindOfType(a, b)
  if (a instanceof OptionalValue) return b instanceof OptionalValue && optionalsEqual(a, b)
  if (a instanceof OpaqueValue) return b instanceof OpaqueValue && a.typeName === b.typeName && a.equals(b)
  return false
}

type Numeric = bigint | number | Unsigned

export const isNumeric = (value: CelValue): value is Numeric =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Unsigned

/** Undefined where one of them is no number (NaN). JavaScript compares bigints and numbers exactly. */
export function compareNumbers(a: Numeric, b: Numeric): number | undefined {
  const left = a instanceof Unsigned ? a.value : a
  const right = b instanceof Unsigned ? b.value : b
  if (left < right) return -1
  if (left > right) return 1
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number may be equal.
  return left == right ? 0 : undefined
}

// `type([]) == list` whatever is inside.
function sameKindOfType({ type: a }: TypeValue, { type: b }: TypeValue): boolean {
  if (a.kind === 'list' || a.kind === 'map' || a.kind === 'type') return a.kind === b.kind
  if (a.kind === 'opaque') return b.kind === 'opaque' && a.name === b.name
  return sameType(a, b)
}

const optionalsEqual = (a: OptionalValue, b: OptionalValue): boolean =>
  a.value === undefined || b.value === undefined ? a.value === b.value : equals(a.value, b.value)

function listsEqual(a: ListValue, b: ListValue): boolean {
  if (a.size !== b.size) return false
  if (a.listType !== undefined) return everyMatched(a, b)
  for (let index = 0; index < a.size; index++) if (!equals(a.at(index), b.at(index))) return false
  return true
}

// Order means nothing to sets and keyed lists.
function everyMatched(a: ListValue, b: ListValue): boolean {
  const others = new Map<string, CelValue[]>()
  for (const other of b) {
    const name = elementName(a, other)
    const same = others.get(name)
    if (same) same.push(other)
    else others.set(name, [other])
  }
  for (const one of a) {
    const candidates = others.get(elementName(a, one)) ?? []
    const index = candidates.findIndex(other => equals(one, other))
    if (index < 0) return false
    candidates.splice(index, 1)
  }
  return true
}

/** Elements that may be the same one have the same name. */
export function elementName(list: ListValue, element: CelValue): string {
  if (list.listType !== 'map') return scalarName(element)
  return JSON.stringify(list.mapKeys.map(key => scalarName(memberNamed(element, key) ?? null)))
}

function scalarName(value: CelValue): string {
  switch (typeof value) {
    case 'string':
      return `"${value}`
    case 'bigint':
    case 'number':
    case 'boolean':
      return String(value)
    default:
      return value instanceof Unsigned ? String(value.value) : ''
  }
}

function memberNamed(value: CelValue, name: string): CelValue | undefined {
  if (value instanceof ObjectValue) return value.member(name)
  return value instanceof MapValue ? value.find(name) : undefined
}

function mapsEqual(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false
  for (const key of a.keys()) {
    const other = b.find(key)
    if (other === undefined || !equals(a.find(key) as CelValue, other)) return false
  }
  return true
}

function objectsEqual(a: ObjectValue, b: ObjectValue): boolean {
  if (a.type.name !== b.type.name) return false
  const names = new Set(a.names())
  let common = 0
  for (const name of b.names()) {
    if (!names.has(name) || !equals(a.find(name) as CelValue, b.find(name) as CelValue)) return false
    common++
  }
  return common === names.size && jsonEquals(a.undeclared(), b.undeclared())
}
