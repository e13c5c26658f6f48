import type { Clock } from '../base/clock.ts'

/** Values that are believed for a while; the oldest go when there are too many. */
export interface ExpiringCache<T> {
  get(key: string): T | undefined
  set(key: string, value: T, lifetime_ms: number): void
}

export function createExpiringCache<T>(maximumEntries: number, clock: Clock): ExpiringCache<T> {
  const entries = new Map<string, { readonly value: T; readonly until_ms: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      if (clock.monotonic() < entry.until_ms) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key, value, lifetime_ms) {
      entries.delete(key)
      if (entries.size >= maximumEntries) entries.delete(entries.keys().next().value as string)
      entries.set(key, { value, until_ms: clock.monotonic() + lifetime_ms })
    },
  }
}
