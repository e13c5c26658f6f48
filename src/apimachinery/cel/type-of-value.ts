import { type CelType, celTypes, listOf, mapOf, opaque, optionalOf, typeOf } from './types.ts'
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

const dynamicList = listOf(celTypes.dyn)
const dynamicMap = mapOf(celTypes.dyn, celTypes.dyn)
const dynamicOptional = optionalOf(celTypes.dyn)
const typeType = typeOf(celTypes.dyn)

/** The type of a value at run time: containers say nothing about what they hold. */
export function typeOfValue(value: CelValue): CelType {
  switch (typeof value) {
    case 'string':
      return celTypes.string
    case 'bigint':
      return celTypes.int
    case 'number':
      return celTypes.double
    case 'boolean':
      return celTypes.bool
    default:
  }
  if (value === null) return celTypes.null
  if (value instanceof ListValue) return dynamicList
  if (value instanceof MapValue) return dynamicMap
  if (value instanceof ObjectValue) return value.type
  if (value instanceof Unsigned) return celTypes.uint
  if (value instanceof Timestamp) return celTypes.timestamp
  if (value instanceof Duration) return celTypes.duration
  if (value instanceof Uint8Array) return celTypes.bytes
  if (value instanceof OptionalValue) return dynamicOptional
  if (value instanceof TypeValue) return typeType
  return opaque((value as OpaqueValue).typeName)
}

/** Names as messages show them: containers without their parameters. */
export function typeNameOf(value: CelValue): string {
  const type = typeOfValue(value)
  switch (type.kind) {
    case 'list':
    case 'map':
    case 'type':
      return type.kind
    case 'object':
    case 'opaque':
      return type.name
    case 'timestamp':
      return 'google.protobuf.Timestamp'
    case 'duration':
      return 'google.protobuf.Duration'
    case 'null':
      return 'null_type'
    default:
      return type.kind
  }
}

/** Is the value of this type, as far as can be told from its outside? */
export function isOfType(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'parameter':
      return true
    case 'string':
      return typeof value === 'string'
    case 'int':
      return typeof value === 'bigint'
    case 'double':
      return typeof value === 'number'
    case 'bool':
      return typeof value === 'boolean'
    case 'null':
      return value === null
    case 'uint':
      return value instanceof Unsigned
    case 'bytes':
      return value instanceof Uint8Array
    case 'timestamp':
      return value instanceof Timestamp
    case 'duration':
      return value instanceof Duration
    case 'list':
      return value instanceof ListValue
    case 'map':
      return value instanceof MapValue
    case 'object':
      return value instanceof ObjectValue
    case 'type':
      return value instanceof TypeValue
    case 'opaque':
      return type.name === 'optional_type' ? value instanceof OptionalValue : value instanceof OpaqueValue && value.typeName === type.name
  }
}
