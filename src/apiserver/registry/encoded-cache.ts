/** Keeps derived bytes by version within a budget; the least recently used go first. */
export interface EncodedCache {
  /** The bytes made for this owner under this key, made now if they are not there. */
  get(owner: object, key: string, make: () => Buffer): Buffer
  readonly bytes: number
}

interface Entry {
  readonly owner: object
  readonly key: string
  readonly bytes: Buffer
}

export function createEncodedCache(maximumBytes: number): EncodedCache {
  // A Map keeps the order of insertion: taking an entry out and putting it back makes it the newest.
  const entries = new Map<Entry, true>()
  const byOwner = new WeakMap<object, Map<string, Entry>>()
  let total = 0
  // Watchers of one collection ask for the same bytes one after the other.
  let last: Entry | undefined

  const insert = (entry: Entry) => {
    entries.set(entry, true)
    total += entry.bytes.length
    for (const oldest of entries.keys()) {
      if (total <= maximumBytes) break
      entries.delete(oldest)
      byOwner.get(oldest.owner)?.delete(oldest.key)
      total -= oldest.bytes.length
    }
  }

  return {
    get bytes() {
      return total
    },
    get(owner, key, make) {
      if (last?.owner === owner && last.key === key) return last.bytes
      let own = byOwner.get(owner)
      if (!own) {
        own = new Map()
        byOwner.set(owner, own)
      }
      const found = own.get(key)
      if (found) {
        entries.delete(found)
        entries.set(found, true)
        last = found
        return found.bytes
      }
      const entry: Entry = { owner, key, bytes: make() }
      if (entry.bytes.length <= maximumBytes) {
        own.set(key, entry)
        insert(entry)
        last = entry
      }
      return entry.bytes
    },
  }
}
