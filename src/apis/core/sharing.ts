/**
 * Changing values that share what stays the same: defaults run on every decoded object, and most objects that
 * arrive are complete, so nothing is copied until something differs.
 */

/** Maps a list; the same list when no item changed, and undefined stays undefined. */
export function mapShared<T>(items: readonly T[] | undefined, change: (item: T) => T): readonly T[] | undefined {
  if (items === undefined) return undefined
  let changed: T[] | undefined
  for (let index = 0; index < items.length; index++) {
    const before = items[index] as T
    const after = change(before)
    if (after === before) continue
    changed ??= items.slice()
    changed[index] = after
  }
  return changed ?? items
}

/** Sets one field; the same object when the field already has that very value. */
export function withField<T, K extends keyof T>(object: T, field: K, value: T[K]): T {
  return object[field] === value ? object : { ...object, [field]: value }
}

/** Sets a field that is absent or, since Go has no absent strings and numbers, has the empty value. */
export function withDefault<T, K extends keyof T>(object: T, field: K, value: NonNullable<T[K]>): T {
  return object[field] ? object : { ...object, [field]: value }
}

/** A required list of which there is nothing is written as null, as Go does; who reads it takes null for none. */
export function orNull<T>(items: readonly T[] | undefined): readonly T[] {
  return items?.length ? items : (null as unknown as readonly T[])
}

/** Leaves out a field; the same object when it has none of that name. */
export function without<T, K extends keyof T>(object: T, field: K): T {
  if (!(field in (object as object))) return object
  const rest = { ...object }
  delete rest[field]
  return rest
}

/** Equal as upstream compares: absent and empty lists are the same, and key order means nothing. */
export function semanticEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (left === undefined || left === null) return right === undefined || right === null || isEmptyList(right)
  if (right === undefined || right === null) return isEmptyList(left)
  if (typeof left !== 'object' || typeof right !== 'object') return false
  if (Array.isArray(left)) return Array.isArray(right) && equalLists(left, right)
  return !Array.isArray(right) && equalObjects(left as PlainObject, right as PlainObject)
}

type PlainObject = Readonly<Record<string, unknown>>

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const equalLists = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((item, index) => semanticEqual(item, right[index]))

function equalObjects(left: PlainObject, right: PlainObject): boolean {
  for (const key in left) if (!semanticEqual(left[key], right[key])) return false
  for (const key in right) if (!(key in left) && !semanticEqual(undefined, right[key])) return false
  return true
}
