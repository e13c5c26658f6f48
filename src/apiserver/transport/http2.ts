import type { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { HttpRequest, Peer } from '../types.ts'
import { errorCodes } from './h2/protocol.ts'
import { type ServerSession, serveSession } from './h2/session.ts'
import type { ServerStream } from './h2/stream.ts'
import { LazySignal } from './lazy-signal.ts'
import { transportLimits } from './limits.ts'
import type { Transport } from './listen.ts'
import { settleAnswer, startPushedBody, writeChunks } from './write-body.ts'

/** Requests over a connection that speaks h2. */
export function serveHttp2(transport: Transport, socket: TLSSocket): ServerSession {
  const { clock, logger } = transport.options
  const peer = transport.peerOf(socket)
  return serveSession({
    socket,
    buffers: transport.buffers,
    limits: transportLimits.h2,
    clock,
    soon: transport.soon,
    onRequest: stream => void answer(transport, stream, new Http2Request(stream, peer)),
    onRefused: error => logger.debug('h2: a stream or connection was given up', { error }),
  })
}

/** A class for the sake of its lazy signal: a getter of a literal costs each request. */
class Http2Request implements HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: HttpRequest['headers']
  readonly peer: Peer
  readonly #stream: ServerStream
  readonly #gone = new LazySignal()

  constructor(stream: ServerStream, peer: Peer) {
    this.method = stream.head.method
    this.url = stream.head.url
    this.headers = stream.head.headers
    this.peer = peer
    this.#stream = stream
    stream.onClose(complete => {
      if (!complete) this.#gone.abort(new Error('the client went away'))
    })
  }

  body(maximumBytes: number): Promise<Uint8Array> {
    return this.#stream.body(maximumBytes)
  }

  stream(): Readable | undefined {
    return this.#stream.hasBody ? this.#stream.bodyStream() : undefined
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }
}

async function answer({ options, bodies, date }: Transport, stream: ServerStream, request: HttpRequest): Promise<void> {
  try {
    const { status, headers, body } = await settleAnswer(await options.server.handle(request), acceptEncodingOf(request))
    if (!stream.isOpen) return
    stream.respond(status, { ...headers, date: date() }, body === undefined)
    if (body === undefined) return
    if (body instanceof Uint8Array) {
      stream.write(body)
      stream.end()
    } else if ('start' in body) {
      const forget = bodies.add(startPushedBody(stream, body))
      stream.onClose(forget)
    } else await writeChunks(stream, body, options.clock.yield, options.server.giveBack)
  } catch (error) {
    options.logger.error(`answer ${request.method} ${request.url}: writing failed, the stream is reset`, { error })
    stream.reset(errorCodes.internal)
  }
}

const acceptEncodingOf = ({ headers }: HttpRequest): string | undefined => {
  const value = headers['accept-encoding']
  return typeof value === 'string' ? value : undefined
}
