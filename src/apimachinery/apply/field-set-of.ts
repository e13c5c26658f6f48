import { isJsonObject, type JsonObject } from '../json-value.ts'
import { type ListNode, type ObjectNode, resolveSchema, type Schema } from '../schema.ts'
import { type FieldSet, leaf, type MutableFieldSet } from './field-set.ts'
import { isAssociative, listElement } from './list-element.ts'

/**
 * Which containers on the way are members themselves, beside leaves and items:
 * `none` for what an applier states, `collections` (maps and lists) for what an update adds, `all` for what goes away.
 */
export type ContainerMembers = 'none' | 'collections' | 'all'

/** Members of unknown shape in custom objects: objects by member, everything else whole. */
export const unknownSchema: Schema = { type: 'any', any: 'JSON' }

/** The members below and including a value; undefined where there are none. */
export function fieldSetOf(schema: Schema, value: unknown, containers: ContainerMembers): FieldSet | undefined {
  const node = resolveSchema(schema)
  switch (node.type) {
    case 'object': {
      if (node.mapType === 'atomic' || !isJsonObject(value)) return leaf
      const fields = objectFields(value, containers, key => (Object.hasOwn(node.fields, key) ? node.fields[key] : undefined))
      return marked(fields, containers === 'all' || (containers === 'collections' && isCustomObject(node)), isVacant(value))
    }
    case 'map':
      if (node.mapType === 'atomic' || !isJsonObject(value)) return leaf
      return marked(mapEntries(node.values, value, containers), containers !== 'none', isVacant(value))
    case 'list':
      if (!isAssociative(node) || !Array.isArray(value)) return leaf
      return marked(listItems(node, value, containers), containers !== 'none', containers !== 'none' && value.length === 0)
    case 'any':
      if (node.any !== 'JSON' || !isJsonObject(value)) return leaf
      return marked(mapEntries(unknownSchema, value, containers), containers !== 'none', isVacant(value))
    default:
      return leaf
  }
}

/** In Go an object's own structs are always there; in custom resources they come and go like maps. */
const isCustomObject = (node: ObjectNode): boolean => node.name === undefined && node.jsonSchema === undefined

type FieldLookup = (key: string) => { readonly schema: Schema; readonly required: boolean } | undefined

function objectFields(value: JsonObject, containers: ContainerMembers, lookUp: FieldLookup): MutableFieldSet | undefined {
  let set: MutableFieldSet | undefined
  for (const key in value) {
    const member = value[key]
    if (member === undefined || member === null) continue
    const field = lookUp(key)
    const node = field ? requiredContainer(field, member, containers) : entry(fieldSetOf(unknownSchema, member, containers))
    if (!node) continue
    set ??= {}
    set[`f:${key}`] = node
  }
  return set
}

// Required lists and maps stand in every object (empty at first), so adding items doesn't add the list itself.
function requiredContainer(
  field: { readonly schema: Schema; readonly required: boolean },
  member: unknown,
  containers: ContainerMembers,
): FieldSet | undefined {
  const node = fieldSetOf(field.schema, member, containers)
  if (!node || !field.required || containers !== 'collections' || !Object.hasOwn(node, '.')) return node
  const { '.': _, ...below } = node
  return below
}

function mapEntries(values: Schema, value: JsonObject, containers: ContainerMembers): MutableFieldSet | undefined {
  let set: MutableFieldSet | undefined
  for (const key in value) {
    const member = value[key]
    if (member === undefined || member === null) continue
    set ??= {}
    set[`f:${key}`] = entry(fieldSetOf(values, member, containers))
  }
  return set
}

function listItems(node: ListNode, items: readonly unknown[], containers: ContainerMembers): MutableFieldSet | undefined {
  let set: MutableFieldSet | undefined
  for (const item of items) {
    set ??= {}
    set[listElement(node, item)] = entry(fieldSetOf(node.items, item, containers))
  }
  return set
}

/** Entries of maps and items of lists are members themselves. */
const entry = (node: FieldSet | undefined): FieldSet => marked(node, true, true) ?? leaf

/** Marks a node that was made here as a member, if it is one. */
function marked(below: FieldSet | undefined, member: boolean, memberIfVacant: boolean): FieldSet | undefined {
  if (below === undefined) return member || memberIfVacant ? leaf : undefined
  if (member && below !== leaf) (below as MutableFieldSet)['.'] = leaf
  return below
}

function isVacant(value: JsonObject): boolean {
  for (const key in value) if (value[key] !== undefined && value[key] !== null) return false
  return true
}
