import type { Socket } from 'node:net'
import type { Clock, Timer } from '../../../base/clock.ts'
import { type CreditLimits, createCredit } from './credit.ts'
import { Exchange, type OpenStream, type StreamActions } from './exchange.ts'
import { goAwayFrame, headerFrames, resetFrame, settingsFrame, windowUpdateFrame } from './frames.ts'
import { encodeHeaders } from './header-encoder.ts'
import { Outgoing } from './outgoing.ts'
import { ConnectionError, defaultWindow_bytes, errorCodes, settingIds } from './protocol.ts'
import { createReceivedBody } from './received-body.ts'
import { createReceiver, type ReceiverLimits } from './receiver.ts'
import type { RequestHead } from './request-head.ts'
import { createSender } from './sender.ts'
import type { ServerStream } from './stream.ts'
import type { WriteBuffers } from './write-buffers.ts'

export interface SessionLimits extends CreditLimits, ReceiverLimits {
  /** What is handed to the socket before it has taken it. */
  readonly ahead_bytes: number
  /** Unsent answers to what a client that reads nothing keeps asking; nothing more is read from it then. */
  readonly unread_bytes: number
  /** How long a connection stays on which nothing is asked, and one that is over. */
  readonly unused_ms: number
  readonly linger_ms: number
  /** How long a body that somebody reads may take to arrive. */
  readonly body_ms: number
}

export interface SessionOptions {
  readonly socket: Socket
  readonly buffers: WriteBuffers
  readonly limits: SessionLimits
  readonly clock: Clock
  /** Runs it at the end of the turn. */
  readonly soon: (run: () => void) => void
  readonly onRequest: (stream: ServerStream) => void
  /** Why a connection or a stream was given up; none of it is our fault. */
  readonly onRefused: (error: Error) => void
}

export interface ServerSession {
  /** No new requests; ends when those under way are answered. */
  close(): void
}

/**
 * One HTTP/2 connection from a client (RFC 9113). Node's own implementation makes several streams and a dozen objects of
 * each request, and a write of its own for each event of each watch; this one knows only what a server needs: frames in,
 * requests out (receiver.ts); answers in, frames out, gathered (sender.ts). Here is the life of the connection and its streams.
 */
export function serveSession({ socket, buffers, limits, clock, soon, onRequest, onRefused }: SessionOptions): ServerSession {
  const streams = new Map<number, OpenStream>()
  const sender = createSender({ socket, buffers, soon, ahead_bytes: limits.ahead_bytes })
  const credit = createCredit(limits, sender.control)
  let closing = false
  let heads_bytes = 0
  let tellsTableSize = false
  /** Of a connection without streams, or of one that is over. */
  let timer: Timer | undefined
  let unusedSince = 0

  const receiver = createReceiver({
    limits,
    clock,
    streams,
    sender,
    credit,
    isClosing: () => closing,
    heads_bytes: () => heads_bytes,
    onRequest: (id, head, ends) => onRequest(new Exchange(head, openStream(id, head, ends), actions)),
    onTableSize() {
      tellsTableSize = true
    },
    onReset: stream => forget(stream, false),
    onStreamError(id, error) {
      onRefused(error)
      refuse(id, error.code)
    },
  })

  const openStream = (id: number, head: RequestHead, ends: boolean): OpenStream => {
    const stream: OpenStream = {
      id,
      outgoing: new Outgoing(id, sender.initialWindow, () => finishSending(stream)),
      body: ends
        ? undefined
        : createReceivedBody(
            bytes => credit.owe(stream, bytes),
            expire => clock.setTimer(limits.body_ms, expire),
          ),
      expected_bytes: head.contentLength,
      head_bytes: head.bytes,
      received_bytes: 0,
      window: limits.streamWindow_bytes,
      owed: 0,
      receiving: !ends,
      answered: false,
      closed: false,
      closeListeners: [],
    }
    streams.set(id, stream)
    heads_bytes += head.bytes
    return stream
  }

  /** The answer has gone. What the client still sends of its request is of no use to anybody. */
  const finishSending = (stream: OpenStream) => {
    if (stream.receiving) sender.control(resetFrame(stream.id, errorCodes.none))
    forget(stream, true)
  }

  const refuse = (id: number, code: number) => {
    sender.control(resetFrame(id, code))
    const stream = streams.get(id)
    if (stream) forget(stream, false)
  }

  const forget = (stream: OpenStream, complete: boolean) => {
    if (stream.closed) return
    stream.closed = true
    streams.delete(stream.id)
    heads_bytes -= stream.head_bytes
    stream.outgoing.drop()
    if (stream.receiving && stream.body) {
      stream.receiving = false
      stream.body.fail(new Error('read the body of a request: the client went away'))
      credit.owe(undefined, stream.body.discard())
    }
    for (const listener of stream.closeListeners) listener(complete || stream.answered)
    if (streams.size > 0) return
    if (closing) finish()
    else waitForStreams()
  }

  const finish = () => {
    sender.flush()
    socket.end()
    cutLater()
  }

  /** Who reads nothing, or does not end its side, can't keep a connection that is over. */
  const cutLater = () => {
    timer?.cancel()
    timer = clock.setTimer(limits.linger_ms, () => socket.destroy())
  }

  /** A connection on which nothing is asked is closed after a while. One timer serves all the pauses of a busy one. */
  const waitForStreams = () => {
    unusedSince = clock.monotonic()
    timer ??= clock.setTimer(limits.unused_ms, endUnused)
  }
  const endUnused = () => {
    timer = undefined
    if (streams.size > 0 || closing) return
    const left_ms = unusedSince + limits.unused_ms - clock.monotonic()
    if (left_ms > 0) timer = clock.setTimer(left_ms, endUnused)
    else close()
  }

  const close = () => {
    if (closing) return
    closing = true
    sender.control(goAwayFrame(receiver.lastStream, errorCodes.none))
    if (streams.size === 0) finish()
  }

  const actions: StreamActions = {
    sendHead(stream, status, headers, endsHere) {
      sender.control(...headerFrames(stream.id, encodeHeaders(status, headers, tellsTableSize), endsHere))
      tellsTableSize = false
      if (!endsHere) return
      stream.answered = true
      finishSending(stream)
    },
    write: sender.write,
    end: sender.end,
    reset: (stream, code) => refuse(stream.id, code),
  }

  const fail = (error: Error, code: number) => {
    onRefused(error)
    closing = true
    sender.control(goAwayFrame(receiver.lastStream, code))
    for (const stream of [...streams.values()]) forget(stream, false)
    sender.flush()
    socket.destroySoon()
    cutLater()
  }

  const readBytes = (bytes: Buffer) => {
    try {
      receiver.receive(bytes)
    } catch (error) {
      socket.removeListener('data', readBytes)
      socket.resume()
      if (error instanceof ConnectionError) fail(error, error.code)
      else fail(error instanceof Error ? error : new Error(String(error)), errorCodes.internal)
      return
    }
    // Whoever asks and reads no answers is asked to read first.
    if (socket.writableLength > limits.unread_bytes) socket.pause()
  }

  socket.on('data', readBytes)
  socket.on('drain', () => socket.resume())
  socket.on('end', () => socket.end())
  socket.on('error', onRefused)
  socket.on('close', () => {
    closing = true
    for (const stream of [...streams.values()]) forget(stream, false)
    timer?.cancel()
  })
  sender.control(
    settingsFrame([
      [settingIds.enablePush, 0],
      [settingIds.maxConcurrentStreams, limits.streams],
      [settingIds.initialWindowSize, limits.streamWindow_bytes],
      [settingIds.maxHeaderListSize, limits.header_bytes],
    ]),
    windowUpdateFrame(0, limits.sessionWindow_bytes - defaultWindow_bytes),
  )
  waitForStreams()
  return { close }
}
