import { createSortedMap, type SortedMap } from '../base/sorted-map.ts'
import type { StorageEvent } from './types.ts'

/** How much of the past is kept: everything within the watch window, and everything within the history's bytes and age. */
export interface Retention {
  readonly watchWindow_bytes: number
  readonly history_bytes: number
  readonly history_ms: number
}

/**
 * The past: committed events in order of revision, and the same events by key. An event is dropped once it lies outside of
 * every bound; the revision of the last dropped one is the floor, below which there are neither watches nor exact reads.
 * Exact reads end by age too: clients rely on it that a list which is continued late begins anew.
 */
export interface EventLog {
  /** Exact reads and watches are possible from here on. */
  readonly floor: number
  append(event: StorageEvent, time_ms: number): void
  /** Drops what no bound keeps. */
  trim(now_ms: number): void
  /** Drops everything up to and including `revision`. */
  dropUntil(revision: number): void
  /** When the state at `revision` ceased to be the present one; undefined while it still is. */
  supersededAt(revision: number): number | undefined
  /** Events after `revision` whose keys start with `prefix`. */
  after(revision: number, prefix: string): readonly StorageEvent[]
  /** The first kept event of `key` after `revision`: its old version is what stood there at `revision`. */
  firstAfter(revision: number, key: string): StorageEvent | undefined
  /** For each key under `prefix` that changed after `revision`, the first event, in key order. */
  changed(revision: number, prefix: string, start: string): readonly StorageEvent[]
}

/** What an entry costs beside its key and old value. */
const entryOverhead_bytes = 200
/** Versions superseded this many events ago lose their memo: slow watchers are the last to want it. */
const memoHorizon = 1024

export function createEventLog(floor: number, retention: Retention): EventLog {
  const byKey: SortedMap<StorageEvent[]> = createSortedMap()
  let events: StorageEvent[] = []
  let times: number[] = []
  let first = 0
  let bytes = 0

  const dropFirst = () => {
    const event = events[first] as StorageEvent
    first++
    bytes -= weigh(event)
    floor = event.revision
    const chain = byKey.get(event.key)
    if (chain && chain.length > 1) chain.shift()
    else byKey.delete(event.key)
  }

  const reclaim = () => {
    if (first < 1024 || first * 2 < events.length) return
    events = events.slice(first)
    times = times.slice(first)
    first = 0
  }

  const isOutside = (now_ms: number): boolean => {
    if (bytes <= retention.watchWindow_bytes) return false
    return bytes > retention.history_bytes || (times[first] as number) < now_ms - retention.history_ms
  }

  /** A revision is dropped as a whole or not at all. */
  const dropRevision = () => {
    const revision = events[first]?.revision
    while (first < events.length && events[first]?.revision === revision) dropFirst()
  }

  return {
    get floor() {
      return floor
    },
    append(event, time_ms) {
      events.push(event)
      times.push(time_ms)
      bytes += weigh(event)
      const chain = byKey.get(event.key)
      if (chain) chain.push(event)
      else byKey.set(event.key, [event])
      const superseded = events[events.length - 1 - memoHorizon]?.old
      if (superseded && events.length - 1 - memoHorizon >= first) superseded.memo = undefined
    },
    trim(now_ms) {
      while (first < events.length && isOutside(now_ms)) dropRevision()
      reclaim()
    },
    dropUntil(revision) {
      while (first < events.length && (events[first] as StorageEvent).revision <= revision) dropFirst()
      floor = Math.max(floor, revision)
      reclaim()
    },
    supersededAt: revision => times[firstIndexAfter(events, first, revision)],
    after(revision, prefix) {
      const found: StorageEvent[] = []
      for (let index = firstIndexAfter(events, first, revision); index < events.length; index++) {
        const event = events[index] as StorageEvent
        if (event.key.startsWith(prefix)) found.push(event)
      }
      return found
    },
    firstAfter(revision, key) {
      const chain = byKey.get(key)
      return chain?.[firstIndexAfter(chain, 0, revision)]
    },
    changed(revision, prefix, start) {
      const from = firstIndexAfter(events, first, revision)
      // Who reads page after page goes back over few events; for many, each key's own are found faster.
      if (events.length - from <= byKey.count(prefix, start)) return firstByKey(events, from, prefix, start)
      const found: StorageEvent[] = []
      for (const chain of byKey.list(prefix, start)) {
        const event = chain[firstIndexAfter(chain, 0, revision)]
        if (event) found.push(event)
      }
      return found
    },
  }
}

/** The old value is what the log alone keeps alive; the new one is live, or the old one of a later event. */
const weigh = (event: StorageEvent): number => entryOverhead_bytes + event.key.length + (event.old?.value.byteLength ?? 0)

function firstByKey(events: readonly StorageEvent[], from: number, prefix: string, start: string): readonly StorageEvent[] {
  const found = new Map<string, StorageEvent>()
  for (let index = from; index < events.length; index++) {
    const event = events[index] as StorageEvent
    if (event.key.startsWith(prefix) && event.key >= start && !found.has(event.key)) found.set(event.key, event)
  }
  return [...found.values()].sort((left, right) => (left.key < right.key ? -1 : 1))
}

function firstIndexAfter(events: readonly StorageEvent[], from: number, revision: number): number {
  let low = from
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle] as StorageEvent).revision <= revision) low = middle + 1
    else high = middle
  }
  return low
}
