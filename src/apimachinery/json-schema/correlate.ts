import { isJsonObject } from '../json-value.ts'
import { itemsOf, type JsonSchema } from './json-schema.ts'
import type { Old } from './validate.ts'

/** Finds the old item that a new one goes back to: items of keyed lists only, by their keys. */
export function correlatedItems(schema: JsonSchema, old: unknown): ((item: unknown) => Old | undefined) | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined
  let byKey: Map<string, Old> | undefined
  return item => {
    byKey ??= new Map(old.map(value => [itemKey(schema, value), { value }]))
    return byKey.get(itemKey(schema, item))
  }
}

/** The values of an item's keys, their defaults included. */
export function itemKey(schema: JsonSchema, item: unknown): string {
  return JSON.stringify(keysOf(schema, item))
}

export function keysOf(schema: JsonSchema, item: unknown): Record<string, unknown> {
  const properties = itemsOf(schema)?.properties
  const keys: Record<string, unknown> = {}
  for (const name of schema['x-kubernetes-list-map-keys'] ?? []) {
    const value = isJsonObject(item) ? item[name] : undefined
    const initial = properties?.[name]?.default
    if (value !== undefined) keys[name] = value
    else if (initial !== undefined) keys[name] = initial
  }
  return keys
}
