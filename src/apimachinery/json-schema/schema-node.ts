import { ObjectMeta } from '../meta.ts'
import { type Constraints, type Field, type LazyNode, type ObjectNode, type Schema, text } from '../schema.ts'
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

/** As apply and CEL see it: which values are taken whole, which by member, which by item, and how large they may be. */
function makeNode(schema: JsonSchema): Schema {
  const constraints = schema as Constraints
  if (isIntOrString(schema)) return { type: 'scalar', scalar: 'intOrString', constraints }
  switch (schema.type) {
    case 'array':
      return makeList(schema, constraints)
    case 'object':
      return makeObject(schema, constraints)
    case 'integer':
    case 'number':
    case 'boolean':
    case 'string':
      return { type: 'scalar', scalar: scalars[schema.type], constraints }
    default:
      return anything
  }
}

const scalars = { integer: 'int64', number: 'double', boolean: 'boolean', string: 'string' } as const

function makeList(schema: JsonSchema, constraints: Constraints): Schema {
  const items = itemsOf(schema)
  const listType = schema['x-kubernetes-list-type'] as 'atomic' | 'set' | 'map' | undefined
  return {
    type: 'list',
    items: items ? schemaNodeOf(items) : anything,
    constraints,
    ...(listType && { listType }),
    ...(schema['x-kubernetes-list-map-keys'] && { mapKeys: schema['x-kubernetes-list-map-keys'] }),
  }
}

function makeObject(schema: JsonSchema, constraints: Constraints): Schema {
  const mapType = schema['x-kubernetes-map-type'] as 'granular' | 'atomic' | undefined
  const additional = additionalOf(schema)
  if (additional) return { type: 'map', values: schemaNodeOf(additional), constraints, ...(mapType && { mapType }) }
  if (schema.additionalProperties === true) return { type: 'map', values: anything, constraints, ...(mapType && { mapType }) }
  const properties = Object.entries(schema.properties ?? {})
  const isOpen = preservesUnknown(schema) && !isEmbeddedResource(schema)
  if (properties.length === 0 && isOpen && mapType !== 'atomic') return anything
  const fields = Object.fromEntries(properties.map(([name, property]) => [name, fieldOf(property)]))
  return {
    type: 'object',
    description: schema.description ?? '',
    fields: isEmbeddedResource(schema) ? { ...embeddedFields, ...fields, metadata: embeddedFields.metadata } : fields,
    constraints,
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
const apiVersion = typeMetaField('APIVersion defines the group and version of the schema that this object follows.')
const kind = typeMetaField('Name of the kind of this object.')
const metadata: Field = {
  proto: 0,
  schema: ObjectMeta,
  description: "Standard object's metadata: name, labels and what else every object carries.",
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
    constraints: jsonSchema as Constraints,
    jsonSchema,
  }
}
