import { once } from 'node:events'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import { limits } from '../limits.ts'
import type { HttpAnswer, PushedBody } from '../types.ts'
import type { AnswerStream } from './answer-stream.ts'

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

/**
 * Sends chunks as fast as the client takes them, and lets other requests go first between two of them. `giveBack` is for
 * streams that keep nothing of a chunk of which nothing is unsent.
 */
export async function writeChunks(
  stream: AnswerStream,
  chunks: AsyncIterable<Uint8Array | string>,
  yieldTurn: () => Promise<void>,
  giveBack?: (chunk: Uint8Array) => void,
): Promise<void> {
  const drained = drainOf(stream)
  for await (const chunk of chunks) {
    if (!stream.isOpen) return
    stream.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    if (stream.unsent > 0) await drained()
    if (giveBack && typeof chunk !== 'string' && stream.isOpen) giveBack(chunk)
    await yieldTurn()
  }
  stream.end()
}

/** Waits, each time it is called, until what was written has gone or nobody is there any more. */
function drainOf(stream: AnswerStream): () => Promise<void> {
  let resolve = () => {}
  const settle = () => resolve()
  stream.onDrain(settle)
  stream.onClose(settle)
  return () =>
    new Promise(done => {
      if (stream.isOpen && stream.unsent > 0) resolve = done
      else done()
    })
}

/** Gives a pushed body its sink; answers how to end it from this side. */
export function startPushedBody(stream: AnswerStream, body: PushedBody): () => void {
  let stop: (() => void) | undefined
  let closed = false
  stream.onClose(() => {
    closed = true
    stop?.()
  })
  stop = body.start(stream)
  if (closed) stop()
  return () => {
    stop?.()
    stream.end()
  }
}
