/**
 * The journal's thread: takes requests one after the other, so that the disk never blocks the main loop. It has no event
 * loop of its own: it sleeps until the mailbox's bell rings, which costs less than being woken by a message.
 * This file is an entry of its own; nothing imports it.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { JournalDamaged } from '../types.ts'
import type { LoadedRow } from './journal.ts'
import { type Mailbox, openInbox } from './mailbox.ts'
import type { Answer, Reply, Request } from './messages.ts'
import { packRows, transferables, unpackRows } from './packed-rows.ts'
import { openSqliteJournal, type SqliteJournal } from './sqlite-journal.ts'

if (!parentPort) throw new Error('the journal thread must be started as a worker')
const port = parentPort
const inbox = openInbox(workerData as Mailbox)

let journal: SqliteJournal | undefined
let loading: Iterator<readonly LoadedRow[]> | undefined
/** Done in steps, between which other requests get their turn. */
let compactions: (Request & { type: 'compact' })[] = []
let closed = false

function takeRequests(): void {
  while (!closed) {
    if (compactions.length === 0) inbox.wait()
    const delivery = inbox.take()
    if (delivery) answer({ type: 'append', ...delivery })
    for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port)) answer(received.message as Request)
    continueCompaction()
  }
}

function answer(request: Request): void {
  if (request.type === 'compact') {
    compactions.push(request)
    return
  }
  attempt(request.id, () => {
    const reply = handle(request)
    send(reply.type === 'done' ? reply.id : reply, reply.type === 'rows' ? transferables(reply.rows) : [])
    if (request.type === 'append') checkpoint()
  })
  if (request.type === 'close') closed = true
}

function handle(request: Exclude<Request, { type: 'compact' }>): Answer {
  const { id } = request
  if (request.type === 'open') {
    journal = openSqliteJournal(request)
    return { id, type: 'opened', bounds: journal.bounds }
  }
  if (request.type === 'close') {
    journal?.close()
    return { id, type: 'done' }
  }
  if (request.type === 'load') return loadChunk(id, opened())
  opened().append({ after: request.after, revision: request.revision, rows: unpackRows(request.rows) })
  return { id, type: 'done' }
}

function opened(): SqliteJournal {
  if (!journal) throw new Error('it is not open')
  return journal
}

function loadChunk(id: number, from: SqliteJournal): Answer {
  loading ??= from.load()
  const { value, done } = loading.next()
  return { id, type: 'rows', rows: packRows(done ? [] : value), more: !done }
}

function continueCompaction(): void {
  const [current, ...others] = compactions
  if (!current || closed) return
  const goesOn = attempt(current.id, () => {
    if (opened().compactStep(current.revision)) return true
    send(current.id)
    return false
  })
  if (goesOn) checkpoint()
  else compactions = others
}

/** What goes wrong is the answer. */
function attempt<Result>(id: number, run: () => Result): Result | undefined {
  try {
    return run()
  } catch (error) {
    send({ id, type: 'failed', message: reasonOf(error), damaged: isDamage(error) })
    return undefined
  }
}

function checkpoint() {
  try {
    journal?.checkpointIfDue()
  } catch (error) {
    send({ id: 0, type: 'warning', message: `checkpoint the journal: ${reasonOf(error)}; trying again with later writes` })
  }
}

function send(reply: Reply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(reply, transfer)
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

takeRequests()
