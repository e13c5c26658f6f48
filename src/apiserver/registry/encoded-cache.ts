/** Keeps derived bytes by version within a budget; the oldest go first, but what was asked for again gets a second round. */
export interface EncodedCache {
  /** The bytes made for this owner under this key, made now if they are not there. */
  get(owner: object, key: string, make: () => Buffer): Buffer
  readonly bytes: number
}

interface Entry {
  readonly owner: object
  readonly key: string
  readonly bytes: Buffer
  /** Asked for again since it came in or was last spared: marking is cheaper than keeping an order of use. */
  wanted: boolean
}

export function createEncodedCache(maximumBytes: number): EncodedCache {
  // In the order of insertion.
  const entries = new Set<Entry>()
  const byOwner = new WeakMap<object, Map<string, Entry>>()
  let total = 0
  // Watchers of one collection ask for the same bytes one after the other.
  let last: Entry | undefined

  const insert = (entry: Entry) => {
    entries.add(entry)
    total += entry.bytes.length
    for (const oldest of entries) {
      if (total <= maximumBytes) break
      entries.delete(oldest)
      if (oldest.wanted) {
        oldest.wanted = false
        entries.add(oldest)
        continue
      }
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
        found.wanted = true
        last = found
        return found.bytes
      }
      const entry: Entry = { owner, key, bytes: make(), wanted: false }
      if (entry.bytes.length <= maximumBytes) {
        own.set(key, entry)
        insert(entry)
        last = entry
      }
      return entry.bytes
    },
  }
}
