import type { JsonSchema } from '../json-schema/json-schema.ts'
import { resolveSchema, type Schema } from '../schema.ts'
import { escapeFieldName } from './field-names.ts'
import { leastSize, maximumElements, maximumProperties, maximumText } from './sizes.ts'
import { type CelField, type CelType, celTypes, type ObjectType } from './types.ts'

export interface SchemaTypeOptions {
  /** The name that messages show, of schemas that have none. */
  readonly name?: string
  /** A custom resource, or an object embedded in one: of its metadata only the names can be read. */
  readonly isResource?: boolean
}

/**
 * The type of values that a schema describes. Undefined where the schema says nothing that CEL could use: such fields
 * can't be reached by expressions.
 */
export function celTypeOf(schema: Schema, options: SchemaTypeOptions = {}): CelType | undefined {
  const node = resolveSchema(schema)
  const constraints = node.constraints ?? {}
  const custom = schema.type === 'lazy' ? schema.jsonSchema : undefined
  // What a definition says nothing about can't be read, and only compared as part of an object.
  if (custom && node.type === 'any') return custom.type === 'object' ? objectType(options.name ?? 'object', {}, false, options) : undefined
  if (constraints['x-kubernetes-int-or-string'] === true) return { kind: 'dyn', maxElements: maximumText(constraints) }
  switch (node.type) {
    case 'scalar':
      return scalarType(node.scalar, constraints)
    case 'list': {
      const element = celTypeOf(node.items, nested(options, '@items'))
      if (!element) return undefined
      return {
        kind: 'list',
        element,
        maxElements: maximumElements(constraints, leastSize(node.items)),
        ...((node.listType === 'set' || node.listType === 'map') && { listType: node.listType }),
        ...(node.mapKeys && { mapKeys: node.mapKeys }),
      }
    }
    case 'map': {
      const value = celTypeOf(node.values, nested(options, '@values'))
      // Where anything may stand, nothing can be read.
      if (!value) return custom?.additionalProperties === true ? objectType(options.name ?? 'object', {}, false, options) : undefined
      // Upstream declares no size for keys, which counts as none.
      return { kind: 'map', key: text(0), value, maxElements: maximumProperties(constraints, leastSize(node.values)) }
    }
    case 'object': {
      const isResource = options.isResource === true || constraints['x-kubernetes-embedded-resource'] === true
      return objectType(node.name ?? options.name ?? 'object', node.fields, isResource && namesOf(custom ?? node.jsonSchema), options)
    }
    default:
      return celTypes.dyn
  }
}

const nested = ({ name = 'object' }: SchemaTypeOptions, part: string): SchemaTypeOptions => ({ name: `${name}.${part}` })

const text = (maxElements: number): CelType => ({ kind: 'string', maxElements })
const named = (jsonName: string, declared: JsonSchema): CelField => ({
  jsonName,
  type: text(maximumText({ ...declared })),
})

/** The names that every object has. Upstream takes their limits from a definition only if that declares all of them. */
function namesOf(custom: JsonSchema | undefined): Readonly<Record<string, CelField>> {
  const { apiVersion, kind, metadata } = custom?.properties ?? {}
  const { name, generateName } = metadata?.properties ?? {}
  const isDeclared = [apiVersion, kind, name, generateName].every(one => one?.type === 'string')
  const limits = isDeclared ? { apiVersion, kind, name, generateName } : {}
  return Object.fromEntries(['apiVersion', 'kind', 'name', 'generateName'].map(one => [one, named(one, limits[one as 'name'] ?? {})]))
}

/** Fields are made when first asked for: schemas may be recursive, and large. */
function objectType(
  name: string,
  fields: Readonly<Record<string, { readonly schema: Schema }>>,
  names: Readonly<Record<string, CelField>> | false,
  options: SchemaTypeOptions,
): ObjectType {
  let made: Readonly<Record<string, CelField>> | undefined
  const make = (): Readonly<Record<string, CelField>> => {
    const entries: [string, CelField][] = []
    for (const [jsonName, field] of Object.entries(fields)) {
      const escaped = escapeFieldName(jsonName)
      const type = escaped === undefined ? undefined : celTypeOf(field.schema, nested(options, jsonName))
      if (escaped !== undefined && type) entries.push([escaped, { jsonName, type }])
    }
    if (names) {
      const { apiVersion, kind, ...fields } = names
      if (apiVersion && kind) entries.push(['apiVersion', apiVersion], ['kind', kind])
      entries.push(['metadata', { jsonName: 'metadata', type: { kind: 'object', name: `${name}.metadata`, fields } }])
    }
    return Object.fromEntries(entries)
  }
  return {
    kind: 'object',
    name,
    get fields() {
      made ??= make()
      return made
    },
  }
}

function scalarType(scalar: string, constraints: Readonly<Record<string, unknown>>): CelType {
  switch (scalar) {
    case 'boolean':
      return celTypes.bool
    case 'int32':
    case 'int64':
      return celTypes.int
    case 'double':
      return celTypes.double
    case 'bytes':
      return { kind: 'bytes', maxElements: maximumText(constraints) }
    case 'time':
    case 'microTime':
      return { kind: 'timestamp', maxElements: maximumText({ format: 'date-time' }) }
    case 'duration':
      return { kind: 'duration', maxElements: maximumText({ format: 'duration' }) }
    case 'intOrString':
      return { kind: 'dyn', maxElements: maximumText(constraints) }
    default:
      return textType(constraints)
  }
}

function textType(constraints: Readonly<Record<string, unknown>>): CelType {
  const maxElements = maximumText(constraints)
  switch (constraints.format) {
    case 'byte':
      return { kind: 'bytes', maxElements }
    case 'date':
    case 'date-time':
      return { kind: 'timestamp', maxElements }
    case 'duration':
      return { kind: 'duration', maxElements }
    default:
      return text(maxElements)
  }
}
