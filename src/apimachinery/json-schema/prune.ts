import { setMember } from '../json-value.ts'
import { ObjectMeta } from '../meta.ts'
import type { Schema } from '../schema.ts'
import { additionalOf, isEmbeddedResource, itemsOf, type JsonSchema, metaFields, preservesUnknown, propertyOf } from './json-schema.ts'

type OnUnknown = (path: string) => void

/**
 * A copy without the members that the schema doesn't know. Values of a wrong type stay as they are, for validation to tell.
 * Nulls of members that may not be null and have no default of their own place go too, as if they had been left out.
 */
export function prune(schema: JsonSchema | undefined, value: unknown, onUnknown?: OnUnknown, path = ''): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return pruneItems(schema, value, onUnknown, path)
  const result: Record<string, unknown> = {}
  const members = value as Readonly<Record<string, unknown>>
  const preserves = schema !== undefined && preservesUnknown(schema)
  const embedded = schema !== undefined && isEmbeddedResource(schema)
  for (const name in members) {
    const member = members[name]
    if (member === undefined) continue
    const known = schema && propertyOf(schema, name)
    if (embedded && metaFields.has(name))
      setMember(result, name, name === 'metadata' ? pruneKnown(ObjectMeta, member, onUnknown, join(path, name)) : copy(member))
    else if (known) {
      if (member !== null || known.nullable === true) setMember(result, name, prune(known, member, onUnknown, join(path, name)))
    } else if (schema?.additionalProperties !== undefined && schema.additionalProperties !== false) {
      const additional = additionalOf(schema)
      if (member === null && additional && !additional.nullable && additional.default === undefined) continue
      setMember(result, name, preserves && !additional ? copy(member) : prune(additional, member, onUnknown, join(path, name)))
    } else if (preserves) setMember(result, name, copy(member))
    else onUnknown?.(join(path, name))
  }
  return result
}

/** Metadata of an embedded object is known, whatever the schema says of it. What has a wrong type stays, for validation to tell. */
function pruneKnown(schema: Schema, value: unknown, onUnknown: OnUnknown | undefined, path: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return schema.type === 'list' ? value.map((item, index) => pruneKnown(schema.items, item, onUnknown, `${path}[${index}]`)) : copy(value)
  }
  if (schema.type !== 'object') return copy(value)
  const result: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
    if (field) setMember(result, name, pruneKnown(field.schema, member, onUnknown, join(path, name)))
    else onUnknown?.(join(path, name))
  }
  return result
}

function pruneItems(schema: JsonSchema | undefined, items: readonly unknown[], onUnknown: OnUnknown | undefined, path: string): unknown[] {
  const itemSchema = schema && itemsOf(schema)
  if (schema && !itemSchema && preservesUnknown(schema)) return copy(items) as unknown[]
  return items.map((item, index) => prune(itemSchema, item, onUnknown, `${path}[${index}]`))
}

const join = (path: string, name: string): string => (path ? `${path}.${name}` : name)

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copy)
  const result: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) setMember(result, name, copy(member))
  return result
}
