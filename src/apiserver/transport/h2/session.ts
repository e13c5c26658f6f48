import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Clock, Timer } from '../../../base/clock.ts'
import { createBudget } from './budget.ts'
import {
  createFrameReader,
  goAwayFrame,
  headerFrames,
  pingAnswer,
  resetFrame,
  settingsAcknowledgement,
  settingsFrame,
  unpadded,
  windowUpdateFrame,
} from './frames.ts'
import { createHeaderDecoder } from './header-decoder.ts'
import { encodeHeaders, type HeaderValues } from './header-encoder.ts'
import {
  ConnectionError,
  defaultWindow_bytes,
  errorCodes,
  frameFlags,
  frameTypes,
  largestWindow_bytes,
  StreamError,
  settingIds,
} from './protocol.ts'
import { createReceivedBody, type ReceivedBody } from './received-body.ts'
import { type RequestHead, readRequestHead } from './request-head.ts'
import { createSender, type Outgoing } from './sender.ts'
import type { ServerStream } from './stream.ts'
import type { WriteBuffers } from './write-buffers.ts'

export interface SessionLimits {
  readonly streams: number
  /** What a client may send of one request, and of all together, before somebody reads it. */
  readonly streamWindow_bytes: number
  readonly sessionWindow_bytes: number
  readonly header_bytes: number
  /** What is handed to the socket before it has taken it. */
  readonly ahead_bytes: number
  /** Unsent answers to what a client that reads nothing keeps asking; nothing more is read from it then. */
  readonly unread_bytes: number
  /** Requests that a client takes back at once, and a second; frames that do nothing. */
  readonly resets: readonly [burst: number, perSecond: number]
  readonly idleFrames: readonly [burst: number, perSecond: number]
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
  readonly onRequest: (stream: ServerStream) => void
  /** Why a connection or a stream was given up; none of it is our fault. */
  readonly onRefused: (error: Error) => void
}

export interface ServerSession {
  /** No new requests; ends when those under way are answered. */
  close(): void
}

/** What is known of a stream that is open in at least one direction. */
interface Stream {
  readonly id: number
  readonly outgoing: Outgoing
  /** Absent where the request ended with its head. */
  readonly body: ReceivedBody | undefined
  readonly expected_bytes: number | undefined
  received_bytes: number
  /** What the client may still send. */
  window: number
  /** Credit that was not given back yet. */
  owed: number
  receiving: boolean
  /** All of the answer was handed over. */
  answered: boolean
  closed: boolean
  drainListener: (() => void) | undefined
  closeListeners: ((complete: boolean) => void)[]
}

/**
 * One HTTP/2 connection from a client (RFC 9113). Node's own implementation makes several streams and a dozen objects of
 * each request, and a write of its own for each event of each watch; this one knows only what a server needs: frames in,
 * requests out; answers in, frames out, gathered.
 */
export function serveSession({ socket, buffers, limits, clock, onRequest, onRefused }: SessionOptions): ServerSession {
  const streams = new Map<number, Stream>()
  const sender = createSender({ socket, buffers, soon: run => void clock.yield().then(run), ahead_bytes: limits.ahead_bytes })
  const decodeHeaders = createHeaderDecoder(limits.header_bytes)
  const resets = createBudget(clock, ...limits.resets)
  const idleFrames = createBudget(clock, ...limits.idleFrames)
  let lastStream = 0
  let peerWindow = defaultWindow_bytes
  let window = limits.sessionWindow_bytes
  let owed = 0
  let hasSettings = false
  let closing = false
  /** Of a connection without streams, or of one that is over. */
  let timer: Timer | undefined
  let unusedSince = 0
  /** A header block that goes on in CONTINUATION frames. */
  let block: { readonly stream: number; readonly flags: number; readonly parts: Buffer[]; bytes: number } | undefined

  const receive = createFrameReader((type, flags, id, payload) => {
    if (!hasSettings && (type !== frameTypes.settings || (flags & frameFlags.acknowledge) !== 0))
      throw new ConnectionError(errorCodes.protocol, 'the first frame is not SETTINGS')
    if (block && (type !== frameTypes.continuation || id !== block.stream))
      throw new ConnectionError(errorCodes.protocol, 'a frame inside a header block')
    try {
      receiveFrame(type, flags, id, payload)
    } catch (error) {
      if (!(error instanceof StreamError)) throw error
      onRefused(error)
      spend(resets, 'streams that could not be served')
      refuse(id, error.code)
    }
  })

  const receiveFrame = (type: number, flags: number, id: number, payload: Buffer) => {
    switch (type) {
      case frameTypes.data:
        return receiveData(flags, id, payload)
      case frameTypes.headers:
        return receiveHeaders(flags, id, payload)
      case frameTypes.continuation:
        return receiveContinuation(flags, payload)
      case frameTypes.resetStream:
        return receiveReset(id, payload)
      case frameTypes.settings:
        return receiveSettings(flags, id, payload)
      case frameTypes.ping:
        return receivePing(flags, id, payload)
      case frameTypes.windowUpdate:
        return receiveWindowUpdate(id, payload)
      case frameTypes.pushPromise:
        throw new ConnectionError(errorCodes.protocol, 'PUSH_PROMISE from a client')
      case frameTypes.priority:
        if (id === 0 || payload.length !== 5) throw new ConnectionError(errorCodes.frameSize, 'a malformed PRIORITY')
        return spend(idleFrames, 'PRIORITY')
      case frameTypes.goAway:
        return
      // What nobody knows is ignored, so that the protocol can grow.
      default:
        return spend(idleFrames, 'unknown frames')
    }
  }

  const spend = (budget: typeof resets, what: string) => {
    if (!budget.spend()) throw new ConnectionError(errorCodes.enhanceYourCalm, `too many: ${what}`)
  }

  const receiveHeaders = (flags: number, id: number, payload: Buffer) => {
    if (id === 0 || id % 2 === 0) throw new ConnectionError(errorCodes.protocol, `HEADERS on stream ${id}`)
    const content = unpadded(flags, payload)
    const start = (flags & frameFlags.priority) === 0 ? 0 : 5
    if (start > content.length) throw new ConnectionError(errorCodes.frameSize, 'HEADERS without their priority')
    block = { stream: id, flags, parts: [content.subarray(start)], bytes: content.length - start }
    if (flags & frameFlags.endHeaders) finishHeaders()
  }

  const receiveContinuation = (flags: number, payload: Buffer) => {
    if (!block) throw new ConnectionError(errorCodes.protocol, 'CONTINUATION of nothing')
    block.parts.push(payload)
    block.bytes += payload.length
    if (payload.length === 0) spend(idleFrames, 'empty CONTINUATION')
    // Decoding needs it as a whole: one without end must not fill the memory.
    if (block.bytes > limits.header_bytes) throw new ConnectionError(errorCodes.enhanceYourCalm, 'a header block without end')
    if (flags & frameFlags.endHeaders) finishHeaders()
  }

  const finishHeaders = () => {
    const { stream: id, flags, parts } = block as NonNullable<typeof block>
    block = undefined
    const fields = decodeHeaders(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts))
    const ends = (flags & frameFlags.endStream) !== 0
    if (id <= lastStream) return receiveTrailers(id, ends)
    lastStream = id
    if (closing || streams.size >= limits.streams) throw new StreamError(errorCodes.refusedStream, `stream ${id} is one too many`)
    const head = fields && readRequestHead(fields)
    if (!fields) throw new StreamError(errorCodes.enhanceYourCalm, `the head of stream ${id} is larger than ${limits.header_bytes} bytes`)
    if (!head || (ends && (head.contentLength ?? 0) > 0))
      throw new StreamError(errorCodes.protocol, `the head of stream ${id} is malformed`)
    const stream = openStream(id, head, ends)
    onRequest(new Exchange(head, stream, actions))
  }

  const receiveTrailers = (id: number, ends: boolean) => {
    const stream = streams.get(id)
    // Behind a reset of ours, what the client had sent already still arrives.
    if (!stream) return
    if (!stream.receiving) throw new StreamError(errorCodes.streamClosed, `HEADERS on stream ${id}, which the client has ended`)
    if (!ends) throw new StreamError(errorCodes.protocol, `trailers on stream ${id} that don't end it`)
    finishReceiving(stream)
  }

  const receiveData = (flags: number, id: number, payload: Buffer) => {
    if (id === 0 || id > lastStream) throw new ConnectionError(errorCodes.protocol, `DATA on stream ${id}`)
    window -= payload.length
    if (window < 0) throw new ConnectionError(errorCodes.flowControl, 'DATA beyond the window of the connection')
    const stream = streams.get(id)
    if (!stream) return owe(undefined, payload.length)
    // What is dropped is still owed to the connection, whose other streams must not starve.
    const refuseData = (code: number, why: string): never => {
      owe(undefined, payload.length)
      throw new StreamError(code, why)
    }
    if (!stream.receiving) return refuseData(errorCodes.streamClosed, `DATA on stream ${id}, which the client has ended`)
    stream.window -= payload.length
    if (stream.window < 0) return refuseData(errorCodes.flowControl, `DATA beyond the window of stream ${id}`)
    const content = unpadded(flags, payload)
    const ends = (flags & frameFlags.endStream) !== 0
    if (content.length === 0 && !ends) spend(idleFrames, 'empty DATA')
    stream.received_bytes += content.length
    if (stream.expected_bytes !== undefined && stream.received_bytes > stream.expected_bytes)
      return refuseData(errorCodes.protocol, `stream ${id} is longer than its content-length`)
    if (ends) stream.receiving = false
    owe(stream, payload.length - content.length + (stream.body?.take(content) ?? 0))
    if (ends) finishReceiving(stream)
  }

  const finishReceiving = (stream: Stream) => {
    stream.receiving = false
    if (stream.expected_bytes !== undefined && stream.received_bytes !== stream.expected_bytes)
      throw new StreamError(errorCodes.protocol, `stream ${stream.id} is not as long as its content-length`)
    stream.body?.end()
  }

  /** Gives the client credit for what we do not hold any more; not byte by byte, which would cost a frame each. */
  const owe = (stream: Stream | undefined, bytes: number) => {
    owed += bytes
    if (owed >= limits.sessionWindow_bytes / 2) {
      sender.control(windowUpdateFrame(0, owed))
      window += owed
      owed = 0
    }
    if (!stream?.receiving) return
    stream.owed += bytes
    if (stream.owed < limits.streamWindow_bytes / 2) return
    sender.control(windowUpdateFrame(stream.id, stream.owed))
    stream.window += stream.owed
    stream.owed = 0
  }

  const receiveReset = (id: number, payload: Buffer) => {
    if (payload.length !== 4) throw new ConnectionError(errorCodes.frameSize, 'a malformed RST_STREAM')
    if (id === 0 || id > lastStream) throw new ConnectionError(errorCodes.protocol, `RST_STREAM on stream ${id}`)
    const stream = streams.get(id)
    if (!stream) return
    spend(resets, 'streams opened and taken back')
    forget(stream, false)
  }

  const receiveSettings = (flags: number, id: number, payload: Buffer) => {
    if (id !== 0) throw new ConnectionError(errorCodes.protocol, 'SETTINGS of a stream')
    if (payload.length % 6 !== 0) throw new ConnectionError(errorCodes.frameSize, 'malformed SETTINGS')
    if (flags & frameFlags.acknowledge) return
    if (hasSettings) spend(idleFrames, 'SETTINGS')
    hasSettings = true
    let initialWindow = peerWindow
    // Our encoder keeps no table, and our frames are no larger than any client must take: the other settings change nothing.
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== settingIds.initialWindowSize) continue
      initialWindow = payload.readUInt32BE(at + 2)
      if (initialWindow > largestWindow_bytes) throw new ConnectionError(errorCodes.flowControl, 'an initial window beyond all bounds')
    }
    setInitialWindow(initialWindow)
    sender.control(settingsAcknowledgement())
  }

  /** Once a frame, however often it is said in it: every stream is touched. */
  const setInitialWindow = (value: number) => {
    if (value === peerWindow) return
    for (const { outgoing } of streams.values()) {
      if (!sender.widenStream(outgoing, value - peerWindow)) throw new ConnectionError(errorCodes.flowControl, 'a window beyond all bounds')
    }
    peerWindow = value
  }

  const receivePing = (flags: number, id: number, payload: Buffer) => {
    if (id !== 0) throw new ConnectionError(errorCodes.protocol, 'PING of a stream')
    if (payload.length !== 8) throw new ConnectionError(errorCodes.frameSize, 'a malformed PING')
    if (flags & frameFlags.acknowledge) return
    spend(idleFrames, 'PING')
    sender.control(pingAnswer(payload))
  }

  const receiveWindowUpdate = (id: number, payload: Buffer) => {
    if (payload.length !== 4) throw new ConnectionError(errorCodes.frameSize, 'a malformed WINDOW_UPDATE')
    const increment = payload.readUInt32BE(0) & 0x7fffffff
    if (id === 0) {
      if (increment === 0) throw new ConnectionError(errorCodes.protocol, 'WINDOW_UPDATE by nothing')
      if (!sender.widen(increment)) throw new ConnectionError(errorCodes.flowControl, 'a window beyond all bounds')
      return
    }
    if (id > lastStream) throw new ConnectionError(errorCodes.protocol, `WINDOW_UPDATE on stream ${id}`)
    if (increment === 0) throw new StreamError(errorCodes.protocol, `WINDOW_UPDATE by nothing on stream ${id}`)
    const stream = streams.get(id)
    if (stream && !sender.widenStream(stream.outgoing, increment))
      throw new StreamError(errorCodes.flowControl, `the window of stream ${id} is beyond all bounds`)
  }

  const openStream = (id: number, head: RequestHead, ends: boolean): Stream => {
    const stream: Stream = {
      id,
      outgoing: {
        id,
        window: peerWindow,
        chunks: [],
        offset: 0,
        unsent: 0,
        ending: false,
        onDrained: () => stream.drainListener?.(),
        onEnded: () => finishSending(stream),
      },
      body: ends
        ? undefined
        : createReceivedBody(
            bytes => owe(stream, bytes),
            expire => clock.setTimer(limits.body_ms, expire),
          ),
      expected_bytes: head.contentLength,
      received_bytes: 0,
      window: limits.streamWindow_bytes,
      owed: 0,
      receiving: !ends,
      answered: false,
      closed: false,
      drainListener: undefined,
      closeListeners: [],
    }
    streams.set(id, stream)
    return stream
  }

  /** The answer has gone. What the client still sends of its request is of no use to anybody. */
  const finishSending = (stream: Stream) => {
    if (stream.receiving) sender.control(resetFrame(stream.id, errorCodes.none))
    forget(stream, true)
  }

  const refuse = (id: number, code: number) => {
    sender.control(resetFrame(id, code))
    const stream = streams.get(id)
    if (stream) forget(stream, false)
  }

  const forget = (stream: Stream, complete: boolean) => {
    if (stream.closed) return
    stream.closed = true
    streams.delete(stream.id)
    sender.drop(stream.outgoing)
    if (stream.receiving && stream.body) {
      stream.receiving = false
      stream.body.fail(new Error('read the body of a request: the client went away'))
      owe(undefined, stream.body.discard())
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
    sender.control(goAwayFrame(lastStream, errorCodes.none))
    if (streams.size === 0) finish()
  }

  const actions: StreamActions = {
    sendHead(stream, status, headers, endsHere) {
      sender.control(...headerFrames(stream.id, encodeHeaders(status, headers), endsHere))
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
    sender.control(goAwayFrame(lastStream, code))
    for (const stream of [...streams.values()]) forget(stream, false)
    sender.flush()
    socket.destroySoon()
    cutLater()
  }

  const readBytes = (bytes: Buffer) => {
    try {
      receive(bytes)
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

interface StreamActions {
  sendHead(stream: Stream, status: number, headers: HeaderValues, endsHere: boolean): void
  write(outgoing: Outgoing, chunk: Uint8Array): void
  end(outgoing: Outgoing): void
  reset(stream: Stream, code: number): void
}

/** A class, since each request makes one, and closures would be made anew for each. */
class Exchange implements ServerStream {
  readonly head: RequestHead
  readonly hasBody: boolean
  readonly #stream: Stream
  readonly #actions: StreamActions

  constructor(head: RequestHead, stream: Stream, actions: StreamActions) {
    this.head = head
    this.hasBody = stream.receiving
    this.#stream = stream
    this.#actions = actions
  }

  body(maximumBytes: number): Promise<Uint8Array> {
    const { body, expected_bytes } = this.#stream
    return body ? body.read(maximumBytes, expected_bytes) : Promise.resolve(new Uint8Array(0))
  }

  bodyStream(): Readable {
    return this.#stream.body?.stream() ?? Readable.from([])
  }

  get isOpen(): boolean {
    return !this.#stream.closed
  }

  respond(status: number, headers: HeaderValues, endsHere: boolean): void {
    if (this.isOpen) this.#actions.sendHead(this.#stream, status, headers, endsHere)
  }

  write(chunk: Uint8Array): number {
    if (this.isOpen) this.#actions.write(this.#stream.outgoing, chunk)
    return this.#stream.outgoing.unsent
  }

  get mustDrain(): boolean {
    return this.#stream.outgoing.unsent > 0
  }

  end(): void {
    if (!this.isOpen) return
    this.#stream.answered = true
    this.#actions.end(this.#stream.outgoing)
  }

  cut(): void {
    this.reset(errorCodes.internal)
  }

  onDrain(listener: () => void): void {
    this.#stream.drainListener = listener
  }

  onClose(listener: (complete: boolean) => void): void {
    if (this.isOpen) this.#stream.closeListeners.push(listener)
    else listener(this.#stream.answered)
  }

  reset(code: number): void {
    if (this.isOpen) this.#actions.reset(this.#stream, code)
  }
}
