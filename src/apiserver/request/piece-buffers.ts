/**
 * Buffers of one size for the pieces of lists. New ones for each list would be tens of megabytes of garbage outside the heap,
 * for which the whole heap is searched every few lists; so transports say which pieces they have sent.
 */
export interface PieceBuffers {
  /** At least this long, longer where that is the usual size. */
  take(bytes: number): Buffer
  /** A piece that nobody reads any more; what did not come from here, or came back already, is left alone. */
  giveBack(piece: Uint8Array): void
}

export function createPieceBuffers(size_bytes: number, kept: number): PieceBuffers {
  const free: Buffer[] = []
  const lent = new WeakMap<ArrayBufferLike, Buffer>()
  return {
    take(bytes) {
      if (bytes > size_bytes) return Buffer.allocUnsafeSlow(bytes)
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(size_bytes)
      lent.set(buffer.buffer, buffer)
      return buffer
    },
    giveBack(piece) {
      const buffer = lent.get(piece.buffer)
      if (!buffer) return
      lent.delete(piece.buffer)
      if (free.length < kept) free.push(buffer)
    },
  }
}
