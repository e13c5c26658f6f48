import { windowUpdateFrame } from './frames.ts'
import { ConnectionError, errorCodes } from './protocol.ts'

/** What a client may still send of one request. */
export interface ReceiveWindow {
  readonly id: number
  /** The client has more to send. */
  receiving: boolean
  window: number
  /** Credit that was not given back yet. */
  owed: number
}

export interface CreditLimits {
  /** What a client may send of one request, and of all together, before somebody reads it. */
  readonly streamWindow_bytes: number
  readonly sessionWindow_bytes: number
}

/** Flow control of what comes in: what a client may send on a connection and on each of its streams. */
export interface Credit {
  /** The connection's part of bytes that have come. */
  spend(bytes: number): void
  /** Gives credit for what we do not hold any more, to the connection and to the stream where there still is one. */
  owe(stream: ReceiveWindow | undefined, bytes: number): void
}

export function createCredit({ streamWindow_bytes, sessionWindow_bytes }: CreditLimits, send: (frame: Buffer) => void): Credit {
  let window = sessionWindow_bytes
  let owed = 0
  return {
    spend(bytes) {
      window -= bytes
      if (window < 0) throw new ConnectionError(errorCodes.flowControl, 'DATA beyond the window of the connection')
    },
    // Not byte by byte, which would cost a frame each.
    owe(stream, bytes) {
      owed += bytes
      if (owed >= sessionWindow_bytes / 2) {
        send(windowUpdateFrame(0, owed))
        window += owed
        owed = 0
      }
      if (!stream?.receiving) return
      stream.owed += bytes
      if (stream.owed < streamWindow_bytes / 2) return
      send(windowUpdateFrame(stream.id, stream.owed))
      stream.window += stream.owed
      stream.owed = 0
    },
  }
}
