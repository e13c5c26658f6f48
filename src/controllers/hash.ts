import { createHash } from 'node:crypto'

/** JSON with sorted keys and without empty objects and lists: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (!inner || typeof inner !== 'object') return inner
    if (Array.isArray(inner)) return inner.length ? inner : undefined
    const entries = Object.entries(inner).filter(([, one]) => one !== undefined)
    return entries.length ? Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) : undefined
  })
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
