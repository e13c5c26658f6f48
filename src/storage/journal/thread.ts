/**
 * The journal's thread: takes requests one after the other, so that the disk never blocks the main loop.
 * This file is an entry of its own; nothing imports it.
 */
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { JournalDamaged } from '../types.ts'
import type { LoadedRow } from './journal.ts'
import type { Answer, Request } from './messages.ts'
import { packRows, transferables, unpackRows } from './packed-rows.ts'
import { openSqliteJournal, type SqliteJournal } from './sqlite-journal.ts'

if (!parentPort) throw new Error('the journal thread must be started as a worker')
const port = parentPort
const clock = systemClock()

let journal: SqliteJournal | undefined
let loading: Iterator<readonly LoadedRow[]> | undefined

port.on('message', (request: Request) => void answer(request))

async function answer(request: Request) {
  try {
    const reply = await handle(request)
    port.postMessage(reply, reply.type === 'rows' ? transferables(reply.rows) : [])
    if (request.type === 'append') checkpoint()
  } catch (error) {
    port.postMessage({ id: request.id, type: 'failed', message: reasonOf(error), damaged: isDamage(error) } satisfies Answer)
  }
  if (request.type === 'close') port.close()
}

async function handle(request: Request): Promise<Answer> {
  const { id } = request
  if (request.type === 'open') {
    journal = openSqliteJournal(request)
    return { id, type: 'opened', bounds: journal.bounds }
  }
  if (request.type === 'close') {
    journal?.close()
    return { id, type: 'done' }
  }
  if (!journal) throw new Error('it is not open')
  if (request.type === 'load') return loadChunk(id, journal)
  if (request.type === 'append') journal.append({ after: request.after, revision: request.revision, rows: unpackRows(request.rows) })
  if (request.type === 'compact') await compact(journal, request.revision)
  return { id, type: 'done' }
}

function loadChunk(id: number, from: SqliteJournal): Answer {
  loading ??= from.load()
  const { value, done } = loading.next()
  return { id, type: 'rows', rows: packRows(done ? [] : value), more: !done }
}

/** Between two steps appends get their turn. */
async function compact(from: SqliteJournal, revision: number) {
  while (from.compactStep(revision)) {
    checkpoint()
    await clock.yield()
  }
}

function checkpoint() {
  try {
    journal?.checkpointIfDue()
  } catch (error) {
    const message = `checkpoint the journal: ${reasonOf(error)}; trying again with later writes`
    port.postMessage({ id: 0, type: 'warning', message } satisfies Answer)
  }
}

const sqliteCode = (error: unknown): number => (error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0)

/** SQLITE_CORRUPT and SQLITE_NOTADB, with whatever extended code. */
const isDamage = (error: unknown): boolean => error instanceof JournalDamaged || [11, 26].includes(sqliteCode(error) & 0xff)

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = sqliteCode(error)
  if (code === 0) return error.message
  // SQLITE_BUSY: the lock is held as long as the other one runs.
  return (code & 0xff) === 5 ? 'another process has it open' : `${error.message} (SQLite ${code})`
}
