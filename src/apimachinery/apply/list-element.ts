import { isJsonObject } from '../json-value.ts'
import { type ListNode, resolveSchema } from '../schema.ts'

/** Lists that apply takes item by item. */
export const isAssociative = (node: ListNode): boolean => node.listType === 'map' || node.listType === 'set'

/**
 * The path element of an item: `k:{"containerPort":80,"protocol":"TCP"}` or `v:"finalizer"`.
 * A key that the item leaves out has its default; without one it is left out of the element too.
 */
export function listElement(node: ListNode, item: unknown): string {
  if (node.listType === 'set' || !isJsonObject(item)) return `v:${JSON.stringify(item)}`
  const keys = node.mapKeys ?? []
  const only = keys[0]
  if (only !== undefined && keys.length === 1) {
    const value = keyValue(node, item[only], only)
    return value === undefined ? 'k:{}' : `k:{${quote(only)}:${quote(value)}}`
  }
  let text = ''
  for (const key of keys.toSorted()) {
    const value = keyValue(node, item[key], key)
    if (value !== undefined) text += `${text && ','}${quote(key)}:${quote(value)}`
  }
  return `k:{${text}}`
}

// Names are plain nearly always, and this runs for every item of every write.
const quote = (value: unknown): string => (typeof value === 'string' && /^[\w./-]*$/.test(value) ? `"${value}"` : JSON.stringify(value))

/** The first key that an item lacks, though it has no default. */
export function missingKey(node: ListNode, item: unknown): string | undefined {
  if (node.listType !== 'map') return undefined
  return node.mapKeys?.find(key => !isJsonObject(item) || keyValue(node, item[key], key) === undefined)
}

function keyValue(node: ListNode, value: unknown, key: string): unknown {
  if (value !== undefined && value !== null) return value
  const items = resolveSchema(node.items)
  return items.type === 'object' ? items.fields[key]?.default : undefined
}
