import { checkConfiguration, merge } from '../../../apimachinery/apply/index.ts'
import { type CelValue, ListValue, MapValue, ObjectValue } from '../../../apimachinery/cel/index.ts'
import { isJsonObject } from '../../../apimachinery/json-value.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { resolveSchema, type Schema } from '../../../apimachinery/schema.ts'

/** Throws where an object of the type of one field stands in another one: `Object.spec{}` belongs into the field `spec`. */
export function checkTypeNames(value: CelValue, expected: string): void {
  if (value instanceof ObjectValue) {
    const { name } = value.type
    if (name !== expected) {
      throw new Error(
        `type mismatch: unexpected type name ${JSON.stringify(name)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`,
      )
    }
    for (const field of value.names()) checkTypeNames(value.find(field) as CelValue, `${expected}.${field}`)
  } else if (value instanceof ListValue) {
    for (const one of value) checkTypeNames(one, expected)
  } else if (value instanceof MapValue) {
    for (const key of value.keys()) checkTypeNames(value.find(key) as CelValue, expected)
  }
}

/** Lays the wanted fields over the document, as server-side apply merges; throws an Error that says why it can't be. */
export function layOver(schema: Schema, document: KubernetesObject, wanted: Readonly<Record<string, unknown>>): unknown {
  const { apiVersion, kind, metadata } = document
  const { name, namespace } = metadata
  const given = isJsonObject(wanted.metadata) ? wanted.metadata : {}
  try {
    checkConfiguration(schema, { ...wanted, apiVersion, kind, metadata: { name, namespace, ...given } } as KubernetesObject)
  } catch (error) {
    // The place where apply says what it is about is known here.
    const problem = (error as Error).message.replace(/^failed to create typed patch object \([^)]*\): /, '')
    throw new Error(`error applying patch: failed to convert patch object to typed object: ${problem}`)
  }
  const atomics = [...atomicPaths(schema, wanted, '')]
  if (atomics.length > 0) {
    throw new Error(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    )
  }
  return merge(schema, document, wanted)
}

/** Whoever sets a part of an atomic value would lose the rest of it. */
function* atomicPaths(schema: Schema, value: unknown, path: string): Generator<string> {
  const node = resolveSchema(schema)
  if (node.type === 'object' && isJsonObject(value)) {
    if (node.mapType === 'atomic') yield path
    for (const [name, member] of Object.entries(value)) {
      const field = Object.hasOwn(node.fields, name) ? node.fields[name] : undefined
      if (field) yield* atomicPaths(field.schema, member, `${path}.${name}`)
    }
  } else if (node.type === 'map' && isJsonObject(value)) {
    if (node.mapType === 'atomic') yield path
  } else if (node.type === 'list' && Array.isArray(value)) {
    if (node.listType === undefined || node.listType === 'atomic') yield path
    for (const [index, item] of value.entries()) yield* atomicPaths(node.items, item, `${path}[${index}]`)
  }
}
