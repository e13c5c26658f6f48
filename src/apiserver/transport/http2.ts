import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { HttpRequest } from '../types.ts'
import { readBody } from './body-reader.ts'
import type { Transport } from './listen.ts'
import { settleAnswer, startPushedBody, writeChunks } from './write-body.ts'

/** Requests over h2, on the core stream API. */
export function http2Listener(transport: Transport): (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => void {
  return (stream, headers, flags) => {
    const { session } = stream
    if (!session) return
    const peer = transport.peerOf(session, () => session.socket as TLSSocket)
    // A stream that the client resets while it is answered is no error of ours.
    stream.on('error', error => transport.options.logger.debug('h2 stream ended', { error }))
    const gone = new AbortController()
    const exchange: Exchange = { stream, hasBody: (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0, answered: false }
    stream.on('close', () => {
      // Whoever still works on the answer has to be told. Streams close before their last write is reported finished.
      if (!exchange.answered && !stream.writableFinished) gone.abort(new Error('the client went away'))
    })
    const request: HttpRequest = {
      method: headers[':method'] ?? 'GET',
      url: headers[':path'] ?? '/',
      headers,
      peer,
      body: async maximumBytes => (exchange.hasBody ? readBody(stream, headers['content-length'], maximumBytes) : new Uint8Array()),
      stream: () => stream,
      signal: gone.signal,
    }
    void answer(transport, exchange, request)
  }
}

interface Exchange {
  readonly stream: ServerHttp2Stream
  readonly hasBody: boolean
  /** All of the answer has been handed to the stream. */
  answered: boolean
}

async function answer({ options, bodies }: Transport, exchange: Exchange, request: HttpRequest): Promise<void> {
  const { stream } = exchange
  try {
    const { status, headers, body } = await settleAnswer(await options.server.handle(request), acceptEncodingOf(request))
    if (stream.destroyed || stream.closed) return
    const endStream = body === undefined
    stream.respond({ ...headers, ':status': status } as Parameters<ServerHttp2Stream['respond']>[0], { endStream })
    exchange.answered = endStream || body instanceof Uint8Array
    if (body instanceof Uint8Array) stream.end(body)
    else if (body && 'start' in body) {
      const end = startPushedBody(stream, body)
      const forget = bodies.add(end)
      stream.on('close', forget)
    } else if (body) await writeChunks(stream, body, options.clock.yield)
    // What nobody reads would hold the stream's window, and with it the session.
    if (exchange.hasBody && !stream.readableEnded) stream.resume()
  } catch (error) {
    options.logger.error(`answer ${request.method} ${request.url}: writing failed, the stream is reset`, { error })
    stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }
}

const acceptEncodingOf = ({ headers }: HttpRequest): string | undefined => {
  const value = headers['accept-encoding']
  return typeof value === 'string' ? value : undefined
}
