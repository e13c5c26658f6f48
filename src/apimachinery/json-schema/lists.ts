import { duplicateField, type FieldError } from '../field-error.ts'
import { isJsonObject } from '../json-value.ts'
import { keysOf } from './correlate.ts'
import { additionalOf, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'

/** Items that a set or keyed list has twice. */
export function validateLists(schema: JsonSchema, value: unknown, path = ''): FieldError[] {
  if (!hasAssociativeLists(schema)) return []
  if (Array.isArray(value)) return validateItems(schema, value, path)
  if (!isJsonObject(value)) return []
  const additional = additionalOf(schema)
  return Object.entries(value).flatMap(([name, member]) => {
    const memberSchema = propertyOf(schema, name) ?? additional
    return memberSchema ? validateLists(memberSchema, member, path ? `${path}.${name}` : name) : []
  })
}

function validateItems(schema: JsonSchema, items: readonly unknown[], path: string): FieldError[] {
  const itemSchema = itemsOf(schema)
  const listType = schema['x-kubernetes-list-type']
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const told = new Set<string>()
  for (const [index, item] of items.entries()) {
    if (listType === 'set' || listType === 'map') {
      const shown = listType === 'set' ? item : keysOf(schema, item)
      const key = canonical(shown)
      if (seen.has(key) && !told.has(key)) {
        errors.push(duplicateField(`${path}[${index}]`, shown))
        told.add(key)
      }
      seen.add(key)
    }
    if (itemSchema) errors.push(...validateLists(itemSchema, item, `${path}[${index}]`))
  }
  return errors
}

/** The same text for equal values. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, one) =>
    isJsonObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  )

const known = new WeakMap<JsonSchema, boolean>()

/** So that values without any such list are never walked. */
function hasAssociativeLists(schema: JsonSchema): boolean {
  const found = known.get(schema)
  if (found !== undefined) return found
  const own = schema['x-kubernetes-list-type'] === 'set' || schema['x-kubernetes-list-type'] === 'map'
  const below = [itemsOf(schema), additionalOf(schema), ...Object.values(schema.properties ?? {})]
  const result = own || below.some(one => one !== undefined && hasAssociativeLists(one))
  known.set(schema, result)
  return result
}
