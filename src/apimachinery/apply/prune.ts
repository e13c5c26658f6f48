import { isJsonObject, type JsonObject, setMember } from '../json-value.ts'
import { type ListNode, type ObjectNode, resolveSchema, type Schema } from '../schema.ts'
import { type FieldSet, isMember } from './field-set.ts'
import { unknownSchema } from './field-set-of.ts'
import { isAssociative, listElement } from './list-element.ts'

/**
 * Takes away what a manager applied last time and nobody owns now. `last` is what it applied, `managed` the union of
 * everybody's sets with its new one. A field of an object counts as owned as soon as anything below it is.
 * Returns undefined where nothing is left.
 */
export function prune(schema: Schema, value: unknown, last: FieldSet, managed: FieldSet | undefined): unknown {
  const node = resolveSchema(schema)
  switch (node.type) {
    case 'object':
      return node.mapType === 'atomic' || !isJsonObject(value) ? value : pruneMembers(value, last, managed, fieldsOf(node))
    case 'map':
      if (node.mapType === 'atomic' || !isJsonObject(value)) return value
      return pruneMembers(value, last, managed, () => ({ schema: node.values, isField: false }))
    case 'list':
      return isAssociative(node) && Array.isArray(value) ? pruneItems(node, value, last, managed) : value
    case 'any':
      return node.any === 'JSON' && isJsonObject(value) ? pruneMembers(value, last, managed, () => unknownMember) : value
    default:
      return value
  }
}

interface Member {
  readonly schema: Schema
  readonly isField: boolean
}
const unknownMember: Member = { schema: unknownSchema, isField: false }

const fieldsOf =
  (node: ObjectNode) =>
  (key: string): Member => {
    const field = Object.hasOwn(node.fields, key) ? node.fields[key] : undefined
    return field ? { schema: field.schema, isField: true } : unknownMember
  }

function pruneMembers(
  value: JsonObject,
  last: FieldSet,
  managed: FieldSet | undefined,
  memberFor: (key: string) => Member,
  keep: readonly string[] = [],
): JsonObject | undefined {
  let result: Record<string, unknown> | undefined
  for (const key in value) {
    const before = last[`f:${key}`]
    if (before === undefined || keep.includes(key)) continue
    const owner = managed?.[`f:${key}`]
    const { schema, isField } = memberFor(key)
    const gone = (isField || isMember(before)) && (owner === undefined || !(isField || isMember(owner)))
    const after = gone ? undefined : (prune(schema, value[key], before, owner) ?? ownedVacancy(value[key], owner))
    if (after === value[key]) continue
    result ??= { ...value }
    if (after === undefined) delete result[key]
    else setMember(result, key, after)
  }
  if (result === undefined) return value
  return Object.keys(result).length === 0 ? undefined : result
}

/** A container that lost all it held stays, empty, if somebody owns the container itself: `emptyDir: {}`. */
function ownedVacancy(value: unknown, owner: FieldSet | undefined): unknown {
  if (owner === undefined || !isMember(owner)) return undefined
  return Array.isArray(value) ? [] : {}
}

function pruneItems(
  node: ListNode,
  items: readonly unknown[],
  last: FieldSet,
  managed: FieldSet | undefined,
): readonly unknown[] | undefined {
  const kept: unknown[] = []
  let changed = false
  for (const item of items) {
    const element = listElement(node, item)
    const before = last[element]
    const owner = managed?.[element]
    if (before === undefined) kept.push(item)
    else if (isMember(before) && (owner === undefined || !isMember(owner))) changed = true
    else {
      const after = pruneItem(node, item, before, owner)
      if (after !== item) changed = true
      kept.push(after)
    }
  }
  if (!changed) return items
  return kept.length === 0 ? undefined : kept
}

/** An item that stays keeps its keys: without them it would be another item. */
function pruneItem(node: ListNode, item: unknown, last: FieldSet, managed: FieldSet | undefined): unknown {
  const items = resolveSchema(node.items)
  if (items.type !== 'object' || items.mapType === 'atomic' || !isJsonObject(item)) return item
  return pruneMembers(item, last, managed, fieldsOf(items), node.mapKeys) ?? item
}
