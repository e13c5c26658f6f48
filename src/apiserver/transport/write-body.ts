import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import { limits } from '../limits.ts'
import type { BodySink, HttpAnswer, PushedBody } from '../types.ts'

const compress = promisify(gzip)
const fastest = { level: constants.Z_BEST_SPEED }

/** An answer whose body is settled but for how it travels. */
export interface SettledAnswer {
  readonly status: number
  readonly headers: Record<string, string | readonly string[] | number>
  readonly body: Uint8Array | AsyncIterable<Uint8Array | string> | PushedBody | undefined
}

/** Compresses what is large, for clients that can read it, and gives a length to what has one. */
export async function settleAnswer(answer: HttpAnswer, acceptEncoding: string | undefined): Promise<SettledAnswer> {
  const headers: Record<string, string | readonly string[] | number> = { ...answer.headers }
  const { status } = answer
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  if (body === undefined) return { status, headers, body }
  const compressible = isDocument(headers) && acceptEncoding !== undefined && acceptsGzip(acceptEncoding)
  if (body instanceof Uint8Array) {
    if (!compressible || body.length < limits.compressFromBytes)
      return { status, headers: { ...headers, 'content-length': body.length }, body }
    const compressed = await compress(body, fastest)
    return { status, headers: { ...headers, ...gzipHeaders, 'content-length': compressed.length }, body: compressed }
  }
  if ('start' in body || !compressible) return { status, headers, body }
  return { status, headers: { ...headers, ...gzipHeaders }, body: compressChunks(body) }
}

// Logs come as text while they are written; compressing them would hold them back.
const isDocument = (headers: SettledAnswer['headers']): boolean =>
  headers['content-encoding'] === undefined && String(headers['content-type']).startsWith('application/')

const gzipHeaders = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
const acceptsGzip = (acceptEncoding: string): boolean => /(^|[\s,])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(acceptEncoding)

async function* compressChunks(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const stream = createGzip(fastest)
  const feed = async () => {
    for await (const chunk of chunks) if (!stream.write(chunk)) await once(stream, 'drain')
    stream.end()
  }
  const fed = feed()
  fed.catch(error => stream.destroy(error))
  yield* stream as AsyncIterable<Buffer>
  await fed
}

/** Sends chunks as fast as the client takes them, and lets other requests go first between two of them. */
export async function writeChunks(
  stream: Writable,
  chunks: AsyncIterable<Uint8Array | string>,
  yieldTurn: () => Promise<void>,
): Promise<void> {
  for await (const chunk of chunks) {
    if (stream.destroyed) return
    if (!stream.write(chunk)) await drained(stream)
    await yieldTurn()
  }
  stream.end()
}

function drained(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    const settle = () => {
      stream.removeListener('drain', settle)
      stream.removeListener('close', settle)
      resolve()
    }
    stream.once('drain', settle)
    stream.once('close', settle)
  })
}

/** Gives a pushed body its sink; answers how to end it from this side. */
export function startPushedBody(stream: Writable, body: PushedBody): () => void {
  let stop: (() => void) | undefined
  let closed = false
  const sink: BodySink = {
    write(chunk) {
      if (closed) return 0
      stream.write(chunk)
      return stream.writableLength
    },
    onDrain: listener => void stream.on('drain', listener),
    end() {
      if (!closed) stream.end()
    },
    cut() {
      if (!closed) stream.destroy(new Error('the source of an answer broke'))
    },
  }
  stream.on('close', () => {
    closed = true
    stop?.()
  })
  stop = body.start(sink)
  if (closed) stop()
  return () => {
    stop?.()
    sink.end()
  }
}
