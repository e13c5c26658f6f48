/** Plain JSON values: what patches and apply work on. */
export type JsonObject = { readonly [key: string]: unknown }

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

export const hasOwn = (object: object, key: string): boolean => Object.hasOwn(object, key)

/** Own members only: `toString` is no member of `{}`. */
export const memberOf = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined)

/** Sets a member of an object under construction, `__proto__` like any other. */
export function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  else object[key] = value
}

/** Equality of JSON values; members that are undefined count as absent. */
export function jsonEquals(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let index = 0; index < a.length; index++) if (!jsonEquals(a[index], b[index])) return false
    return true
  }
  return !Array.isArray(b) && membersEqual(a as JsonObject, b as JsonObject)
}

function membersEqual(a: JsonObject, b: JsonObject): boolean {
  let common = 0
  for (const key in a) {
    const value = a[key]
    if (value === undefined) continue
    if (!Object.hasOwn(b, key) || !jsonEquals(value, b[key])) return false
    common++
  }
  for (const key in b) if (b[key] !== undefined) common--
  return common === 0
}

/** A value of another type than is wanted, in the words of Go's decoder. */
export function cannotUnmarshal(value: unknown, target: string): string {
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return `json: cannot unmarshal ${type} into Go ${target}`
}
