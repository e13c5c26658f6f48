import type { Clock } from '../base/clock.ts'
import { createSortedMap, type SortedMap } from '../base/sorted-map.ts'
import { createEventLog, type EventLog, type Retention } from './event-log.ts'
import { Compacted, FutureRevision, type StorageEvent, type StorageView, type StoredVersion } from './types.ts'

/** What is durable: the live versions, and the log of events that leads back into the past. */
export interface Committed {
  readonly view: StorageView
  readonly log: EventLog
  /** Makes a version live and remembers the event. */
  apply(key: string, version: StoredVersion | undefined, revision: number, time_ms: number): StorageEvent | undefined
  /** Makes a version live without an event, for what is older than the log's floor. */
  restore(key: string, version: StoredVersion | undefined): void
  /** Called once a commit is applied as a whole: only then does the view show its revision. */
  advance(revision: number): void
  snapshot(revision: number): StorageView
}

export function createCommitted(floor: number, retention: Retention, clock: Clock): Committed {
  const live: SortedMap<StoredVersion> = createSortedMap()
  const log = createEventLog(floor, retention)
  let current = floor

  const replace = (key: string, version: StoredVersion | undefined) => {
    if (version) live.set(key, version)
    else live.delete(key)
  }

  const view: StorageView = {
    get revision() {
      return current
    },
    get: live.get,
    list: live.list,
    count: live.count,
  }

  return {
    view,
    log,
    apply(key, version, revision, time_ms) {
      const old = live.get(key)
      if (!old && !version) return undefined
      replace(key, version)
      const event: StorageEvent = { revision, key, old, new: version }
      log.append(event, time_ms)
      return event
    },
    restore: replace,
    advance(revision) {
      current = revision
    },
    snapshot(revision) {
      if (revision > current) throw new FutureRevision(revision, current)
      const check = () => {
        const superseded_ms = log.supersededAt(revision) ?? Number.POSITIVE_INFINITY
        if (revision < log.floor || superseded_ms < clock.now() - retention.history_ms) throw new Compacted(revision, log.floor)
      }
      check()
      return pastView(live, log, revision, check)
    },
  }
}

/** A past state is the live one with every later change undone: the old version of the first later event stands for its key. */
function pastView(live: SortedMap<StoredVersion>, log: EventLog, revision: number, check: () => void): StorageView {
  const list = (prefix: string, start = '', limit = Number.POSITIVE_INFINITY): readonly StoredVersion[] => {
    check()
    const undone = log.changed(revision, prefix, start)
    // Each change undone takes away one live version at most.
    const enough = limit + undone.length
    const versions = live.list(prefix, start, enough)
    if (undone.length === 0) return versions
    const last = versions.length === enough ? versions.at(-1)?.key : undefined
    const within = last === undefined ? undone : undone.filter(({ key }) => key <= last)
    return overlay(versions, within, event => event.old).slice(0, limit)
  }
  return {
    revision,
    get(key) {
      check()
      const event = log.firstAfter(revision, key)
      return event ? event.old : live.get(key)
    },
    list,
    count(prefix, start = '') {
      check()
      let count = live.count(prefix, start)
      for (const { key, old } of log.changed(revision, prefix, start)) count += (old ? 1 : 0) - (live.get(key) ? 1 : 0)
      return count
    },
  }
}

/** Merges two lists in key order; where both have a key, and where only the upper one has it, the upper decides, also about absence. */
export function overlay<Upper extends { readonly key: string }>(
  lower: readonly StoredVersion[],
  upper: readonly Upper[],
  versionOf: (entry: Upper) => StoredVersion | undefined,
): StoredVersion[] {
  const merged: StoredVersion[] = []
  let index = 0
  for (const entry of upper) {
    while (index < lower.length && (lower[index] as StoredVersion).key < entry.key) merged.push(lower[index++] as StoredVersion)
    if (lower[index]?.key === entry.key) index++
    const version = versionOf(entry)
    if (version) merged.push(version)
  }
  while (index < lower.length) merged.push(lower[index++] as StoredVersion)
  return merged
}
