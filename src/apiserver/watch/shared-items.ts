import type { StorageEvent } from '../../storage/types.ts'
import type { WatchItem } from './open-watch.ts'

/**
 * What everybody who watches everything is told of the same events, made once: a thousand watchers, and those of them who
 * do not read, hold the same items. The store hands all watchers of a prefix the same array, by which they are found.
 */
export type SharedItems = (events: readonly StorageEvent[]) => readonly WatchItem[]

export function createSharedItems(): SharedItems {
  const known = new WeakMap<readonly StorageEvent[], readonly WatchItem[]>()
  return events => {
    let items = known.get(events)
    if (!items) {
      items = events.flatMap(toItem)
      known.set(events, items)
    }
    return items
  }
}

function toItem({ old, new: current, revision }: StorageEvent): WatchItem | [] {
  if (current) return { type: old ? 'MODIFIED' : 'ADDED', version: current, revision }
  return old ? { type: 'DELETED', version: old, revision } : []
}
