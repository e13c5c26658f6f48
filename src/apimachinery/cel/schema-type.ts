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
      if (!value) return undefined
      return { kind: 'map', key: celTypes.string, value, maxElements: maximumProperties(constraints, leastSize(node.values)) }
    }
    case 'object': {
      const isResource = options.isResource === true || constraints['x-kubernetes-embedded-resource'] === true
      return objectType(node.name ?? options.name ?? 'object', node.fields, isResource, options)
    }
    default:
      return celTypes.dyn
  }
}

const nested = ({ name = 'object' }: SchemaTypeOptions, part: string): SchemaTypeOptions => ({ name: `${name}.${part}` })

const text = (maxElements: number): CelType => ({ kind: 'string', maxElements })
const namesOnly: Readonly<Record<string, CelField>> = {
  name: { jsonName: 'name', type: text(253) },
  generateName: { jsonName: 'generateName', type: text(253) },
}

/** Fields are made when first asked for: schemas may be recursive, and large. */
function objectType(
  name: string,
  fields: Readonly<Record<string, { readonly schema: Schema }>>,
  isResource: boolean,
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
    if (isResource) {
      entries.push(['apiVersion', { jsonName: 'apiVersion', type: text(253) }])
      entries.push(['kind', { jsonName: 'kind', type: text(253) }])
      entries.push(['metadata', { jsonName: 'metadata', type: { kind: 'object', name: `${name}.metadata`, fields: namesOnly } }])
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
