/** What one stream has still to send, and what it may. */
export class Outgoing {
  readonly id: number
  /** What the client lets us send on this stream; negative after it has lowered its initial window. */
  window: number
  /** Bytes that are handed over and not planned to go yet. */
  unsent = 0
  /** Nothing comes any more: the last frame says so. */
  ending = false
  /** It waits for its turn. */
  queued = false
  /** Nobody wants any of it. */
  dropped = false
  /** Called when everything handed over so far has gone. */
  drainListener: (() => void) | undefined
  /** Called when the frame that ends the stream has gone. */
  readonly onEnded: () => void
  // Nearly always there is one chunk or none: an array for each stream would be made anew for each event of a watch.
  #chunk: Uint8Array | undefined
  #offset = 0
  #later: Uint8Array[] | undefined

  constructor(id: number, window: number, onEnded: () => void) {
    this.id = id
    this.window = window
    this.onEnded = onEnded
  }

  get canSend(): boolean {
    return !this.dropped && (this.unsent > 0 ? this.window > 0 : this.ending)
  }

  put(chunk: Uint8Array): void {
    this.unsent += chunk.length
    if (this.#chunk === undefined) this.#chunk = chunk
    else if (this.#later === undefined) this.#later = [chunk]
    else this.#later.push(chunk)
  }

  /** Moves the next bytes there. */
  take(into: Uint8Array, at: number, length: number): void {
    const stop = at + length
    while (at < stop) {
      const chunk = this.#chunk as Uint8Array
      const start = this.#offset
      const end = Math.min(chunk.length, start + stop - at)
      into.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), at)
      at += end - start
      this.#offset = end
      if (end < chunk.length) return
      this.#offset = 0
      this.#chunk = this.#later?.shift()
    }
  }

  drop(): void {
    this.#chunk = undefined
    this.#later = undefined
    this.#offset = 0
    this.unsent = 0
    this.dropped = true
  }
}
