/** One version of one key. Immutable but for the memo, which belongs to the registry. */
export interface StoredVersion {
  readonly key: string
  readonly value: Uint8Array
  /** The commit that made this version. */
  readonly revision: number
  /** The commit that created the key. */
  readonly createRevision: number
  /**
   * Whatever the registry derives from the bytes (decoded object, encoded bodies). The store never looks at it; it drops it
   * some time after the version is superseded or deleted, so that the past isn't kept parsed.
   */
  memo: unknown
}

export interface PutOperation {
  readonly type: 'put'
  readonly key: string
  readonly value: Uint8Array
  readonly memo?: unknown
  /** The key is deleted by itself this long after the write, milliseconds; for Events. */
  readonly timeToLive_ms?: number
}

export interface DeleteOperation {
  readonly type: 'delete'
  readonly key: string
}

export type Operation = PutOperation | DeleteOperation

/** The key's head version must have exactly this revision; 0 means that the key must not exist. */
export interface Precondition {
  readonly key: string
  readonly revision: number
}

/** Who wrote, kept with the journal's row. */
export interface Actor {
  readonly user: string
  readonly userAgent: string
}

export interface CommitResult {
  /** All operations of a commit share it. */
  readonly revision: number
  /** The new versions, in the order of the put operations. */
  readonly versions: readonly StoredVersion[]
}

/** A precondition did not hold. Thrown only once the write that it lost against has become durable (or failed, in which case the commit is tried on). */
export class PreconditionFailed extends Error {
  readonly key: string
  readonly current: StoredVersion | undefined
  constructor(key: string, current: StoredVersion | undefined) {
    super(`commit ${key}: the key is at revision ${current?.revision ?? 0}`)
    this.name = 'PreconditionFailed'
    this.key = key
    this.current = current
  }
}

/** The revision asked for is older than what is kept; the API answers 410. */
export class Compacted extends Error {
  readonly compactedRevision: number
  constructor(requested: number, compactedRevision: number) {
    super(`read at revision ${requested}: compacted up to ${compactedRevision}`)
    this.name = 'Compacted'
    this.compactedRevision = compactedRevision
  }
}

/** The revision asked for lies in the future. */
export class FutureRevision extends Error {
  readonly currentRevision: number
  constructor(requested: number, currentRevision: number) {
    super(`read at revision ${requested}: the store is at ${currentRevision}`)
    this.name = 'FutureRevision'
    this.currentRevision = currentRevision
  }
}

/** The disk refuses writes; reads go on, and writes are tried again by whoever sent them. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable'
}

/** The journal's content contradicts itself: opening it would silently lose acknowledged writes. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged'
}

/** What is stored at one moment. All methods answer at once, from memory. */
export interface StorageView {
  readonly revision: number
  get(key: string): StoredVersion | undefined
  /** Versions whose keys start with `prefix`, in key order (UTF-16 code units), from the first key greater than or equal to `start`, at most `limit`. */
  list(prefix: string, start?: string, limit?: number): readonly StoredVersion[]
  count(prefix: string, start?: string): number
}

export interface StorageEvent {
  readonly revision: number
  readonly key: string
  /** Absent for a creation. */
  readonly old: StoredVersion | undefined
  /** Absent for a deletion. */
  readonly new: StoredVersion | undefined
}

export interface StorageWatch {
  close(): void
}
