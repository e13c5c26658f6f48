/**
 * Buffers for large writes, used again as soon as the socket has taken them: new ones for each write would be garbage
 * outside the heap, by the hundred for one list, and cold.
 */
export interface WriteBuffers {
  /** At least this long. */
  take(bytes: number): Buffer
  /** For what `take` gave, once nobody reads it any more. */
  giveBack(buffer: Buffer): void
}

/** Below this, a piece of Node's own pool is cheaper. */
const smallest_bytes = 16 * 1024

export function createWriteBuffers(size_bytes: number, kept: number): WriteBuffers {
  const free: Buffer[] = []
  return {
    take(bytes) {
      if (bytes < smallest_bytes || bytes > size_bytes) return Buffer.allocUnsafe(bytes)
      return free.pop() ?? Buffer.allocUnsafeSlow(size_bytes)
    },
    giveBack(buffer) {
      if (buffer.length === size_bytes && free.length < kept) free.push(buffer)
    },
  }
}
