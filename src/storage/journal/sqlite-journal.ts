import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { JournalDamaged } from '../types.ts'
import { type DatabaseOptions, openDatabase, pragma } from './database.ts'
import type { JournalBatch, JournalBounds, LoadedRow } from './journal.ts'

/** The journal's side of SQLite; blocking, so it lives in a thread of its own. */
export interface SqliteJournal {
  readonly bounds: JournalBounds
  /** All rows in order of revision, in chunks; throws `JournalDamaged` when they are not all there and whole. */
  load(): Generator<readonly LoadedRow[]>
  append(batch: JournalBatch): void
  /** Moves pages from the WAL into the database when enough have gathered. */
  checkpointIfDue(): void
  /** Does a bounded part of the compaction; false when there is nothing left to do. */
  compactStep(revision: number): boolean
  close(): void
}

/** What meta says; kept in memory between batches and read again after a failure. */
interface State {
  readonly last: number
  readonly compacted: number
  readonly rows: number
  /** The checksums of all rows, combined by exclusive or: a lost row shows. */
  readonly digest: number
}

const chunkRows = 512
const chunk_bytes = 256 * 1024
const compactionRows = 500
const checkpointAfter_bytes = 4 * 1024 * 1024
/** Roughly what a row costs in the WAL beside its value, and a transaction beside its rows: pages that it writes anew. */
const rowOverhead_bytes = 512
const transactionOverhead_bytes = 12 * 1024
const vacuumPages = 256
const mostFreePages = 2048

export function openSqliteJournal(options: DatabaseOptions): SqliteJournal {
  const database = openDatabase(options)
  const statements = prepareStatements(database)
  let state: State | undefined
  let uncheckpointed_bytes = 0
  /** What a failed transaction left in the WAL could be taken for a damaged one after a crash. */
  let hasRemains = false

  const currentState = (): State => {
    state ??= readState(statements)
    return state
  }

  const transaction = (run: (current: State) => State) => {
    const current = currentState()
    // Whatever goes wrong from here on, the file tells where it stands.
    state = undefined
    statements.begin.run()
    try {
      const next = run(current)
      statements.writeState.run(next.last, next.compacted, next.rows, next.digest)
      statements.commit.run()
      state = next
    } catch (error) {
      hasRemains = true
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  return {
    get bounds() {
      const { last, compacted } = currentState()
      return { lastRevision: last, compactedRevision: compacted }
    },
    load: () => loadRows(statements, currentState()),
    append(batch) {
      const { last } = currentState()
      if (last < batch.after) throw new JournalDamaged(`it ends at revision ${last}, though revision ${batch.after} was written to it`)
      transaction(current => insertRows(statements, removeAfter(statements, current, batch.after), batch))
      uncheckpointed_bytes += batch.rows.reduce(
        (sum, row) => sum + (row.value?.byteLength ?? 0) + rowOverhead_bytes,
        transactionOverhead_bytes,
      )
    },
    checkpointIfDue() {
      if (uncheckpointed_bytes < checkpointAfter_bytes && !hasRemains) return
      database.exec(hasRemains ? 'PRAGMA wal_checkpoint(TRUNCATE)' : 'PRAGMA wal_checkpoint(PASSIVE)')
      uncheckpointed_bytes = 0
      hasRemains = false
    },
    compactStep(revision) {
      if (currentState().compacted < revision) {
        transaction(current => removeSuperseded(statements, current, revision))
        uncheckpointed_bytes += compactionRows * rowOverhead_bytes
        return true
      }
      // Free pages are used again by later rows; only what exceeds a reserve is given back to the file system.
      const free = pragma(database, 'freelist_count')
      if (free <= mostFreePages) return false
      database.exec(`PRAGMA incremental_vacuum(${vacuumPages})`)
      uncheckpointed_bytes += vacuumPages * 4096
      return pragma(database, 'freelist_count') < free
    },
    // Closing the last connection moves the WAL into the database; where that fails, the next start does it.
    close: () => database.close(),
  }
}

type Statements = ReturnType<typeof prepareStatements>

function prepareStatements(database: DatabaseSync) {
  const loaded = 'revision, key, value, deleted, create_revision, previous_revision, time_ms, expires_ms, checksum'
  const prepare = (sql: string): StatementSync => database.prepare(sql)
  const rows = prepare(`SELECT ${loaded} FROM rows ORDER BY id`)
  rows.setReturnArrays(true)
  return {
    rows,
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    insert: prepare(`INSERT INTO rows (${loaded}, user, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    readState: prepare('SELECT last_revision, compacted_revision, row_count, digest FROM meta'),
    writeState: prepare('UPDATE meta SET last_revision = ?, compacted_revision = ?, row_count = ?, digest = ?'),
    after: prepare('SELECT id, checksum FROM rows WHERE revision > ?'),
    nextStep: prepare('SELECT revision FROM rows WHERE revision > ? ORDER BY revision LIMIT 1 OFFSET ?'),
    superseded: prepare(`
      SELECT older.id, older.checksum FROM rows AS newer CROSS JOIN rows AS older
      WHERE newer.revision > ?1 AND newer.revision <= ?2 AND newer.previous_revision > 0
        AND older.revision = newer.previous_revision AND older.key = newer.key
      UNION ALL
      SELECT id, checksum FROM rows WHERE revision > ?1 AND revision <= ?2 AND deleted = 1`),
    remove: prepare('DELETE FROM rows WHERE id = ?'),
  }
}

function readState({ readState }: Statements): State {
  const row = readState.get()
  if (!row) throw new JournalDamaged('its meta row is missing')
  return {
    last: Number(row.last_revision),
    compacted: Number(row.compacted_revision),
    rows: Number(row.row_count),
    digest: Number(row.digest),
  }
}

function insertRows({ insert }: Statements, current: State, batch: JournalBatch): State {
  let digest = current.digest
  for (const row of batch.rows) {
    const checksum = checksumOf(row)
    digest ^= checksum
    insert.run(
      row.revision,
      row.key,
      row.value ?? null,
      row.value ? 0 : 1,
      row.createRevision,
      row.previousRevision,
      row.time_ms,
      row.expires_ms,
      checksum,
      row.user,
      row.userAgent,
    )
  }
  return { ...current, last: batch.revision, rows: current.rows + batch.rows.length, digest }
}

/** Rows beyond what was acknowledged: a batch that became durable although its writer was told that it failed. */
function removeAfter(statements: Statements, current: State, revision: number): State {
  return current.last === revision ? current : { ...remove(statements, current, statements.after.all(revision)), last: revision }
}

function removeSuperseded(statements: Statements, current: State, revision: number): State {
  const limit = statements.nextStep.get(current.compacted, compactionRows)
  const until = limit ? Math.min(Number(limit.revision), revision) : revision
  return { ...remove(statements, current, statements.superseded.all(current.compacted, until)), compacted: until }
}

function remove(statements: Statements, current: State, rows: readonly Record<string, unknown>[]): State {
  let digest = current.digest
  for (const { id, checksum } of rows) {
    statements.remove.run(Number(id))
    digest ^= Number(checksum)
  }
  return { ...current, rows: current.rows - rows.length, digest }
}

function* loadRows({ rows }: Statements, { rows: expected, digest: expectedDigest, last }: State): Generator<readonly LoadedRow[]> {
  let chunk: LoadedRow[] = []
  let bytes = 0
  let count = 0
  let digest = 0
  for (const columns of rows.iterate() as Iterable<unknown> as Iterable<readonly unknown[]>) {
    const row = toRow(columns)
    const checksum = checksumOf(row)
    if (checksum !== columns[8]) throw new JournalDamaged(`the row of ${row.key} at revision ${row.revision} does not match its checksum`)
    if (row.revision > last) throw new JournalDamaged(`it has a row of revision ${row.revision} beyond its last revision ${last}`)
    digest ^= checksum
    count++
    bytes += row.value?.byteLength ?? 0
    chunk.push(row)
    if (chunk.length < chunkRows && bytes < chunk_bytes) continue
    yield chunk
    chunk = []
    bytes = 0
  }
  if (count !== expected || digest !== expectedDigest)
    throw new JournalDamaged(`it has ${count} rows where it should have ${expected}${count === expected ? ' others' : ''}`)
  yield chunk
}

function toRow(columns: readonly unknown[]): LoadedRow {
  const [revision, key, value, deleted, createRevision, previousRevision, time_ms, expires_ms] = columns
  return {
    revision: Number(revision),
    key: String(key),
    // An empty value is stored as NULL.
    value: deleted === 1 ? undefined : ((value as Uint8Array | null) ?? new Uint8Array(0)),
    createRevision: Number(createRevision),
    previousRevision: Number(previousRevision),
    time_ms: Number(time_ms),
    expires_ms: Number(expires_ms),
  }
}

/** A signed 32-bit number, as exclusive or gives them too. */
function checksumOf(row: LoadedRow): number {
  const head = `${row.revision} ${row.createRevision} ${row.previousRevision} ${row.time_ms} ${row.expires_ms} ${row.value ? 'put' : 'delete'} ${row.key}`
  const checksum = crc32(head)
  return (row.value ? crc32(row.value, checksum) : checksum) | 0
}
