/** What this room's tests share: options, temporary directories, and journals that are slow or fail on demand. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../base/clock.ts'
import { silentLogger } from '../base/logger.ts'
import { createMetrics } from '../base/metrics.ts'
import type { Journal, JournalBatch } from './journal/journal.ts'
import type { StorageOptions } from './storage.ts'

export const testOptions = (options: Partial<StorageOptions> = {}): StorageOptions => ({
  clock: systemClock(),
  logger: silentLogger,
  metrics: createMetrics(),
  clusterId: 'test',
  ...options,
})

export async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'proa-storage-'))
  try {
    await run(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Every batch takes this many turns of the event loop. */
export function slowed(journal: Journal, turns: number, clock: Clock = systemClock()): Journal {
  return {
    ...journal,
    async append(batch) {
      for (let turn = 0; turn < turns; turn++) await clock.yield()
      await journal.append(batch)
    },
  }
}

export interface HeldJournal extends Journal {
  /** Batches whose outcome is not decided yet. */
  readonly held: readonly JournalBatch[]
  succeed(): void
  fail(reason: string): void
}

/** Batches wait until the test decides how they end. */
export function held(journal: Journal): HeldJournal {
  const waiting: { batch: JournalBatch; resolve: () => void; reject: (error: Error) => void }[] = []
  return {
    ...journal,
    get held() {
      return waiting.map(({ batch }) => batch)
    },
    append: batch => new Promise((resolve, reject) => waiting.push({ batch, resolve, reject })),
    succeed: () => waiting.shift()?.resolve(),
    fail: reason => waiting.shift()?.reject(new Error(reason)),
  }
}
