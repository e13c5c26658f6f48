import type { Writable } from 'node:stream'
import { writeFrameHead } from './frames.ts'
import type { Outgoing } from './outgoing.ts'
import { defaultFrame_bytes, defaultWindow_bytes, frameFlags, frameHead_bytes, frameTypes, largestWindow_bytes } from './protocol.ts'
import type { WriteBuffers } from './write-buffers.ts'

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
  /** False when the window would exceed what HTTP/2 allows. */
  widen(increment: number): boolean
  widenStream(outgoing: Outgoing, increment: number): boolean
  /** What a new stream may send; a change counts for all that are open. */
  readonly initialWindow: number
  setInitialWindow(value: number, open: Iterable<Outgoing>): boolean
  /** Sends at once what may be sent. */
  flush(): void
}

export interface SenderOptions {
  readonly socket: Writable
  readonly buffers: WriteBuffers
  /** Runs it after what is going on now. */
  readonly soon: (run: () => void) => void
  /** Bytes of DATA that are handed to the socket before it has taken them. */
  readonly ahead_bytes: number
}

/** A DATA frame that is about to go. */
interface DataFrame {
  readonly outgoing: Outgoing
  readonly length: number
  /** The stream has nothing more to send for now. */
  readonly empties: boolean
  readonly ends: boolean
}

export function createSender({ socket, buffers, soon, ahead_bytes }: SenderOptions): Sender {
  /** In the order of their turns. */
  let ready: Outgoing[] = []
  let window = defaultWindow_bytes
  let initialWindow = defaultWindow_bytes
  let controls: Buffer[] = []
  let controls_bytes = 0
  let scheduled = false

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    soon(flush)
  }

  const markReady = (outgoing: Outgoing) => {
    if (!outgoing.canSend) return
    schedule()
    if (outgoing.queued) return
    outgoing.queued = true
    ready.push(outgoing)
  }

  /** The frames that may go now. Who has more to send takes another turn behind all others. */
  const takeTurns = (room_bytes: number): DataFrame[] => {
    const frames: DataFrame[] = []
    const waiting: Outgoing[] = []
    const turns = ready
    let bytes = 0
    let turn = 0
    for (; turn < turns.length && bytes < room_bytes; turn++) {
      const outgoing = turns[turn] as Outgoing
      if (outgoing.unsent > 0 && window <= 0) {
        waiting.push(outgoing)
        continue
      }
      outgoing.queued = false
      if (!outgoing.canSend) continue
      const frame = nextFrame(outgoing, window)
      frames.push(frame)
      window -= frame.length
      bytes += frameHead_bytes + frame.length
      if (outgoing.unsent === 0 || outgoing.window <= 0) continue
      outgoing.queued = true
      turns.push(outgoing)
    }
    ready = waiting.length === 0 && turn === turns.length ? [] : [...waiting, ...turns.slice(turn)]
    return frames
  }

  const flush = () => {
    scheduled = false
    if (socket.destroyed) return
    const frames = takeTurns(ahead_bytes - socket.writableLength - controls_bytes)
    const bytes = frames.reduce((sum, { length }) => sum + frameHead_bytes + length, controls_bytes)
    if (bytes === 0) return
    const buffer = buffers.take(bytes)
    join(controls, frames, buffer)
    controls = []
    controls_bytes = 0
    const hasRoom = socket.write(buffer.subarray(0, bytes), () => buffers.giveBack(buffer))
    for (const { outgoing, empties, ends } of frames) {
      if (outgoing.dropped) continue
      if (ends) outgoing.onEnded()
      else if (empties) outgoing.drainListener?.()
    }
    if (hasRoom && ready.length > 0 && window > 0) schedule()
  }

  const widenStream = (outgoing: Outgoing, increment: number): boolean => {
    outgoing.window += increment
    if (outgoing.unsent > 0) markReady(outgoing)
    return outgoing.window <= largestWindow_bytes
  }

  // What is ready goes on as soon as the socket has taken what it was given.
  socket.on('drain', flush)

  return {
    flush,
    control(...frames) {
      for (const frame of frames) {
        controls.push(frame)
        controls_bytes += frame.length
      }
      schedule()
    },
    write(outgoing, chunk) {
      if (chunk.length === 0 || outgoing.ending || outgoing.dropped) return
      outgoing.put(chunk)
      markReady(outgoing)
    },
    end(outgoing) {
      outgoing.ending = true
      markReady(outgoing)
    },
    widen(increment) {
      window += increment
      if (ready.length > 0) schedule()
      return window <= largestWindow_bytes
    },
    widenStream,
    get initialWindow() {
      return initialWindow
    },
    setInitialWindow(value, open) {
      const difference = value - initialWindow
      initialWindow = value
      if (difference === 0) return true
      for (const outgoing of open) if (!widenStream(outgoing, difference)) return false
      return true
    },
  }
}

function nextFrame(outgoing: Outgoing, window: number): DataFrame {
  const length = Math.min(outgoing.unsent, outgoing.window, window, defaultFrame_bytes)
  outgoing.unsent -= length
  outgoing.window -= length
  const empties = outgoing.unsent === 0
  return { outgoing, length, empties, ends: empties && outgoing.ending }
}

/** What is not DATA goes first: the heads of answers precede what they are the heads of. */
function join(controls: readonly Buffer[], frames: readonly DataFrame[], joined: Buffer): void {
  let at = 0
  for (const control of controls) {
    joined.set(control, at)
    at += control.length
  }
  for (const { outgoing, length, ends } of frames) {
    writeFrameHead(joined, at, length, frameTypes.data, ends ? frameFlags.endStream : 0, outgoing.id)
    at += frameHead_bytes
    outgoing.take(joined, at, length)
    at += length
  }
}
