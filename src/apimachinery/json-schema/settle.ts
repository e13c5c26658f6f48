import { isJsonObject } from '../json-value.ts'
import { defaulterOf } from './defaults.ts'
import { additionalOf, isEmbeddedResource, itemsOf, type JsonSchema, metaFields, preservesUnknown, propertyOf } from './json-schema.ts'
import { prune } from './prune.ts'

/** Brings a whole object that was stored earlier to what its schema says now; the same object where it says that already. */
export function settler(schema: JsonSchema): <T>(object: T) => T {
  // Whatever a schema says of type meta and metadata, they stay.
  const whole: JsonSchema = { ...schema, 'x-kubernetes-embedded-resource': true }
  return <T>(object: T) => {
    const pruned = isPruned(whole, object) ? object : (prune(whole, object) as T)
    return (defaulterOf(schema)?.(pruned) ?? pruned) as T
  }
}

/** Whether pruning would change nothing. Most objects are as they were written, so this must allocate nothing. */
export function isPruned(schema: JsonSchema | undefined, value: unknown): boolean {
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema)
    if (schema && !items && preservesUnknown(schema)) return true
    return value.every(item => isPruned(items, item))
  }
  if (!isJsonObject(value)) return true
  const embedded = schema !== undefined && isEmbeddedResource(schema)
  for (const name in value) {
    if (embedded && metaFields.has(name)) continue
    if (!isMemberPruned(schema, name, value[name])) return false
  }
  return true
}

function isMemberPruned(schema: JsonSchema | undefined, name: string, member: unknown): boolean {
  if (!schema) return false
  const known = propertyOf(schema, name)
  if (known) return member === null ? known.nullable === true : isPruned(known, member)
  const preserves = preservesUnknown(schema)
  if (schema.additionalProperties === undefined || schema.additionalProperties === false) return preserves
  const additional = additionalOf(schema)
  if (member === null && additional) return additional.nullable === true || additional.default !== undefined
  return (preserves && !additional) || isPruned(additional, member)
}
