import type { Clock } from '../../../base/clock.ts'
import { createBudget } from './budget.ts'
import type { Credit } from './credit.ts'
import type { OpenStream } from './exchange.ts'
import { createFrameReader, pingAnswer, settingsAcknowledgement, unpadded } from './frames.ts'
import { createHeaderBlocks, type HeaderBlock } from './header-block.ts'
import { createHeaderDecoder } from './header-decoder.ts'
import { ConnectionError, errorCodes, frameFlags, frameTypes, largestWindow_bytes, StreamError, settingIds } from './protocol.ts'
import { type RequestHead, readRequestHead } from './request-head.ts'
import type { Sender } from './sender.ts'

export interface ReceiverLimits {
  readonly streams: number
  readonly header_bytes: number
  /** Of all requests that are under way. */
  readonly heads_bytes: number
  /** Requests that a client takes back at once, and a second; frames that do nothing. */
  readonly resets: readonly [burst: number, perSecond: number]
  readonly idleFrames: readonly [burst: number, perSecond: number]
}

export interface ReceiverOptions {
  readonly limits: ReceiverLimits
  readonly clock: Clock
  readonly streams: ReadonlyMap<number, OpenStream>
  readonly sender: Sender
  readonly credit: Credit
  readonly isClosing: () => boolean
  readonly heads_bytes: () => number
  readonly onRequest: (id: number, head: RequestHead, ends: boolean) => void
  /** The client bounds the table of headers that are sent to it; the next block has to say that this is known. */
  readonly onTableSize: () => void
  /** The client takes its request back. */
  readonly onReset: (stream: OpenStream) => void
  /** The client broke a rule that concerns one stream only. */
  readonly onStreamError: (id: number, error: StreamError) => void
}

/**
 * What a client sends on a connection: each frame is checked against the rules of HTTP/2 and does what it is for.
 * Whatever breaks a rule is an error of its stream where the others can go on, else a ConnectionError that is thrown.
 */
export interface Receiver {
  receive(bytes: Buffer): void
  /** The highest stream that the client has opened. */
  readonly lastStream: number
}

export function createReceiver(options: ReceiverOptions): Receiver {
  const { limits, clock, streams, sender, credit } = options
  const decodeHeaders = createHeaderDecoder(limits.header_bytes)
  const blocks = createHeaderBlocks(limits.header_bytes)
  const resets = createBudget(clock, ...limits.resets)
  const idleFrames = createBudget(clock, ...limits.idleFrames)
  let lastStream = 0
  let hasSettings = false

  const receive = createFrameReader((type, flags, id, payload) => {
    if (!hasSettings && (type !== frameTypes.settings || (flags & frameFlags.acknowledge) !== 0))
      throw new ConnectionError(errorCodes.protocol, 'the first frame is not SETTINGS')
    if (blocks.open !== undefined && (type !== frameTypes.continuation || id !== blocks.open))
      throw new ConnectionError(errorCodes.protocol, 'a frame inside a header block')
    try {
      receiveFrame(type, flags, id, payload)
    } catch (error) {
      if (!(error instanceof StreamError)) throw error
      spend(resets, 'streams that could not be served')
      options.onStreamError(id, error)
    }
  })

  const receiveFrame = (type: number, flags: number, id: number, payload: Buffer) => {
    switch (type) {
      case frameTypes.data:
        return receiveData(flags, id, payload)
      case frameTypes.headers:
        return receiveBlock(blocks.begin(flags, id, payload))
      case frameTypes.continuation:
        if (payload.length === 0) spend(idleFrames, 'empty CONTINUATION')
        return receiveBlock(blocks.continue(flags, payload))
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

  const receiveBlock = (block: HeaderBlock | undefined) => {
    if (!block) return
    const { stream: id, endsStream: ends } = block
    const fields = decodeHeaders(block.bytes)
    if (id <= lastStream) return receiveTrailers(id, ends)
    lastStream = id
    if (options.isClosing() || streams.size >= limits.streams)
      throw new StreamError(errorCodes.refusedStream, `stream ${id} is one too many`)
    const head = fields && readRequestHead(fields)
    if (!fields) throw new StreamError(errorCodes.enhanceYourCalm, `the head of stream ${id} is larger than ${limits.header_bytes} bytes`)
    if (!head || (ends && (head.contentLength ?? 0) > 0))
      throw new StreamError(errorCodes.protocol, `the head of stream ${id} is malformed`)
    if (options.heads_bytes() + head.bytes > limits.heads_bytes)
      throw new StreamError(errorCodes.refusedStream, `the heads of all streams are larger than ${limits.heads_bytes} bytes`)
    options.onRequest(id, head, ends)
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
    credit.spend(payload.length)
    const stream = streams.get(id)
    if (!stream) return credit.owe(undefined, payload.length)
    // What is dropped is still owed to the connection, whose other streams must not starve.
    const refuseData = (code: number, why: string): never => {
      credit.owe(undefined, payload.length)
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
    credit.owe(stream, payload.length - content.length + (stream.body?.take(content) ?? 0))
    if (ends) finishReceiving(stream)
  }

  const finishReceiving = (stream: OpenStream) => {
    stream.receiving = false
    if (stream.expected_bytes !== undefined && stream.received_bytes !== stream.expected_bytes)
      throw new StreamError(errorCodes.protocol, `stream ${stream.id} is not as long as its content-length`)
    stream.body?.end()
  }

  const receiveReset = (id: number, payload: Buffer) => {
    if (payload.length !== 4) throw new ConnectionError(errorCodes.frameSize, 'a malformed RST_STREAM')
    if (id === 0 || id > lastStream) throw new ConnectionError(errorCodes.protocol, `RST_STREAM on stream ${id}`)
    const stream = streams.get(id)
    if (!stream) return
    spend(resets, 'streams opened and taken back')
    options.onReset(stream)
  }

  const receiveSettings = (flags: number, id: number, payload: Buffer) => {
    if (id !== 0) throw new ConnectionError(errorCodes.protocol, 'SETTINGS of a stream')
    if (payload.length % 6 !== 0) throw new ConnectionError(errorCodes.frameSize, 'malformed SETTINGS')
    if (flags & frameFlags.acknowledge) return
    if (hasSettings) spend(idleFrames, 'SETTINGS')
    hasSettings = true
    let initialWindow = sender.initialWindow
    // Our frames are no larger than any client must take: the other settings change nothing.
    for (let at = 0; at < payload.length; at += 6) {
      const setting = payload.readUInt16BE(at)
      if (setting === settingIds.headerTableSize) options.onTableSize()
      if (setting !== settingIds.initialWindowSize) continue
      initialWindow = payload.readUInt32BE(at + 2)
      if (initialWindow > largestWindow_bytes) throw new ConnectionError(errorCodes.flowControl, 'an initial window beyond all bounds')
    }
    // Once a frame, however often it is said in it: every stream is touched.
    if (
      !sender.setInitialWindow(
        initialWindow,
        streams.values().map(({ outgoing }) => outgoing),
      )
    )
      throw new ConnectionError(errorCodes.flowControl, 'a window beyond all bounds')
    sender.control(settingsAcknowledgement())
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

  return {
    receive,
    get lastStream() {
      return lastStream
    },
  }
}
