import { type JsonSchema, metaFields, preservesUnknown } from '../json-schema/json-schema.ts'
import { type PublishOptions, publishSchema, typeMeta } from '../json-schema/publish.ts'
import { ListMeta, ObjectMeta } from '../meta.ts'
import { type Field, type ListNode, type MapNode, type ObjectNode, resolveSchema, type ScalarType, type Schema } from '../schema.ts'
import { commonTypes, patchDefinition } from './common-types.ts'
import { compact, type GroupVersionKind, type Json } from './document.ts'
import type { ServedKind, ServedSubresource } from './served-kind.ts'

/** Where the two versions of OpenAPI say the same thing differently. */
export interface Dialect {
  readonly version: 2 | 3
  /** `#/definitions/` or `#/components/schemas/`. */
  readonly prefix: string
}

/** The definitions of all types that the kinds use, by name. */
export function definitionsOf(served: readonly ServedKind[], dialect: Dialect, more: readonly ObjectNode[] = []): Map<string, Json> {
  const collection: Collection = { dialect, definitions: new Map() }
  collection.definitions.set(patchDefinition, { description: 'A change to an object, in one of the patch formats.', type: 'object' })
  for (const type of commonTypes) addObject(collection, type.name as string, type)
  for (const one of served) {
    addObject(collection, one.definition, one.schema)
    addKind(collection, one.definition, one)
    if (one.verbs.includes('list')) addList(collection, one)
    for (const subresource of one.subresources) addSubresource(collection, one, subresource)
  }
  addCommonKinds(collection, served)
  addTypes(collection, more)
  return collection.definitions
}

/** The definitions of types that no kind is made of, and of what they are made of themselves. */
export function definitionsOfTypes(types: readonly ObjectNode[], dialect: Dialect): Map<string, Json> {
  const collection: Collection = { dialect, definitions: new Map() }
  addTypes(collection, types)
  return collection.definitions
}

function addTypes(collection: Collection, types: readonly ObjectNode[]): void {
  for (const type of types) addObject(collection, type.name as string, type)
  for (const kind of ['APIVersions', 'APIGroup', 'APIGroupList']) {
    const name = `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`
    if (collection.definitions.has(name)) addKind(collection, name, { group: '', version: 'v1', kind })
  }
}

export const reference = (name: string, dialect: Dialect): Json => ({ $ref: `${dialect.prefix}${name}` })

function addSubresource(collection: Collection, { schema: own }: ServedKind, { schema, definition, ...kind }: ServedSubresource): void {
  if (!schema.name || schema === own) return
  addObject(collection, schema.name, schema)
  addKind(collection, definition, kind)
}

interface Collection {
  readonly dialect: Dialect
  readonly definitions: Map<string, Json>
}

function addObject(collection: Collection, name: string, schema: ObjectNode): void {
  if (collection.definitions.has(name)) return
  // Claims the name before its fields are walked: types may contain themselves.
  collection.definitions.set(name, {})
  collection.definitions.set(name, describeObject(collection, schema))
}

const groupVersionKinds = 'x-kubernetes-group-version-kind'

function addKind(collection: Collection, name: string, ...kinds: readonly GroupVersionKind[]): void {
  const existing = collection.definitions.get(name) ?? {}
  const known = (existing[groupVersionKinds] as readonly GroupVersionKind[] | undefined) ?? []
  const added = kinds
    .filter(one => !known.some(other => isSameKind(one, other)))
    .map(({ group, kind, version }) => ({ group, kind, version }))
  collection.definitions.set(name, { ...existing, [groupVersionKinds]: [...known, ...added] })
}

const isSameKind = (a: GroupVersionKind, b: GroupVersionKind): boolean =>
  a.group === b.group && a.version === b.version && a.kind === b.kind

function addList(collection: Collection, served: ServedKind): void {
  addObject(collection, ListMeta.name as string, ListMeta)
  const { dialect } = collection
  collection.definitions.set(served.listDefinition, {
    description: `A list of ${served.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: 'Group and version of the schema that this list follows.', type: 'string' },
      items: { description: 'The objects.', type: 'array', items: reference(served.definition, dialect) },
      kind: { description: 'Name of the kind of this list.', type: 'string' },
      metadata: withReference(ListMeta.name as string, 'Resource version and continue token.', dialect),
    },
    [groupVersionKinds]: [{ group: served.group, kind: served.listKind, version: served.version }],
  })
}

/** Options and watch events belong to every group and version; clients look them up in each. */
function addCommonKinds(collection: Collection, served: readonly ServedKind[]): void {
  const groupVersions = [{ group: '', version: 'v1' }, ...served.map(({ group, version }) => ({ group, version }))]
  const prefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
  addKind(collection, `${prefix}Status`, { group: '', version: 'v1', kind: 'Status' })
  addKind(collection, `${prefix}APIResourceList`, { group: '', version: 'v1', kind: 'APIResourceList' })
  for (const kind of ['DeleteOptions', 'WatchEvent']) {
    for (const one of groupVersions) addKind(collection, `${prefix}${kind}`, { ...one, kind })
  }
}

function describeObject(collection: Collection, schema: ObjectNode): Json {
  if (schema.jsonSchema) return describeCustomKind(collection, schema.jsonSchema)
  const fields = Object.entries(schema.fields)
  const required = fields.filter(([name, field]) => field.required && !isMetadata(name, field)).map(([name]) => name)
  return compact({
    description: schema.description || undefined,
    type: 'object',
    required: required.length ? required : undefined,
    properties: fields.length ? Object.fromEntries(fields.map(([name, field]) => [name, describeField(collection, field)])) : undefined,
    'x-kubernetes-map-type': schema.mapType,
    'x-kubernetes-preserve-unknown-fields': schema.preserveUnknown,
    ...schema.constraints,
  })
}

/** What every object has stands in front of what the definition states. */
function describeCustomKind(collection: Collection, jsonSchema: JsonSchema): Json {
  const { properties, required, ...published } = publishSchema(jsonSchema, publishOptions(collection)) as Json & { properties?: Json }
  const isOpen = collection.dialect.version === 2 && preservesUnknown(jsonSchema)
  const own = (required as readonly string[] | undefined)?.filter(name => !metaFields.has(name)) ?? []
  // kubectl takes whatever is said beside the type for all there may be.
  if (isOpen) return { type: 'object' }
  return { ...published, ...(own.length > 0 && { required: own }), properties: { ...typeMeta, ...properties, ...metadataOf(collection) } }
}

function metadataOf(collection: Collection): Json {
  addObject(collection, ObjectMeta.name as string, ObjectMeta)
  return {
    metadata: withReference(
      ObjectMeta.name as string,
      "Standard object's metadata: name, labels and what else every object carries.",
      collection.dialect,
    ),
  }
}

const publishOptions = (collection: Collection): PublishOptions => {
  addObject(collection, ObjectMeta.name as string, ObjectMeta)
  return { version: collection.dialect.version, metadata: reference(ObjectMeta.name as string, collection.dialect) }
}

// Code may rely on metadata, clients need not send it.
const isMetadata = (name: string, field: Field): boolean => {
  const node = resolveSchema(field.schema)
  return name === 'metadata' && node.type === 'object' && (node.name?.endsWith('.meta.v1.ObjectMeta') ?? false)
}

function describeField(collection: Collection, field: Field): Json {
  const value = describe(collection, field.schema)
  const own = field.schema.type === 'object' && field.schema.published ? field.schema.mapType : undefined
  const annotations = compact({
    description: field.description || undefined,
    default: field.default,
    'x-kubernetes-map-type': own,
    'x-kubernetes-patch-merge-key': field.patchMergeKey,
    'x-kubernetes-patch-strategy': field.patchStrategy,
  })
  return {
    ...(value.$ref && Object.keys(annotations).length ? besides(value, collection.dialect) : withEnum(value, field.enum)),
    ...annotations,
  }
}

/** In version 3 nothing may stand beside a `$ref`. */
const besides = (value: Json, dialect: Dialect): Json => (dialect.version === 3 ? { allOf: [value] } : value)

export const withReference = (name: string, description: string, dialect: Dialect): Json => ({
  ...besides(reference(name, dialect), dialect),
  description,
})

/** The values of a list are meant where the field is one. */
function withEnum(value: Json, allowed: readonly string[] | undefined): Json {
  if (!allowed) return value
  return value.type === 'array' ? { ...value, items: { ...(value.items as Json), enum: allowed } } : { ...value, enum: allowed }
}

function describe(collection: Collection, schema: Schema): Json {
  if (schema.type === 'lazy' && schema.jsonSchema) return publishSchema(schema.jsonSchema, publishOptions(collection))
  const node = resolveSchema(schema)
  switch (node.type) {
    case 'scalar':
      return { ...describeScalar(collection, node.scalar), ...node.constraints }
    case 'any':
      return { ...describeAny(collection, node.any), ...node.constraints }
    case 'list':
      return describeList(collection, node)
    case 'map':
      return describeMap(collection, node)
    case 'union':
      // Neither version can say it; upstream gives these types no keyword at all.
      return addNamed(collection, { name: node.name, schema: sameInBoth({ description: 'An object, or something simpler in its place.' }) })
    case 'object':
      if (!node.name) return describeObject(collection, node)
      addObject(collection, node.name, node.published ?? node)
      return reference(node.name, collection.dialect)
  }
}

const describeList = (collection: Collection, node: ListNode): Json =>
  compact({
    type: 'array',
    items: describe(collection, node.items),
    'x-kubernetes-list-type': node.listType,
    'x-kubernetes-list-map-keys': node.mapKeys,
    ...node.constraints,
  })

const describeMap = (collection: Collection, node: MapNode): Json =>
  compact({
    type: 'object',
    additionalProperties: describe(collection, node.values),
    'x-kubernetes-map-type': node.mapType,
    ...node.constraints,
  })

const plainScalars: Partial<Readonly<Record<ScalarType, Json>>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

interface NamedType {
  readonly name: string
  readonly schema: Readonly<Record<2 | 3, Json>>
}

const sameInBoth = (schema: Json): Readonly<Record<2 | 3, Json>> => ({ 2: schema, 3: schema })

const namedScalars: Partial<Readonly<Record<ScalarType, NamedType>>> = {
  time: {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
    schema: sameInBoth({ description: 'A time in RFC 3339, with whole seconds.', type: 'string', format: 'date-time' }),
  },
  microTime: {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
    schema: sameInBoth({ description: 'A time in RFC 3339, with microseconds.', type: 'string', format: 'date-time' }),
  },
  duration: {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
    schema: sameInBoth({ description: 'A duration such as 1h30m0s.', type: 'string' }),
  },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    schema: {
      2: { description: 'An amount with an optional suffix, such as 500m, 2 or 1Gi.', type: 'string' },
      3: { description: 'An amount with an optional suffix, such as 500m, 2 or 1Gi.', oneOf: [{ type: 'string' }, { type: 'number' }] },
    },
  },
  intOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    schema: {
      2: { description: 'A number or a string.', type: 'string', format: 'int-or-string' },
      3: { description: 'A number or a string.', format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
    },
  },
}

function describeScalar(collection: Collection, scalar: ScalarType): Json {
  const named = namedScalars[scalar]
  return named ? addNamed(collection, named) : (plainScalars[scalar] ?? {})
}

const anyTypes: Readonly<Record<'RawExtension' | 'FieldsV1' | 'JSON', NamedType>> = {
  RawExtension: {
    name: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
    schema: sameInBoth({ description: 'Any object.', type: 'object' }),
  },
  FieldsV1: {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
    schema: sameInBoth({ description: 'A set of fields, as a tree of their names.', type: 'object' }),
  },
  JSON: {
    name: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
    schema: sameInBoth({ description: 'Any JSON value.' }),
  },
}

const describeAny = (collection: Collection, any: keyof typeof anyTypes): Json => addNamed(collection, anyTypes[any])

function addNamed({ definitions, dialect }: Collection, { name, schema }: NamedType): Json {
  definitions.set(name, schema[dialect.version])
  return reference(name, dialect)
}
