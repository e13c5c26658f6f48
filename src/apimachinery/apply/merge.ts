import { isJsonObject, type JsonObject, jsonEquals, memberOf, setMember } from '../json-value.ts'
import { type ListNode, resolveSchema, type Schema, type SchemaNode } from '../schema.ts'
import { unknownSchema } from './field-set-of.ts'
import { isAssociative, listElement } from './list-element.ts'

/** Lays what is applied over what is there: objects and maps by member, associative lists by item, everything else whole. */
export function merge(schema: Schema, live: unknown, applied: unknown): unknown {
  if (applied === undefined || applied === null || applied === live) return live
  const node = resolveSchema(schema)
  if (node.type === 'list' && isAssociative(node) && Array.isArray(live) && Array.isArray(applied)) return mergeItems(node, live, applied)
  const schemaOf = memberSchemas(node)
  if (schemaOf && isJsonObject(live) && isJsonObject(applied)) return mergeMembers(live, applied, schemaOf)
  // What says the same stays the same object, so that later steps see at once that nothing changed.
  return jsonEquals(live, applied) ? live : applied
}

/** The schemas of members, or undefined for values that are taken whole. */
function memberSchemas(node: SchemaNode): ((key: string) => Schema) | undefined {
  if (node.type === 'object' && node.mapType !== 'atomic') {
    return key => (Object.hasOwn(node.fields, key) ? node.fields[key]?.schema : undefined) ?? unknownSchema
  }
  if (node.type === 'map' && node.mapType !== 'atomic') return () => node.values
  return node.type === 'any' && node.any === 'JSON' ? () => unknownSchema : undefined
}

function mergeMembers(live: JsonObject, applied: JsonObject, schemaOf: (key: string) => Schema): JsonObject {
  let result: Record<string, unknown> | undefined
  for (const key in applied) {
    const before = memberOf(live, key)
    const after = merge(schemaOf(key), before, applied[key])
    if (after === before) continue
    result ??= { ...live }
    setMember(result, key, after)
  }
  return result ?? live
}

/**
 * Applied items come in applied order. An item that only the live list has keeps its place:
 * it stands before the next applied item that it stood before.
 */
function mergeItems(node: ListNode, live: readonly unknown[], applied: readonly unknown[]): readonly unknown[] {
  if (applied.length === 0) return live
  const liveElements = live.map(item => listElement(node, item))
  const appliedElements = applied.map(item => listElement(node, item))
  const liveByElement = new Map<string, unknown>()
  for (const [index, element] of liveElements.entries()) if (!liveByElement.has(element)) liveByElement.set(element, live[index])
  const isApplied = new Set(appliedElements)
  const mergedItem = (index: number) => merge(node.items, liveByElement.get(appliedElements[index] ?? ''), applied[index])

  // Places in the applied list of items that both lists have; only the next of them may pull applied items in.
  const shared = [...applied.keys()].filter(index => liveByElement.has(appliedElements[index] ?? ''))
  const result: unknown[] = []
  let next = 0
  let nextShared = 0
  for (const [index, element] of liveElements.entries()) {
    if (!isApplied.has(element)) {
      result.push(live[index])
      continue
    }
    const pulled = shared[nextShared]
    if (pulled === undefined || appliedElements[pulled] !== element) continue
    while (next <= pulled) result.push(mergedItem(next++))
    nextShared++
  }
  while (next < applied.length) result.push(mergedItem(next++))
  return result.length === live.length && result.every((item, index) => item === live[index]) ? live : result
}
