import type { JsonSchema } from '../json-schema/json-schema.ts'
import { prune } from '../json-schema/prune.ts'
import { type Field, type ObjectNode, resolveSchema, type Schema } from '../schema.ts'
import { formatPath } from './decode-error.ts'
import { decodeScalar, zeroOfScalar } from './decode-scalar.ts'
import { isZeroAbsence } from './go-zero-values.ts'
import { copyJson, setOwn } from './plain-value.ts'
import { describeMismatch, goTypeOf, TypeMismatch } from './type-mismatch.ts'

/**
 * Checks the JSON types of `value` against the schema and returns a new, canonical object: unknown fields and nulls are
 * gone, quantities and times have their canonical form. The result shares no object with `value`, except free-form field
 * sets of managedFields. Nothing else is enforced.
 */
export function decode<T>(schema: Schema<T>, value: unknown, onUnknown?: (path: string) => void): T {
  const state: State = { path: [], depth: 0, onUnknown }
  try {
    return decoderOf(schema)(value, state) as T
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error
    throw describeMismatch(schema, state.path.slice(0, state.depth), error)
  }
}

/** Where decoding stands; `path` is valid up to `depth`. One per call, so that nothing is allocated on the way. */
interface State {
  readonly path: (string | number)[]
  depth: number
  readonly onUnknown: ((path: string) => void) | undefined
}

/** Undefined means that the value counts as absent. */
type Decoder = (value: unknown, state: State) => unknown

/** Compiled once for each schema node; gone with the node, so that custom kinds can come and go. */
const decoders = new WeakMap<Schema, Decoder>()

function decoderOf(schema: Schema): Decoder {
  const known = decoders.get(schema)
  if (known) return known
  const decoder = compile(schema)
  decoders.set(schema, decoder)
  return decoder
}

function compile(schema: Schema): Decoder {
  switch (schema.type) {
    case 'lazy':
      return schema.jsonSchema ? pruning(schema.jsonSchema) : (value, state) => decoderOf(resolveSchema(schema))(value, state)
    case 'scalar':
      return decodeScalar[schema.scalar]
    case 'any':
      return schema.any === 'FieldsV1' ? value => value : copyJson
    case 'list':
      return compileList(schema, schema.items)
    case 'map':
      return compileMap(schema, schema.values)
    case 'object':
      return compileObject(schema)
    case 'union':
      return compileUnion(schema.object, schema.other)
  }
}

function compileUnion(object: Schema, other: Schema): Decoder {
  const decodeObject = decoderOf(object)
  const decodeOther = decoderOf(other)
  return (value, state) => (isObject(value) ? decodeObject(value, state) : decodeOther(value, state))
}

/** Values of custom resources keep their types; what their schema doesn't know is told and dropped. */
function pruning(schema: JsonSchema): Decoder {
  return (value, state) => {
    const { onUnknown } = state
    if (!onUnknown) return prune(schema, value)
    return prune(schema, value, path => onUnknown(joinPath(formatPath(state.path.slice(0, state.depth)), path)))
  }
}

const joinPath = (parent: string, path: string): string => (path.startsWith('[') ? parent + path : `${parent}.${path}`)

function compileList(schema: Schema, items: Schema): Decoder {
  const decodeItem = decoderOf(items)
  return (value, state) => {
    if (!Array.isArray(value)) throw new TypeMismatch(value, goTypeOf(schema))
    const depth = state.depth
    const result: unknown[] = new Array(value.length)
    state.depth = depth + 1
    for (let index = 0; index < value.length; index++) {
      state.path[depth] = index
      const item: unknown = value[index]
      result[index] = item === null || item === undefined ? zeroOf(items) : (decodeItem(item, state) ?? null)
    }
    state.depth = depth
    return result
  }
}

function compileMap(schema: Schema, values: Schema): Decoder {
  const decodeValue = decoderOf(values)
  return (value, state) => {
    if (!isObject(value)) throw new TypeMismatch(value, goTypeOf(schema))
    const depth = state.depth
    const result: Record<string, unknown> = {}
    state.depth = depth + 1
    for (const key in value) {
      state.path[depth] = key
      const entry = value[key]
      if (entry === undefined) continue
      setOwn(result, key, entry === null ? zeroOf(values) : (decodeValue(entry, state) ?? null))
    }
    state.depth = depth
    return result
  }
}

interface CompiledField {
  readonly decode: Decoder
  /** Go leaves out empty collections of optional fields, and the zero values of those that are no pointers. */
  readonly omits: 'nothing' | 'emptyCollection' | 'zero'
  readonly nullable: boolean
}

function compileObject(schema: ObjectNode): Decoder {
  const fields = new Map<string, CompiledField>()
  // Fields are compiled when first met: schemas are large, and recursive ones have no end.
  const fieldOf = (name: string): CompiledField | undefined => {
    const known = fields.get(name)
    if (known || !Object.hasOwn(schema.fields, name)) return known
    const compiled = compileField(schema, name, schema.fields[name] as Field)
    fields.set(name, compiled)
    return compiled
  }
  const fillsMetadata = isObjectMeta(schema.fields.metadata)
  return (value, state) => {
    if (!isObject(value)) throw new TypeMismatch(value, goTypeOf(schema))
    const depth = state.depth
    const result: Record<string, unknown> = {}
    for (const key in value) {
      const child = value[key]
      if (child === undefined) continue
      state.path[depth] = key
      const field = fields.get(key) ?? fieldOf(key)
      if (field === undefined) {
        if (schema.preserveUnknown) setOwn(result, key, copyJson(child))
        else state.onUnknown?.(formatPath(state.path.slice(0, depth + 1)))
        continue
      }
      if (child === null) {
        if (field.nullable) result[key] = null
        continue
      }
      state.depth = depth + 1
      const decoded = field.decode(child, state)
      if (decoded !== undefined && (field.omits === 'nothing' || !isOmitted(decoded, field))) result[key] = decoded
    }
    state.depth = depth
    if (fillsMetadata && result.metadata === undefined) result.metadata = {}
    return result
  }
}

function compileField(owner: ObjectNode, name: string, field: Field): CompiledField {
  const node = resolveSchema(field.schema)
  return {
    decode: decoderOf(field.schema),
    omits: omissionOf(owner, name, field, node),
    nullable: keepsNull(field.schema) || node.constraints?.nullable === true,
  }
}

/** A null that is not allowed is absent, so that a default can take its place. */
const keepsNull = (schema: Schema): boolean => schema.type === 'lazy' && schema.jsonSchema?.nullable === true

function omissionOf(owner: ObjectNode, name: string, field: Field, node: ReturnType<typeof resolveSchema>): CompiledField['omits'] {
  if (!owner.name?.startsWith('io.k8s.') || field.required) return 'nothing'
  if (node.type === 'list' || node.type === 'map') return 'emptyCollection'
  const isText = node.type === 'scalar' && node.scalar === 'string'
  return isZeroAbsence(owner.name, name) || (isText && owner.name === objectMetaName) ? 'zero' : 'nothing'
}

function isOmitted(value: unknown, field: CompiledField): boolean {
  if (field.omits === 'zero') return !value
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value as object) return false
  return true
}

const objectMetaName = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

function isObjectMeta(field: Field | undefined): boolean {
  if (!field?.required) return false
  const node = resolveSchema(field.schema)
  return node.type === 'object' && node.name === objectMetaName
}

/** What Go leaves where a list or map says null. */
function zeroOf(schema: Schema): unknown {
  const node = resolveSchema(schema)
  if (node.type === 'scalar') return zeroOfScalar[node.scalar]
  return node.type === 'object' ? {} : null
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
