import { limits } from '../limits.ts'
import type { BytesSink } from '../registry/encode.ts'
import type { PieceBuffers } from './piece-buffers.ts'

/**
 * Gathers texts and ranges of bytes into pieces of bounded size. Text waits until bytes come behind it, so that what stands
 * between two ranges of bytes is written at once.
 */
export interface JsonPieces extends BytesSink {
  text(text: string): void
  /** Pieces that are full; whoever takes them has them alone. */
  full(): Buffer[]
  /** All that is left. */
  rest(): Buffer[]
}

/** UTF-8 of one UTF-16 code unit has no more bytes. */
const mostBytesOfUnit = 3

/** `expected_bytes` is what short answers need; long ones come in pieces of the usual size. */
function createJsonPieces(buffers: PieceBuffers, expected_bytes: number): JsonPieces {
  let piece = expected_bytes < limits.listChunkBytes ? Buffer.allocUnsafeSlow(expected_bytes) : buffers.take(limits.listChunkBytes)
  let used = 0
  let waiting = ''
  let done: Buffer[] = []

  const makeRoom = (bytes: number) => {
    if (used + bytes <= piece.length) return
    if (used > 0) done.push(piece.subarray(0, used))
    piece = buffers.take(Math.max(limits.listChunkBytes, bytes))
    used = 0
  }
  const writeWaiting = () => {
    if (waiting === '') return
    if (used + waiting.length * mostBytesOfUnit > piece.length) makeRoom(Buffer.byteLength(waiting))
    used += piece.write(waiting, used)
    waiting = ''
  }
  const take = (): Buffer[] => {
    const pieces = done
    if (pieces.length > 0) done = []
    return pieces
  }

  return {
    text(text) {
      waiting += text
    },
    bytes(source, start, end) {
      writeWaiting()
      makeRoom(end - start)
      used += source.copy(piece, used, start, end)
    },
    full: take,
    rest() {
      writeWaiting()
      done.push(piece.subarray(0, used))
      used = piece.length
      return take()
    },
  }
}

/** A list in pieces; between two of them others may go first. */
export function* jsonList<Item>(
  buffers: PieceBuffers,
  head: string,
  items: readonly Item[],
  expectedBytesOf: (item: Item) => number,
  write: (out: JsonPieces, item: Item) => void,
): Generator<Buffer> {
  const out = createJsonPieces(buffers, expectedBytes(head, items, expectedBytesOf))
  out.text(head)
  let isFirst = true
  for (const item of items) {
    if (!isFirst) out.text(',')
    isFirst = false
    write(out, item)
    const pieces = out.full()
    if (pieces.length > 0) yield* pieces
  }
  out.text(']}')
  yield* out.rest()
}

/** More than a piece need not be counted. */
function expectedBytes<Item>(head: string, items: readonly Item[], expectedBytesOf: (item: Item) => number): number {
  let bytes = head.length * mostBytesOfUnit + 2
  for (const item of items) {
    bytes += expectedBytesOf(item)
    if (bytes >= limits.listChunkBytes) break
  }
  return bytes
}
