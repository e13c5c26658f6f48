import { createHash } from 'node:crypto'

/**
 * JSON with sorted keys and without what says nothing: equal values give equal text. An empty object is something
 * (`emptyDir: {}`), but for the few that are there whether they hold something or not.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (!inner || typeof inner !== 'object' || Array.isArray(inner)) return inner
    const entries = Object.entries(inner).filter(([name, one]) => !saysNothing(name, one))
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** The same value, written with its keys in order at every depth. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (!value || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, withSortedKeys(inner)]))
}

/** Values, not pointers, in upstream's types. */
const alwaysThere: ReadonlySet<string> = new Set(['metadata', 'labels', 'annotations', 'resources'])

function saysNothing(name: string, value: unknown): boolean {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return true
  if (!alwaysThere.has(name) || value === null || typeof value !== 'object') return false
  return Object.entries(value).every(([inner, one]) => saysNothing(inner, one))
}

// The characters of upstream's safe encoding, without vowels and digits that look alike.
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A short name for a text; `collisions` gives another one when the first is taken. */
export function shortHash(text: string, collisions: number): string {
  const digest = createHash('sha256').update(text).update(String(collisions)).digest()
  let hash = ''
  for (const byte of digest.subarray(0, 10)) hash += alphabet[byte % alphabet.length]
  return hash
}
