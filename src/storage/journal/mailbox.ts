import type { JournalBatch } from './journal.ts'
import { type Allocate, type PackedRows, packRows, sizeOfRows } from './packed-rows.ts'

/**
 * Memory that the store shares with the journal's thread: a bell that wakes the thread, and room for one batch.
 * A batch that is laid here costs neither of them a message, which is most of what a single write costs between threads.
 */
export type Mailbox = SharedArrayBuffer

/** What lies in the mailbox. */
export interface Delivery {
  readonly id: number
  readonly after: number
  readonly revision: number
  readonly rows: PackedRows
}

/** Larger batches are sent as messages; a page that no batch needed takes no memory. */
const room_bytes = 512 * 1024
/** Of the words at the beginning: what is counted up for each ring, and whether a batch waits to be taken. */
const bell = 0
const full = 1
const words_bytes = 8
/** Behind them, as numbers: id, after, revision, and the sizes of numbers, texts and values. */
const headNumbers = 6
const start = words_bytes + headNumbers * 8

export const createMailbox = (): Mailbox => new SharedArrayBuffer(room_bytes)

/** The store's side. */
export interface Outbox {
  /** Lays a batch down; false when it has no room there. Whoever calls it knows that the one before it was answered. */
  put(id: number, batch: JournalBatch): boolean
  /** Wakes the thread, which looks here and at its messages. */
  ring(): void
}

export function openOutbox(mailbox: Mailbox): Outbox {
  const words = new Int32Array(mailbox, 0, 2)
  const head = new Float64Array(mailbox, words_bytes, headNumbers)
  return {
    put(id, { after, revision, rows }) {
      const size = sizeOfRows(rows)
      if (start + size.numbers * 8 + size.texts + size.values > room_bytes) return false
      packRows(rows, size, allocateIn(mailbox))
      head.set([id, after, revision, size.numbers, size.texts, size.values])
      Atomics.store(words, full, 1)
      return true
    },
    ring() {
      Atomics.add(words, bell, 1)
      Atomics.notify(words, bell)
    },
  }
}

/** The thread's side. */
export interface Inbox {
  /** Blocks until the bell has been rung since the last call. */
  wait(): void
  /** The batch that lies here, to be read before it is answered. */
  take(): Delivery | undefined
}

export function openInbox(mailbox: Mailbox): Inbox {
  const words = new Int32Array(mailbox, 0, 2)
  const head = new Float64Array(mailbox, words_bytes, headNumbers)
  let heard = 0
  return {
    wait() {
      Atomics.wait(words, bell, heard)
      heard = Atomics.load(words, bell)
    },
    take() {
      if (Atomics.exchange(words, full, 0) === 0) return undefined
      const [id, after, revision, numbers, texts, values] = head as unknown as [number, number, number, number, number, number]
      return { id, after, revision, rows: allocateIn(mailbox)(numbers, texts, values) }
    },
  }
}

const allocateIn =
  (mailbox: Mailbox): Allocate =>
  (numbers, texts, values) => {
    const textsAt = start + numbers * 8
    return {
      numbers: new Float64Array(mailbox, start, numbers),
      texts: new Uint8Array(mailbox, textsAt, texts),
      values: new Uint8Array(mailbox, textsAt + texts, values),
    }
  }
