import type { Writable } from 'node:stream'
import type { BodySink } from '../types.ts'

/** The body of an answer on its way out, on either version of the protocol. What nobody is there for is dropped. */
export interface AnswerStream extends BodySink {
  /** False once nobody is there any more. */
  readonly isOpen: boolean
  onClose(listener: () => void): void
}

/** Of http/1.1. */
export function answerStreamOf(stream: Writable): AnswerStream {
  let drainListener: (() => void) | undefined
  stream.on('drain', () => drainListener?.())
  return {
    write(chunk) {
      if (!stream.destroyed) stream.write(chunk)
    },
    // Only beyond the stream's own bound does it tell when all has gone.
    get unsent() {
      return stream.writableNeedDrain ? stream.writableLength : 0
    },
    end() {
      if (!stream.destroyed) stream.end()
    },
    cut: () => void stream.destroy(new Error('the source of an answer broke')),
    get isOpen() {
      return !stream.destroyed
    },
    onDrain(listener) {
      drainListener = listener
    },
    onClose: listener => void stream.on('close', listener),
  }
}
