import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { firstRevision } from './journal.ts'
import { type Migration, migrate, migrations } from './migrations.ts'
import { checkWal } from './wal-check.ts'

/** "Proa", so that `file` and we know whose database it is. */
const applicationId = 0x50726f61
const formatVersion = 1

const schema = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cluster TEXT NOT NULL,
    last_revision INTEGER NOT NULL,
    compacted_revision INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    digest INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB,
    deleted INTEGER NOT NULL,
    create_revision INTEGER NOT NULL,
    previous_revision INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    user TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX rows_by_revision ON rows (revision);
`

export const journalPath = (directory: string): string => join(directory, 'journal.sqlite')

export interface DatabaseOptions {
  readonly directory: string
  readonly clusterId: string
  readonly formatVersion?: number
  readonly migrations?: readonly Migration[]
}

/** Opens or creates the journal's database, after making sure that it is ours, this cluster's, and of a format we know. */
export function openDatabase(options: DatabaseOptions): DatabaseSync {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  const path = journalPath(options.directory)
  createPrivately(path)
  checkWal(`${path}-wal`)
  const database = new DatabaseSync(path, { timeout: 2000, enableForeignKeyConstraints: false })
  try {
    // Exclusive: nobody else may open the file while we do, and the WAL's index stays off the disk.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    const isNew = isEmpty(database)
    // It counts only before the first page is written, and writes to a database that is there.
    if (isNew) database.exec('PRAGMA auto_vacuum = INCREMENTAL')
    prepareConnection(database)
    if (isNew) create(database, options)
    else admit(database, options)
    syncDirectory(options.directory)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Secrets are kept here: SQLite gives its other files the mode of this one. */
function createPrivately(path: string) {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

function prepareConnection(database: DatabaseSync) {
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('PRAGMA cache_size = -1024')
  // The thread decides itself when to checkpoint: after an answer, not before it.
  database.exec('PRAGMA wal_autocheckpoint = 0')
  database.exec('PRAGMA journal_size_limit = 8388608')
}

const isEmpty = (database: DatabaseSync): boolean => pragma(database, 'application_id') === 0 && countTables(database) === 0

const countTables = (database: DatabaseSync): number => Number(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count)

function create(database: DatabaseSync, options: DatabaseOptions) {
  database.exec('BEGIN IMMEDIATE')
  database.exec(schema)
  database.exec(`PRAGMA application_id = ${applicationId}`)
  database.exec(`PRAGMA user_version = ${options.formatVersion ?? formatVersion}`)
  database.prepare('INSERT INTO meta VALUES (1, ?, ?, ?, 0, 0)').run(options.clusterId, firstRevision, firstRevision)
  database.exec('COMMIT')
}

function admit(database: DatabaseSync, options: DatabaseOptions) {
  if (pragma(database, 'application_id') !== applicationId)
    throw new Error('it is a database of something else than Proa; nothing was changed')
  const supported = options.formatVersion ?? formatVersion
  const found = pragma(database, 'user_version')
  if (found > supported)
    throw new Error(
      `its format ${found} is newer than ${supported}, the newest that this version reads; use the version of Proa that wrote it`,
    )
  if (found < supported) migrate(database, found, supported, options.migrations ?? migrations)
  const cluster = String(database.prepare('SELECT cluster FROM meta').get()?.cluster)
  if (cluster !== options.clusterId)
    throw new Error(`it belongs to cluster ${cluster}, not to ${options.clusterId}; use another data directory`)
}

export const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])

/** A new file is only there after a power loss when its directory is synced too. */
function syncDirectory(directory: string) {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
