/**
 * What the embedded store needs of a journal: batches made durable in order, and the rows back after a restart.
 * Implementations: SQLite in a thread of its own, none at all in memory, and the faulty ones of tests.
 */
export interface Journal {
  /** Opens or creates it. Rejects when it is damaged, of another cluster or of a newer format. */
  open(): Promise<JournalBounds>
  /** Hands over all rows in order of revision, in chunks. */
  load(receive: (rows: readonly LoadedRow[]) => void): Promise<void>
  /**
   * Resolves once all rows are durable; when it rejects, none of them is kept. The next batch may be sent before;
   * it fails unless the one before it succeeded.
   */
  append(batch: JournalBatch): Promise<void>
  /** Removes versions superseded, and deletions made, at or before `revision`. */
  compact(revision: number): Promise<void>
  close(): Promise<void>
}

export interface JournalBounds {
  readonly lastRevision: number
  /** History is complete above this. */
  readonly compactedRevision: number
}

export interface JournalBatch {
  /** The revision that must be the journal's last; rows beyond it belong to a batch that was reported as failed, and are removed. */
  readonly after: number
  /** The journal's last revision when this batch is durable. */
  readonly revision: number
  readonly rows: readonly JournalRow[]
}

/** Who wrote a row stays on disk. */
export type LoadedRow = Omit<JournalRow, 'user' | 'userAgent'>

export interface JournalRow {
  readonly revision: number
  readonly key: string
  /** Absent for a deletion. */
  readonly value: Uint8Array | undefined
  readonly createRevision: number
  /** The revision of the version that this row supersedes; 0 when the key did not exist. */
  readonly previousRevision: number
  readonly time_ms: number
  /** When the key deletes itself; 0 means never. */
  readonly expires_ms: number
  readonly user: string
  readonly userAgent: string
}

/** A store that has seen no write is at this revision: 0 has meanings of its own in the Kubernetes API. */
export const firstRevision = 1
