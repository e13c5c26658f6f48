import { isJsonObject, type JsonObject, jsonEquals, memberOf } from '../json-value.ts'
import { type ListNode, resolveSchema, type Schema, type SchemaNode } from '../schema.ts'
import { type FieldSet, insertNode, leaf, type MutableFieldSet } from './field-set.ts'
import { type ContainerMembers, fieldSetOf, unknownSchema } from './field-set-of.ts'
import { isAssociative, listElement } from './list-element.ts'

/** What a write did to an object, by its paths. */
export interface Changes {
  /** Added or modified: whoever writes them owns them. */
  readonly taken: FieldSet
  /** Gone: nobody owns them any more. */
  readonly removed: FieldSet
}

/** Compares two values of one schema. Parts that are the same object are not looked into, and `skipped` fields not at all. */
export function compare(schema: Schema, old: unknown, current: unknown, skipped?: FieldSet): Changes {
  const walk: Walk = { path: [], taken: {}, removed: {} }
  compareValues(walk, schema, old, current, skipped)
  return walk
}

interface Walk {
  readonly path: string[]
  readonly taken: MutableFieldSet
  readonly removed: MutableFieldSet
}

function compareValues(walk: Walk, schema: Schema, old: unknown, current: unknown, skipped?: FieldSet): void {
  if (old === current) return
  const node = resolveSchema(schema)
  if (node.type === 'list') {
    if (isAssociative(node) && Array.isArray(old) && Array.isArray(current)) compareItems(walk, node, old, current)
    else compareWhole(walk, old, current)
    return
  }
  const memberFor = membersOf(node)
  if (memberFor && isJsonObject(old) && isJsonObject(current)) compareMembers(walk, old, current, memberFor, skipped)
  else compareWhole(walk, old, current)
}

/** How members of a value are compared, or undefined for values that are taken whole. */
function membersOf(node: SchemaNode): ((key: string) => Member) | undefined {
  if (node.type === 'object' && node.mapType !== 'atomic') {
    return key => (Object.hasOwn(node.fields, key) ? node.fields[key] : undefined) ?? unknownField
  }
  if (node.type === 'map' && node.mapType !== 'atomic') {
    const entry = { schema: node.values, required: false, isEntry: true }
    return () => entry
  }
  return node.type === 'any' && node.any === 'JSON' ? () => unknownField : undefined
}

interface Member {
  readonly schema: Schema
  readonly required: boolean
  /** Of a map: a member of the set itself, whatever is below. */
  readonly isEntry?: boolean
}
const unknownField: Member = { schema: unknownSchema, required: false, isEntry: true }

function compareWhole(walk: Walk, old: unknown, current: unknown): void {
  if (!jsonEquals(old, current)) insertNode(walk.taken, walk.path, leaf)
}

function compareMembers(
  walk: Walk,
  old: JsonObject,
  current: JsonObject,
  memberFor: (key: string) => Member,
  skipped: FieldSet | undefined,
): void {
  for (const key in current) {
    const after = current[key]
    if (after === undefined || after === null) continue
    const before = memberOf(old, key)
    if (before === after) continue
    const element = `f:${key}`
    const below = skipped?.[element]
    if (below === leaf) continue
    const member = memberFor(key)
    walk.path.push(element)
    if (before === undefined || before === null) add(walk.taken, walk.path, member, after, 'collections')
    else compareValues(walk, member.schema, before, after, below)
    walk.path.pop()
  }
  for (const key in old) {
    const before = old[key]
    if (before === undefined || before === null) continue
    const after = memberOf(current, key)
    if (after !== undefined && after !== null) continue
    const element = `f:${key}`
    if (skipped?.[element] === leaf) continue
    walk.path.push(element)
    add(walk.removed, walk.path, memberFor(key), before, 'all')
    walk.path.pop()
  }
}

function compareItems(walk: Walk, node: ListNode, old: readonly unknown[], current: readonly unknown[]): void {
  const before = groupItems(node, old)
  const after = groupItems(node, current)
  const item: Member = { schema: node.items, required: false, isEntry: true }
  for (const [element, items] of after) {
    const olds = before.get(element)
    walk.path.push(element)
    if (olds === undefined) add(walk.taken, walk.path, item, items[0], 'collections')
    else if (olds.length === 1 && items.length === 1) compareValues(walk, node.items, olds[0], items[0])
    else compareWhole(walk, olds, items)
    walk.path.pop()
  }
  for (const [element, items] of before) {
    if (after.has(element)) continue
    walk.path.push(element)
    add(walk.removed, walk.path, item, items[0], 'all')
    walk.path.pop()
  }
}

/** Items by their path element. Stored lists may hold one twice (ports of two protocols in old objects); those compare as one. */
function groupItems(node: ListNode, items: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const item of items) {
    const element = listElement(node, item)
    const group = groups.get(element)
    if (group) group.push(item)
    else groups.set(element, [item])
  }
  return groups
}

function add(set: MutableFieldSet, path: readonly string[], member: Member, value: unknown, containers: ContainerMembers): void {
  const node = fieldSetOf(member.schema, value, containers)
  if (node) insertNode(set, path, member.isEntry && node !== leaf ? { '.': leaf, ...node } : shed(node, member, containers))
}

// Required lists and maps stand in every object (empty at first), so adding items doesn't add the list itself.
function shed(node: FieldSet, member: Member, containers: ContainerMembers): FieldSet {
  if (!member.required || containers !== 'collections' || !Object.hasOwn(node, '.')) return node
  const { '.': _, ...below } = node
  return below
}
