import type { Writable } from 'node:stream'

/** The body of an answer on its way out, on either version of the protocol. */
export interface AnswerStream {
  /** Returns how many bytes the client has not taken yet. */
  write(chunk: Uint8Array): number
  /** Whoever has much to write waits for the drain. */
  readonly mustDrain: boolean
  end(): void
  /** Breaks off, so that nobody takes what was sent for the whole. */
  cut(): void
  /** False once nobody is there any more. */
  readonly isOpen: boolean
  /** Called when everything written has gone, at least where it had to wait. */
  onDrain(listener: () => void): void
  onClose(listener: () => void): void
}

/** Of http/1.1. */
export const answerStreamOf = (stream: Writable): AnswerStream => ({
  write(chunk) {
    stream.write(chunk)
    return stream.writableLength
  },
  get mustDrain() {
    return stream.writableNeedDrain
  },
  end: () => void stream.end(),
  cut: () => void stream.destroy(new Error('the source of an answer broke')),
  get isOpen() {
    return !stream.destroyed
  },
  onDrain: listener => void stream.on('drain', listener),
  onClose: listener => void stream.on('close', listener),
})
