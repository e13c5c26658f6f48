import { overlay } from './committed.ts'
import type { Actor, CommitResult, StorageView, StoredVersion } from './types.ts'

/** A commit that is ordered and not yet durable. */
export interface PendingCommit {
  readonly revision: number
  readonly writes: readonly PendingWrite[]
  readonly time_ms: number
  readonly bytes: number
  readonly actor: Actor
  readonly result: CommitResult
  readonly resolve: (result: CommitResult) => void
  readonly reject: (error: Error) => void
  /** Those whose answer depends on how this commit ends. */
  readonly waiting: ((durable: boolean) => void)[]
}

export interface PendingWrite {
  readonly key: string
  /** Absent for a deletion. */
  readonly version: StoredVersion | undefined
  readonly previousRevision: number
  readonly createRevision: number
  /** 0 means never. */
  readonly expires_ms: number
}

/** The ordered state: committed with the pending writes laid over it. */
export interface Head {
  readonly view: StorageView
  /** The pending commit that made the key's head version, if it is not durable yet. */
  pending(key: string): PendingCommit | undefined
  /** The latest commit that is not durable yet. */
  readonly latest: PendingCommit | undefined
  order(commit: PendingCommit): void
  /** The commit is durable: committed shows its writes now. */
  settle(commit: PendingCommit): void
  /** All pending commits failed: head is committed again. */
  reset(): void
}

interface Entry {
  readonly key: string
  readonly version: StoredVersion | undefined
  readonly commit: PendingCommit
}

export function createHead(committed: StorageView): Head {
  const entries = new Map<string, Entry>()
  let latest: PendingCommit | undefined

  const list = (prefix: string, start?: string, limit?: number): readonly StoredVersion[] => {
    const pending = entries.size === 0 ? [] : under(entries, prefix, start)
    if (pending.length === 0) return committed.list(prefix, start, limit)
    return overlay(committed.list(prefix, start), pending, entry => entry.version).slice(0, limit)
  }

  const view: StorageView = {
    get revision() {
      return latest?.revision ?? committed.revision
    },
    get(key) {
      const entry = entries.get(key)
      return entry ? entry.version : committed.get(key)
    },
    list,
    count: (prefix, start) => (entries.size === 0 ? committed.count(prefix, start) : list(prefix, start).length),
  }

  return {
    view,
    pending: key => entries.get(key)?.commit,
    get latest() {
      return latest
    },
    order(commit) {
      for (const { key, version } of commit.writes) entries.set(key, { key, version, commit })
      latest = commit
    },
    settle(commit) {
      for (const { key } of commit.writes) if (entries.get(key)?.commit === commit) entries.delete(key)
      if (latest === commit) latest = undefined
    },
    reset() {
      entries.clear()
      latest = undefined
    },
  }
}

/** Few are pending and lists of head are rare: sorting them then is cheaper than keeping them sorted. */
function under(entries: ReadonlyMap<string, Entry>, prefix: string, start = ''): Entry[] {
  const found: Entry[] = []
  for (const entry of entries.values()) if (entry.key.startsWith(prefix) && entry.key >= start) found.push(entry)
  return found.sort((left, right) => (left.key < right.key ? -1 : 1))
}
