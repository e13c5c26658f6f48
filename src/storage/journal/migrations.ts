import { existsSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** Leads from one format version to the next; runs inside a transaction. */
export interface Migration {
  readonly from: number
  readonly run: (database: DatabaseSync) => void
}

/** Format 1 is the first; a change of the schema adds its step here. */
export const migrations: readonly Migration[] = []

/** Brings an older journal to the supported format, after leaving a copy of it beside it. */
export function migrate(database: DatabaseSync, found: number, supported: number, steps: readonly Migration[]) {
  const path = planMigration(found, supported, steps)
  const copy = `${database.location()}.format-${found}`
  // What an interrupted attempt left may be incomplete; the journal itself is untouched until the steps commit.
  if (existsSync(copy)) rmSync(copy)
  database.prepare('VACUUM INTO ?').run(copy)
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of path) step.run(database)
    database.exec(`PRAGMA user_version = ${supported}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function planMigration(found: number, supported: number, steps: readonly Migration[]): Migration[] {
  const path: Migration[] = []
  for (let version = found; version < supported; version++) {
    const step = steps.find(({ from }) => from === version)
    if (!step) throw new Error(`its format ${found} is older than this version of Proa can migrate; nothing was changed`)
    path.push(step)
  }
  return path
}
