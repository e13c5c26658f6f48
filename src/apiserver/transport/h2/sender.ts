import type { Writable } from 'node:stream'
import { writeFrameHead } from './frames.ts'
import { defaultFrame_bytes, defaultWindow_bytes, frameFlags, frameHead_bytes, frameTypes, largestWindow_bytes } from './protocol.ts'
import type { WriteBuffers } from './write-buffers.ts'

/** What one stream has still to send. */
export interface Outgoing {
  readonly id: number
  /** What the client lets us send on this stream; negative after it has lowered its initial window. */
  window: number
  chunks: Uint8Array[]
  /** How much of the first chunk has gone. */
  offset: number
  unsent: number
  /** Nothing comes any more: the last frame says so. */
  ending: boolean
  /** Called when everything handed over so far has gone. */
  readonly onDrained: () => void
  /** Called when the frame that ends the stream has gone. */
  readonly onEnded: () => void
}

/**
 * The way out of a connection: frames gather here and go to the socket in one write, once everything that happens in this
 * turn of the event loop has happened. Writes to a socket cost far more than bytes, and an event for a hundred watchers is
 * a hundred small frames. Streams take turns, frame by frame, as far as the client's windows and the socket allow.
 */
export interface Sender {
  /** For everything but DATA: goes whatever the windows say. */
  control(...frames: Buffer[]): void
  write(outgoing: Outgoing, chunk: Uint8Array): void
  end(outgoing: Outgoing): void
  /** Forgets what a stream had to send. */
  drop(outgoing: Outgoing): void
  /** False when the window would exceed what HTTP/2 allows. */
  widen(increment: number): boolean
  widenStream(outgoing: Outgoing, increment: number): boolean
  /** Sends at once what may be sent. */
  flush(): void
}

/** The head of a DATA frame, written when all goes to the socket. */
interface DataHead {
  readonly length: number
  readonly flags: number
  readonly stream: number
}

export interface SenderOptions {
  readonly socket: Writable
  readonly buffers: WriteBuffers
  /** Runs it after what is going on now. */
  readonly soon: (run: () => void) => void
  /** Bytes of DATA that are handed to the socket before it has taken them. */
  readonly ahead_bytes: number
}

export function createSender({ socket, buffers, soon, ahead_bytes }: SenderOptions): Sender {
  const ready = new Set<Outgoing>()
  let window = defaultWindow_bytes
  let parts: (Uint8Array | DataHead)[] = []
  let bytes = 0
  let scheduled = false

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    soon(flush)
  }

  const add = (part: Uint8Array) => {
    parts.push(part)
    bytes += part.length
  }

  const markReady = (outgoing: Outgoing) => {
    if (outgoing.unsent === 0 ? !outgoing.ending : outgoing.window <= 0) return
    ready.add(outgoing)
    schedule()
  }

  /** One DATA frame of this stream. */
  const sendFrame = (outgoing: Outgoing) => {
    const length = Math.min(outgoing.unsent, outgoing.window, window, defaultFrame_bytes)
    const isLast = outgoing.ending && length === outgoing.unsent
    parts.push({ length, flags: isLast ? frameFlags.endStream : 0, stream: outgoing.id })
    bytes += frameHead_bytes
    takeBytes(outgoing, length, add)
    outgoing.window -= length
    window -= length
    if (isLast) outgoing.onEnded()
    else if (outgoing.unsent === 0) outgoing.onDrained()
    else markReady(outgoing)
  }

  const fill = () => {
    for (const outgoing of ready) {
      if (bytes + socket.writableLength >= ahead_bytes) return
      if (window <= 0 && outgoing.unsent > 0) continue
      ready.delete(outgoing)
      sendFrame(outgoing)
    }
  }

  const flush = () => {
    scheduled = false
    if (socket.destroyed) return
    fill()
    if (bytes === 0) return
    const buffer = buffers.take(bytes)
    join(parts, buffer)
    const chunk = buffer.subarray(0, bytes)
    parts = []
    bytes = 0
    if (socket.write(chunk, () => buffers.giveBack(buffer)) && ready.size > 0 && window > 0) schedule()
  }

  // What is ready goes on as soon as the socket has taken what it was given.
  socket.on('drain', flush)

  return {
    flush,
    control(...frames) {
      for (const frame of frames) add(frame)
      schedule()
    },
    write(outgoing, chunk) {
      if (chunk.length === 0 || outgoing.ending) return
      outgoing.chunks.push(chunk)
      outgoing.unsent += chunk.length
      markReady(outgoing)
    },
    end(outgoing) {
      outgoing.ending = true
      markReady(outgoing)
    },
    drop(outgoing) {
      ready.delete(outgoing)
      outgoing.chunks = []
      outgoing.unsent = 0
      outgoing.ending = true
    },
    widen(increment) {
      window += increment
      if (ready.size > 0) schedule()
      return window <= largestWindow_bytes
    },
    widenStream(outgoing, increment) {
      outgoing.window += increment
      if (outgoing.unsent > 0) markReady(outgoing)
      return outgoing.window <= largestWindow_bytes
    },
  }
}

function join(parts: readonly (Uint8Array | DataHead)[], joined: Buffer): void {
  let at = 0
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      joined.set(part, at)
      at += part.length
    } else {
      writeFrameHead(joined, at, part.length, frameTypes.data, part.flags, part.stream)
      at += frameHead_bytes
    }
  }
}

function takeBytes(outgoing: Outgoing, count: number, add: (part: Uint8Array) => void): void {
  const { chunks } = outgoing
  let left = count
  let taken = 0
  while (left > 0) {
    const chunk = chunks[taken] as Uint8Array
    const start = outgoing.offset
    const end = Math.min(chunk.length, start + left)
    add(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end))
    left -= end - start
    outgoing.offset = end
    if (end < chunk.length) break
    outgoing.offset = 0
    taken++
  }
  if (taken === chunks.length) outgoing.chunks = []
  else if (taken > 0) chunks.splice(0, taken)
  outgoing.unsent -= count
}
