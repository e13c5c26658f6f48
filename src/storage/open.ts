import { openEmbedded } from './embedded.ts'
import { createMemoryJournal } from './journal/memory.ts'
import { createThreadJournal } from './journal/thread-journal.ts'
import type { Storage, StorageOptions } from './storage.ts'

/** The embedded store: in memory, and with a directory also on disk. */
export function openStorage(options: StorageOptions): Promise<Storage> {
  const { directory, clusterId, journalEntry, logger } = options
  const journal =
    directory === undefined ? createMemoryJournal() : createThreadJournal({ directory, clusterId, entry: journalEntry, logger })
  return openEmbedded(journal, options)
}
