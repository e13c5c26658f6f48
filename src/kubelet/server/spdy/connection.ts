import type { Duplex } from 'node:stream'
import { controlFrame, createFrameReader, dataHeader, flagFin, frameType, resetStatus, rstStream, synReply, synStream } from './frames.ts'
import { createHeaderReader, createHeaderWriter, type SpdyHeaders } from './header-block.ts'

/**
 * SPDY/3.1 as Kubernetes' streaming speaks it: streams with headers over one duplex, each half of a stream closed by
 * itself. As in upstream's implementation windows are not used: a reader that is slow holds up its connection.
 */
export interface SpdyConnection {
  open(headers: SpdyHeaders): SpdyStream
  /** Resolves when the transport is gone. */
  readonly closed: Promise<void>
  /** Sends what was written, then ends the transport. */
  close(): void
  destroy(): void
}

export interface SpdyStream {
  readonly id: number
  readonly headers: SpdyHeaders
  /** Ends with the peer's half, fails where the stream is reset or the connection breaks. */
  readonly readable: ReadableStream<Uint8Array>
  /** Closing it closes our half. */
  readonly writable: WritableStream<Uint8Array>
  reset(): void
}

export interface SpdyOptions {
  readonly role: 'client' | 'server'
  /** What the transport gave already. */
  readonly head?: Buffer
  /** Called for each stream that the peer opens; without it, such streams are refused. */
  readonly accept?: (stream: SpdyStream) => void
}

const buffered_bytes = 64 * 1024
/** As many as anybody opens, port forwarding of a busy page included. */
const maxStreams = 4096

interface LiveStream extends SpdyStream {
  receive(piece: Uint8Array): void
  receiveEnd(): void
  fail(error: Error): void
}

export function spdyConnection(transport: Duplex, options: SpdyOptions): SpdyConnection {
  const streams = new Map<number, LiveStream>()
  const stalled = new Set<number>()
  const readHeaders = createHeaderReader()
  const writeHeaders = createHeaderWriter()
  let nextId = options.role === 'client' ? 1 : 2

  const send = (...parts: readonly Uint8Array[]): boolean => {
    if (transport.destroyed || transport.writableEnded) return true
    transport.cork()
    let room = true
    for (const part of parts) room = transport.write(part)
    transport.uncork()
    return room
  }
  const output: StreamOutput = {
    async data(id, chunk) {
      if (transport.destroyed || transport.writableEnded) throw new Error('the SPDY connection is closed')
      if (chunk.length && !send(dataHeader(id, 0, chunk.length), chunk)) await drained(transport)
    },
    fin: id => void send(dataHeader(id, flagFin, 0)),
    reset: id => void send(rstStream(id, resetStatus.cancel)),
    stall(id) {
      stalled.add(id)
      transport.pause()
    },
    resume(id) {
      if (stalled.delete(id) && !stalled.size) transport.resume()
    },
    forget(id) {
      streams.delete(id)
      output.resume(id)
    },
  }

  const accept = (id: number, flags: number, headers: SpdyHeaders) => {
    const usable = options.accept && id % 2 === (options.role === 'client' ? 0 : 1) && !streams.has(id) && streams.size < maxStreams
    if (!usable) return void send(rstStream(id, resetStatus.refusedStream))
    const stream = createStream(id, headers, output)
    streams.set(id, stream)
    send(synReply(id, writeHeaders({})))
    if (flags & flagFin) stream.receiveEnd()
    options.accept?.(stream)
  }

  const control = (type: number, flags: number, payload: Buffer) => {
    const id = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fffffff : 0
    switch (type) {
      case frameType.synStream:
        return accept(id, flags, readHeaders(payload.subarray(10)))
      case frameType.synReply:
      case frameType.headers:
        // Nothing here depends on them, but the blocks that follow are compressed against them.
        readHeaders(payload.subarray(4))
        if (flags & flagFin) streams.get(id)?.receiveEnd()
        return
      case frameType.rstStream:
        // Servers reset what is open once they have said everything: for readers that is the end, for writers a failure.
        streams.get(id)?.receiveEnd()
        return streams.get(id)?.fail(new Error(`the peer reset SPDY stream ${id} (status ${payload.readUInt32BE(4)})`))
      case frameType.ping:
        // Even numbers are the server's; an answer to a ping of our own needs no answer.
        if (id % 2 === (options.role === 'client' ? 0 : 1)) send(controlFrame(frameType.ping, 0, payload))
        return
    }
  }

  const read = createFrameReader({
    control,
    data(id, piece, fin) {
      const stream = streams.get(id)
      if (piece.length) stream?.receive(piece)
      if (fin) stream?.receiveEnd()
    },
  })
  const receive = (chunk: Buffer) => {
    try {
      read(chunk)
    } catch (error) {
      transport.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  const closed = new Promise<void>(resolve => {
    let cause: Error | undefined
    transport.on('error', error => {
      cause = error
    })
    transport.on('end', () => transport.end())
    transport.on('close', () => {
      for (const stream of [...streams.values()]) stream.fail(new Error('the SPDY connection closed', { cause }))
      resolve()
    })
  })
  transport.on('data', receive)
  if (options.head?.length) receive(options.head)

  return {
    open(headers) {
      const id = nextId
      nextId += 2
      const stream = createStream(id, headers, output)
      if (transport.destroyed || transport.writableEnded) stream.fail(new Error('the SPDY connection is closed'))
      else streams.set(id, stream)
      send(synStream(id, 0, writeHeaders(headers)))
      return stream
    },
    closed,
    close() {
      stalled.clear()
      transport.end()
      // Reading on lets the peer's end arrive, which closes the transport.
      transport.resume()
    },
    destroy: () => void transport.destroy(),
  }
}

interface StreamOutput {
  data(id: number, chunk: Uint8Array): Promise<void>
  fin(id: number): void
  reset(id: number): void
  stall(id: number): void
  resume(id: number): void
  forget(id: number): void
}

function createStream(id: number, headers: SpdyHeaders, output: StreamOutput): LiveStream {
  let reading: ReadableStreamDefaultController<Uint8Array> | undefined
  let writing: WritableStreamDefaultController | undefined
  let readDone = false
  let writeDone = false
  const halfDone = () => {
    if (readDone && writeDone) output.forget(id)
  }
  const endReading = () => {
    readDone = true
    output.resume(id)
    halfDone()
  }
  const endWriting = () => {
    writeDone = true
    halfDone()
  }

  const readable = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        reading = controller
      },
      pull: () => output.resume(id),
      // What still arrives is dropped; a reset would take the other half with it.
      cancel: endReading,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: buffered_bytes }),
  )
  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      writing = controller
    },
    write: chunk => output.data(id, chunk),
    close() {
      output.fin(id)
      endWriting()
    },
    abort() {
      if (!writeDone) output.reset(id)
      endWriting()
    },
  })

  const fail = (error: Error) => {
    if (!readDone) reading?.error(error)
    if (!writeDone) writing?.error(error)
    readDone = true
    writeDone = true
    output.forget(id)
  }
  return {
    id,
    headers,
    readable,
    writable,
    reset() {
      if (readDone && writeDone) return
      output.reset(id)
      fail(new Error(`SPDY stream ${id} was reset`))
    },
    receive(piece) {
      if (readDone) return
      reading?.enqueue(piece)
      if ((reading?.desiredSize ?? 1) <= 0) output.stall(id)
    },
    receiveEnd() {
      if (readDone) return
      reading?.close()
      endReading()
    },
    fail,
  }
}

function drained(transport: Duplex): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      transport.off('drain', done).off('close', done)
      resolve()
    }
    transport.on('drain', done).on('close', done)
  })
}
