import type { CelType, ObjectType } from './types.ts'

/**
 * Values of CEL. Integers are bigints, doubles numbers, bytes Uint8Arrays; lists, maps and objects may be views of decoded
 * JSON that read a member only when it is asked for.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Unsigned
  | Timestamp
  | Duration
  | ListValue
  | MapValue
  | ObjectValue
  | OptionalValue
  | TypeValue
  | OpaqueValue

/** Why an expression has no value. Thrown, often, and caught by `&&`, `||` and loops: no stack is taken. */
export class CelFailure {
  readonly message: string
  readonly costExceeded: boolean
  constructor(message: string, costExceeded = false) {
    this.message = message
    this.costExceeded = costExceeded
  }
}

export const noOverload = (): CelFailure => new CelFailure('no such overload')

export class Unsigned {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** Nanoseconds since 1970; years 1 to 9999. Written with the offset that it was read with; everything else happens in UTC. */
export class Timestamp {
  readonly nanos: bigint
  readonly offset_s: number
  constructor(nanos: bigint, offset_s = 0) {
    this.nanos = nanos
    this.offset_s = offset_s
  }
}

export class Duration {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class TypeValue {
  readonly type: CelType
  constructor(type: CelType) {
    this.type = type
  }
}

export class OptionalValue {
  /** Undefined is none: there is no undefined value in CEL. */
  readonly value: CelValue | undefined
  constructor(value: CelValue | undefined) {
    this.value = value
  }
}

export const none = new OptionalValue(undefined)

/** A value of a library: an address, a quantity, a version, an authorizer. */
export abstract class OpaqueValue {
  abstract readonly typeName: string
  equals(other: OpaqueValue): boolean {
    return this === other
  }
}

export abstract class ListValue implements Iterable<CelValue> {
  abstract readonly size: number
  /** Within bounds. */
  abstract at(index: number): CelValue
  /** Sets and keyed lists of a schema. */
  get listType(): 'set' | 'map' | undefined {
    return undefined
  }
  get mapKeys(): readonly string[] {
    return []
  }
  /** Where a schema says it; an empty list has no other way to know. */
  get elementType(): CelType | undefined {
    return undefined
  }

  *[Symbol.iterator](): Generator<CelValue> {
    for (let index = 0; index < this.size; index++) yield this.at(index)
  }
}

export class ArrayList extends ListValue {
  readonly values: readonly CelValue[]
  readonly #like: ListValue | undefined
  /** `like`: keeps the set or keyed nature of another list. */
  constructor(values: readonly CelValue[], like?: ListValue) {
    super()
    this.values = values
    this.#like = like
  }

  override get size(): number {
    return this.values.length
  }

  override at(index: number): CelValue {
    return this.values[index] as CelValue
  }

  override get listType(): 'set' | 'map' | undefined {
    return this.#like?.listType
  }

  override get mapKeys(): readonly string[] {
    return this.#like?.mapKeys ?? []
  }
}

/** Two lists one behind the other, without a copy. */
export class JoinedList extends ListValue {
  readonly #first: ListValue
  readonly #second: ListValue
  override readonly size: number
  constructor(first: ListValue, second: ListValue) {
    super()
    this.#first = first
    this.#second = second
    this.size = first.size + second.size
  }

  override at(index: number): CelValue {
    return index < this.#first.size ? this.#first.at(index) : this.#second.at(index - this.#first.size)
  }

  override get elementType(): CelType | undefined {
    return this.#first.elementType
  }
}

export abstract class MapValue {
  abstract readonly size: number
  abstract find(key: CelValue): CelValue | undefined
  abstract keys(): Iterable<CelValue>
}

/** A map made by an expression. */
export class EntryMap extends MapValue {
  readonly #entries: Map<string, { readonly key: CelValue; readonly value: CelValue }>
  constructor(entries: Map<string, { readonly key: CelValue; readonly value: CelValue }> = new Map()) {
    super()
    this.#entries = entries
  }

  override get size(): number {
    return this.#entries.size
  }

  override find(key: CelValue): CelValue | undefined {
    const name = keyName(key)
    return name === undefined ? undefined : this.#entries.get(name)?.value
  }

  override *keys(): Generator<CelValue> {
    for (const { key } of this.#entries.values()) yield key
  }

  /** Only while it is being made. Answers whether the key is new. */
  insert(key: CelValue, value: CelValue): boolean {
    const name = keyName(key)
    if (name === undefined) throw new CelFailure('unsupported key type')
    if (this.#entries.has(name)) return false
    this.#entries.set(name, { key, value })
    return true
  }
}

/** Numbers that are equal are the same key, whatever their type. */
function keyName(key: CelValue): string | undefined {
  switch (typeof key) {
    case 'string':
      return `"${key}`
    case 'boolean':
      return String(key)
    case 'bigint':
      return `#${key}`
    case 'number':
      return Number.isInteger(key) ? `#${BigInt(key)}` : undefined
    default:
      return key instanceof Unsigned ? `#${key.value}` : undefined
  }
}

/** An object with declared fields. */
export abstract class ObjectValue {
  abstract readonly type: ObjectType
  /** Undefined where the field has no value. */
  abstract find(field: string): CelValue | undefined
  /** Names of the fields that have a value. */
  abstract names(): Iterable<string>
  /** A member by its name in JSON, whether expressions can reach it or not. */
  member(jsonName: string): CelValue | undefined {
    return this.find(jsonName)
  }
  /** JSON that the type says nothing of, which counts when objects are compared. */
  undeclared(): Readonly<Record<string, unknown>> {
    return {}
  }
}

/** An object made by an expression. */
export class StructValue extends ObjectValue {
  override readonly type: ObjectType
  readonly #fields: ReadonlyMap<string, CelValue>
  constructor(type: ObjectType, fields: ReadonlyMap<string, CelValue>) {
    super()
    this.type = type
    this.#fields = fields
  }

  override find(field: string): CelValue | undefined {
    return this.#fields.get(field)
  }

  override names(): Iterable<string> {
    return this.#fields.keys()
  }
}

const longText = 1000

/** The length that costs are counted by: code points, bytes, elements; 1 for anything else. Long texts are not counted through. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return value.length > longText ? value.length : codePointCount(value)
  if (value instanceof Uint8Array) return value.length
  if (value instanceof ListValue || value instanceof MapValue) return value.size
  return 1
}

const surrogates = /[\ud800-\udfff]/

export const isOfSingleUnits = (text: string): boolean => !surrogates.test(text)

export function codePointCount(text: string): number {
  if (isOfSingleUnits(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}
