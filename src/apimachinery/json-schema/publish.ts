import { additionalOf, isEmbeddedResource, isIntOrString, itemsOf, type JsonSchema, preservesUnknown } from './json-schema.ts'

type Json = Readonly<Record<string, unknown>>

export interface PublishOptions {
  /** Of OpenAPI. In version 2 kubectl knows fewer keywords and takes some of them wrongly; those are left out. */
  readonly version: 2 | 3
  /** What stands for ObjectMeta. */
  readonly metadata: Json
}

/** A custom resource's schema as OpenAPI shows it. */
export const publishSchema = (schema: JsonSchema, options: PublishOptions): Json =>
  options.version === 3 ? publish3(schema, options) : publish2(schema, options)

function publish3(schema: JsonSchema, options: PublishOptions): Json {
  const { type, properties, items, additionalProperties, ...rest } = schema
  return {
    ...rest,
    ...(type && !isIntOrString(schema) && { type }),
    ...below(schema, options, publish3),
    ...(itemsOf(schema) && { items: publish3(itemsOf(schema) as JsonSchema, options) }),
    ...(additionalProperties !== undefined && { additionalProperties: publishAdditional(schema, options, publish3) }),
  }
}

function publish2(schema: JsonSchema, options: PublishOptions): Json {
  const { type, properties, items, additionalProperties, required, nullable, oneOf, anyOf, not, allOf, default: _, ...rest } = schema
  const isOpen = nullable === true || preservesUnknown(schema)
  const needed = required?.filter(name => properties?.[name]?.nullable !== true) ?? []
  return {
    ...rest,
    // Nothing is taken as null that has a type, nor anything unknown, be it deep below.
    ...(type && !isOpen && !isIntOrString(schema) && { type }),
    ...(needed.length > 0 && { required: needed }),
    // Old clients take what they don't know below these for an error.
    ...(!isOpen && below(schema, options, publish2)),
    ...(!isOpen && itemsOf(schema) && { items: publish2(itemsOf(schema) as JsonSchema, options) }),
    ...(!isOpen && additionalProperties !== undefined && { additionalProperties: publishAdditional(schema, options, publish2) }),
  }
}

type Publish = (schema: JsonSchema, options: PublishOptions) => Json

function below(schema: JsonSchema, options: PublishOptions, publish: Publish): Json {
  const own = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, publish(property, options)]))
  if (!isEmbeddedResource(schema)) return schema.properties ? { properties: own } : {}
  return { properties: { ...own, ...typeMeta, metadata: options.metadata } }
}

export const typeMeta: Json = {
  apiVersion: { description: 'APIVersion defines the group and version of the schema that this object follows.', type: 'string' },
  kind: { description: 'Name of the kind of this object.', type: 'string' },
}

const publishAdditional = (schema: JsonSchema, options: PublishOptions, publish: Publish): Json | boolean => {
  const additional = additionalOf(schema)
  return additional ? publish(additional, options) : schema.additionalProperties === true
}
