import { hasOwn } from '../json-value.ts'
import { unescapeFieldName } from './field-names.ts'

/**
 * The types of CEL. They are plain data; those made from a schema carry the greatest number of elements that a valid
 * value can have, which is what costs are estimated from.
 */
export type CelType = PlainType | ListType | MapType | ObjectType | OpaqueType | TypeOfType | ParameterType

export interface PlainType {
  readonly kind: 'dyn' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration'
  readonly maxElements?: number
}

export interface ListType {
  readonly kind: 'list'
  readonly element: CelType
  /** Sets and keyed lists compare without order, and `+` merges them. */
  readonly listType?: 'set' | 'map'
  readonly mapKeys?: readonly string[]
  readonly maxElements?: number
}

export interface MapType {
  readonly kind: 'map'
  readonly key: CelType
  readonly value: CelType
  readonly maxElements?: number
}

export interface ObjectType {
  readonly kind: 'object'
  readonly name: string
  /** By the name under which an expression reaches them. */
  readonly fields: Readonly<Record<string, CelField>>
  /** Fields that are not declared may have any name and value. */
  readonly isOpen?: boolean
  readonly maxElements?: number
}

export interface CelField {
  /** The member's name in JSON, where it differs from the name in expressions. */
  readonly jsonName: string
  readonly type: CelType
}

/** `optional_type`, and the values of libraries: addresses, quantities, versions. */
export interface OpaqueType {
  readonly kind: 'opaque'
  readonly name: string
  readonly parameters: readonly CelType[]
  readonly maxElements?: number
}

export interface TypeOfType {
  readonly kind: 'type'
  readonly of: CelType
  readonly maxElements?: number
}

/** `T` in a function's signature. */
export interface ParameterType {
  readonly kind: 'parameter'
  readonly name: string
  readonly maxElements?: number
}

const plain = (kind: PlainType['kind']): PlainType => ({ kind })

export const celTypes = {
  dyn: plain('dyn'),
  null: plain('null'),
  bool: plain('bool'),
  int: plain('int'),
  uint: plain('uint'),
  double: plain('double'),
  string: plain('string'),
  bytes: plain('bytes'),
  timestamp: plain('timestamp'),
  duration: plain('duration'),
} as const

export const listOf = (element: CelType): ListType => ({ kind: 'list', element })
export const mapOf = (key: CelType, value: CelType): MapType => ({ kind: 'map', key, value })
export const optionalOf = (type: CelType): OpaqueType => ({ kind: 'opaque', name: 'optional_type', parameters: [type] })
export const opaque = (name: string): OpaqueType => ({ kind: 'opaque', name, parameters: [] })
export const typeOf = (of: CelType): TypeOfType => ({ kind: 'type', of })
export const parameter = (name: string): ParameterType => ({ kind: 'parameter', name })

/** An object type whose fields have the same names in expressions and in JSON. */
export const objectOf = (name: string, fields: Readonly<Record<string, CelType>>): ObjectType => ({
  kind: 'object',
  name,
  fields: Object.fromEntries(Object.entries(fields).map(([jsonName, type]) => [jsonName, { jsonName, type }])),
})

export function fieldOf(type: ObjectType, name: string): CelField | undefined {
  if (hasOwn(type.fields, name)) return type.fields[name]
  return type.isOpen ? { jsonName: unescapeFieldName(name), type: celTypes.dyn } : undefined
}

export const isOptional = (type: CelType): type is OpaqueType => type.kind === 'opaque' && type.name === 'optional_type'

/** As messages show it: `map(string, list(int))`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.element)})`
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`
    case 'object':
    case 'parameter':
      return type.name
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`
    case 'type':
      return type.of.kind === 'dyn' ? 'type' : `type(${formatType(type.of)})`
    default:
      return type.kind
  }
}
