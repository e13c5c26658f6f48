import type { ValueTransform } from './commit-queue.ts'
import type { Committed } from './committed.ts'
import type { Journal, JournalBounds, LoadedRow } from './journal/journal.ts'
import { JournalDamaged } from './types.ts'

export interface Lifetime {
  readonly key: string
  readonly revision: number
  readonly expires_ms: number
}

/**
 * Fills memory from the journal: rows up to the compacted revision become live versions, later ones are replayed as events.
 * Returns what will expire.
 */
export async function loadJournal(
  journal: Journal,
  bounds: JournalBounds,
  committed: Committed,
  transform: ValueTransform | undefined,
): Promise<Iterable<Lifetime>> {
  const lifetimes = new Map<string, Lifetime>()
  await journal.load(rows => {
    for (const row of rows) {
      replay(row, bounds, committed, transform)
      if (row.value && row.expires_ms > 0) lifetimes.set(row.key, row)
      else lifetimes.delete(row.key)
    }
  })
  committed.advance(bounds.lastRevision)
  return lifetimes.values()
}

function replay(row: LoadedRow, bounds: JournalBounds, committed: Committed, transform: ValueTransform | undefined) {
  const { key, revision, createRevision } = row
  const value = row.value && transform ? transform.decode(key, row.value) : row.value
  if (!value) transform?.forget(key)
  const version = value && { key, value, revision, createRevision, memo: undefined }
  if (revision <= bounds.compactedRevision) return committed.restore(key, version)
  const known = committed.view.get(key)?.revision ?? 0
  if (known !== row.previousRevision)
    throw new JournalDamaged(
      `the row of ${key} at revision ${revision} follows revision ${row.previousRevision}, but the journal has revision ${known} before it`,
    )
  committed.apply(key, version, revision, row.time_ms)
}
