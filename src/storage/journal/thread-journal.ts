import { Worker } from 'node:worker_threads'
import type { Logger } from '../../base/logger.ts'
import { JournalDamaged } from '../types.ts'
import { journalPath } from './database.ts'
import type { Journal, JournalBatch, JournalBounds } from './journal.ts'
import { createMailbox, type Outbox, openOutbox } from './mailbox.ts'
import type { Answer, Reply, RequestBody } from './messages.ts'
import { packRows, transferables, unpackRows } from './packed-rows.ts'

export interface ThreadJournalOptions {
  readonly directory: string
  readonly clusterId: string
  readonly logger: Logger
  /** The thread's entry file; bundles have theirs elsewhere than the source. */
  readonly entry: URL | undefined
}

const chunksAhead = 4

interface Thread {
  readonly worker: Worker
  readonly outbox: Outbox
  readonly asked: Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>
}

/** A journal in SQLite, written by a thread of its own. A thread that dies is started again by the next write. */
export function createThreadJournal(options: ThreadJournalOptions): Journal {
  const path = journalPath(options.directory)
  let thread: Thread | undefined
  let lastId = 0
  let closed = false

  const start = (): Thread => {
    const mailbox = createMailbox()
    const worker = new Worker(options.entry ?? new URL('./thread.ts', import.meta.url), {
      name: 'proa-journal',
      workerData: mailbox,
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
    })
    const started: Thread = { worker, outbox: openOutbox(mailbox), asked: new Map() }
    const end = (error: Error) => {
      if (thread === started) thread = undefined
      for (const { reject } of started.asked.values()) reject(error)
      started.asked.clear()
    }
    worker.on('message', (reply: Reply) => receive(started, typeof reply === 'number' ? { id: reply, type: 'done' } : reply))
    worker.on('error', error =>
      end(new Error(`journal ${path}: its thread failed: ${error instanceof Error ? error.message : String(error)}`)),
    )
    worker.on('exit', code => end(new Error(`journal ${path}: its thread ended with code ${code}`)))
    return started
  }

  const receive = (from: Thread, answer: Answer) => {
    if (answer.type === 'warning') return options.logger.warn(answer.message, { journal: path })
    const asked = from.asked.get(answer.id)
    from.asked.delete(answer.id)
    if (answer.type === 'failed') asked?.reject(toError(path, answer.message, answer.damaged))
    else asked?.resolve(answer)
  }

  const ask = async (body: RequestBody, transfer: ArrayBuffer[] = []): Promise<Answer> =>
    send(({ worker }, id) => worker.postMessage({ id, ...body }, transfer))

  /** While others are under way it queues behind them; alone it is laid into the thread's mailbox. */
  const write = async (batch: JournalBatch): Promise<Answer> =>
    send(({ worker, outbox, asked }, id) => {
      if (asked.size === 1 && outbox.put(id, batch)) return
      const rows = packRows(batch.rows)
      worker.postMessage({ id, type: 'append', after: batch.after, revision: batch.revision, rows }, transferables(rows))
    })

  const send = (deliver: (to: Thread, id: number) => void): Promise<Answer> => {
    if (closed) throw new Error(`journal ${path}: it is closed`)
    thread ??= start()
    const to = thread
    const id = ++lastId
    return new Promise((resolve, reject) => {
      to.asked.set(id, { resolve, reject })
      deliver(to, id)
      to.outbox.ring()
    })
  }

  const open = async (): Promise<JournalBounds> => {
    const answer = ask({ type: 'open', directory: options.directory, clusterId: options.clusterId })
    const opening = thread
    try {
      const opened = await answer
      if (opened.type !== 'opened') throw new Error(`journal ${path}: opening it was answered with "${opened.type}"`)
      return opened.bounds
    } catch (error) {
      // A thread without a journal is of no use; the next attempt starts another.
      if (thread === opening) thread = undefined
      await opening?.worker.terminate()
      throw error
    }
  }

  return {
    open,
    async load(receiveRows) {
      const coming: Promise<Answer>[] = []
      const askForMore = () => {
        const answer = ask({ type: 'load' })
        // It is awaited in its turn; after an earlier failure nobody does.
        answer.catch(() => {})
        coming.push(answer)
      }
      // The thread reads the next chunks while one is taken in.
      for (let chunk = 0; chunk < chunksAhead; chunk++) askForMore()
      for (let next = coming.shift(); next; next = coming.shift()) {
        const answer = await next
        if (answer.type !== 'rows') throw new Error(`journal ${path}: loading it was answered with "${answer.type}"`)
        if (answer.more) askForMore()
        try {
          receiveRows(unpackRows(answer.rows))
        } catch (error) {
          throw error instanceof JournalDamaged ? toError(path, error.message, true) : error
        }
      }
    },
    async append(batch) {
      if (!thread) await open()
      await write(batch)
    },
    async compact(revision) {
      if (!thread) await open()
      await ask({ type: 'compact', revision })
    },
    async close() {
      const closing = thread
      if (!closing || closed) return
      const answer = ask({ type: 'close' })
      closed = true
      try {
        await answer
      } finally {
        await closing.worker.terminate()
      }
    },
  }
}

function toError(path: string, reason: string, damaged: boolean): Error {
  if (!damaged) return new Error(`journal ${path}: ${reason}`)
  return new JournalDamaged(
    `journal ${path} is damaged: ${reason}. It was left as it is: restore it from a backup, ` +
      `or move it (and ${path}-wal) out of the directory to start with an empty cluster`,
  )
}
