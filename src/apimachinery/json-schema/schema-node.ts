import { ObjectMeta } from '../meta.ts'
import { boolean, double, type Field, int64, intOrString, type LazyNode, type ObjectNode, type Schema, text } from '../schema.ts'
import { additionalOf, isEmbeddedResource, isIntOrString, itemsOf, type JsonSchema, preservesUnknown } from './json-schema.ts'

/** One node for each schema, resolved when patches or apply first meet it. */
const nodes = new WeakMap<JsonSchema, LazyNode>()

/** What a custom resource's schema is in our own schema language. */
export function schemaNodeOf(jsonSchema: JsonSchema): LazyNode {
  const known = nodes.get(jsonSchema)
  if (known) return known
  let resolved: Schema | undefined
  const node: LazyNode = {
    type: 'lazy',
    jsonSchema,
    resolve() {
      resolved ??= makeNode(jsonSchema)
      return resolved
    },
  }
  nodes.set(jsonSchema, node)
  return node
}

/** Objects by member, everything else whole. */
const anything: Schema = { type: 'any', any: 'JSON' }

/** As apply sees it: which values are taken whole, which by member, which by item. */
function makeNode(schema: JsonSchema): Schema {
  if (isIntOrString(schema)) return intOrString
  switch (schema.type) {
    case 'array':
      return makeList(schema)
    case 'object':
      return makeObject(schema)
    case 'integer':
      return int64
    case 'number':
      return double
    case 'boolean':
      return boolean
    case 'string':
      return text
    default:
      return anything
  }
}

function makeList(schema: JsonSchema): Schema {
  const items = itemsOf(schema)
  const listType = schema['x-kubernetes-list-type'] as 'atomic' | 'set' | 'map' | undefined
  return {
    type: 'list',
    items: items ? schemaNodeOf(items) : anything,
    ...(listType && { listType }),
    ...(schema['x-kubernetes-list-map-keys'] && { mapKeys: schema['x-kubernetes-list-map-keys'] }),
  }
}

function makeObject(schema: JsonSchema): Schema {
  const mapType = schema['x-kubernetes-map-type'] as 'granular' | 'atomic' | undefined
  const additional = additionalOf(schema)
  if (additional) return { type: 'map', values: schemaNodeOf(additional), ...(mapType && { mapType }) }
  if (schema.additionalProperties === true) return { type: 'map', values: anything, ...(mapType && { mapType }) }
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length === 0 && preservesUnknown(schema) && mapType !== 'atomic') return anything
  const fields = Object.fromEntries(properties.map(([name, property]) => [name, fieldOf(property)]))
  return {
    type: 'object',
    description: schema.description ?? '',
    fields: isEmbeddedResource(schema) ? { ...embeddedFields, ...fields, metadata: embeddedFields.metadata } : fields,
    ...(mapType && { mapType }),
    ...(preservesUnknown(schema) && { preserveUnknown: true }),
  }
}

function fieldOf(property: JsonSchema): Field {
  const schema = schemaNodeOf(property)
  return {
    proto: 0,
    schema,
    description: property.description ?? '',
    required: false,
    ...(property.default !== undefined && { default: property.default }),
  }
}

const typeMetaField = (description: string): Field => ({ proto: 0, schema: text, description, required: false })
const apiVersion = typeMetaField('Group and version of the schema that this object follows.')
const kind = typeMetaField('Name of the kind of this object.')
const metadata: Field = {
  proto: 0,
  schema: ObjectMeta,
  description: 'Name, labels and the other data that every object carries.',
  required: true,
}
const embeddedFields = { apiVersion, kind, metadata: { ...metadata, required: false } }

/** The schema of a whole custom kind. */
export function customKindSchema(jsonSchema: JsonSchema): ObjectNode {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...own } = jsonSchema.properties ?? {}
  return {
    type: 'object',
    description: jsonSchema.description ?? '',
    fields: { apiVersion, kind, metadata, ...Object.fromEntries(Object.entries(own).map(([name, property]) => [name, fieldOf(property)])) },
    ...(preservesUnknown(jsonSchema) && { preserveUnknown: true }),
    jsonSchema,
  }
}
