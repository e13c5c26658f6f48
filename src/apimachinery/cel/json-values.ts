import { formatDuration, parseDuration } from '../codec/time.ts'
import { unescapeFieldName } from './field-names.ts'
import { formatTimestamp, parseTimestamp } from './timestamps.ts'
import { type CelType, celTypes, fieldOf, type ListType, type ObjectType } from './types.ts'
import {
  CelFailure,
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

/** Reads decoded JSON by its type; containers become views. Values that already are CEL's pass through. */
export function toCel(value: unknown, type: CelType): CelValue {
  switch (typeof value) {
    case 'string':
      return readText(value, type)
    case 'boolean':
    case 'bigint':
      return value
    case 'number':
      if (type.kind === 'double' || !Number.isInteger(value)) return value
      return type.kind === 'uint' ? new Unsigned(BigInt(value)) : BigInt(value)
    case 'object':
      if (value === null) return null
      if (Array.isArray(value)) return new JsonList(value, type.kind === 'list' ? type : undefined)
      if (!isPlainObject(value) && isCelObject(value)) return value
      if (type.kind === 'object') return new JsonObject(value as Members, type)
      return new JsonMap(value as Members, type.kind === 'map' ? type.value : celTypes.dyn)
    default:
      return null
  }
}

function readText(text: string, type: CelType): CelValue {
  switch (type.kind) {
    case 'timestamp':
      return parseTimestamp(text) ?? text
    case 'duration':
      try {
        return new Duration(parseDuration(text))
      } catch {
        return text
      }
    case 'bytes':
      return new Uint8Array(Buffer.from(text, 'base64'))
    default:
      return text
  }
}

type Members = Readonly<Record<string, unknown>>

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const isCelObject = (value: object): value is CelValue & object =>
  value instanceof ListValue ||
  value instanceof MapValue ||
  value instanceof ObjectValue ||
  value instanceof OpaqueValue ||
  value instanceof OptionalValue ||
  value instanceof Timestamp ||
  value instanceof Duration ||
  value instanceof Unsigned ||
  value instanceof TypeValue ||
  value instanceof Uint8Array

class JsonList extends ListValue {
  readonly #elements: readonly unknown[]
  readonly #type: ListType | undefined
  constructor(elements: readonly unknown[], type: ListType | undefined) {
    super()
    this.#elements = elements
    this.#type = type
  }

  override get size(): number {
    return this.#elements.length
  }

  override at(index: number): CelValue {
    return toCel(this.#elements[index], this.#type?.element ?? celTypes.dyn)
  }

  override get listType(): 'set' | 'map' | undefined {
    return this.#type?.listType
  }

  override get mapKeys(): readonly string[] {
    return this.#type?.mapKeys ?? []
  }

  override get elementType(): CelType | undefined {
    return this.#type?.element
  }
}

class JsonMap extends MapValue {
  readonly #members: Members
  readonly #value: CelType
  constructor(members: Members, value: CelType) {
    super()
    this.#members = members
    this.#value = value
  }

  override get size(): number {
    let size = 0
    for (const _ of this.keys()) size++
    return size
  }

  override find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined
    const direct = this.#member(key)
    const value = direct === undefined && key.includes('__') ? this.#member(unescapeFieldName(key)) : direct
    return value === undefined ? undefined : toCel(value, this.#value)
  }

  #member(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined
  }

  override *keys(): Generator<CelValue> {
    for (const name of Object.keys(this.#members)) if (this.#members[name] !== undefined) yield name
  }
}

class JsonObject extends ObjectValue {
  override readonly type: ObjectType
  readonly #members: Members
  constructor(members: Members, type: ObjectType) {
    super()
    this.#members = members
    this.type = type
  }

  override find(name: string): CelValue | undefined {
    const field = fieldOf(this.type, name)
    if (!field || !Object.hasOwn(this.#members, field.jsonName)) return undefined
    const value = this.#members[field.jsonName]
    // A field that is null counts as absent; elements of lists and maps may be null.
    return value === undefined || value === null ? undefined : toCel(value, field.type)
  }

  override member(jsonName: string): CelValue | undefined {
    const value = Object.hasOwn(this.#members, jsonName) ? this.#members[jsonName] : undefined
    return value === undefined ? undefined : toCel(value, celTypes.dyn)
  }

  override undeclared(): Readonly<Record<string, unknown>> {
    const declared = new Set(Object.values(this.type.fields).map(({ jsonName }) => jsonName))
    return Object.fromEntries(Object.entries(this.#members).filter(([name]) => !declared.has(name)))
  }

  override *names(): Generator<string> {
    for (const name of Object.keys(this.type.fields)) if (this.find(name) !== undefined) yield name
  }
}

/** The JSON of a value, for patches and messages; throws a CelFailure for values that have none. */
export function toJson(value: CelValue): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number(value)
    case 'object':
      return value === null ? null : objectToJson(value)
    default:
      return value
  }
}

function objectToJson(value: CelValue & object): unknown {
  if (value instanceof ListValue) return Array.from(value, toJson)
  if (value instanceof MapValue) {
    return Object.fromEntries(
      Array.from(value.keys(), key => {
        if (typeof key !== 'string') throw new CelFailure('unsupported map key type: JSON objects have string keys')
        return [key, toJson(value.find(key) as CelValue)]
      }),
    )
  }
  if (value instanceof ObjectValue) {
    return Object.fromEntries(
      Array.from(value.names(), name => [fieldOf(value.type, name)?.jsonName ?? name, toJson(value.find(name) as CelValue)]),
    )
  }
  if (value instanceof Unsigned) return Number(value.value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatDuration(value.nanos)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  throw new CelFailure('unsupported type conversion to JSON')
}
