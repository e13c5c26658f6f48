import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { limits } from '../limits.ts'
import type { Destination, Outgoing } from '../outgoing/index.ts'
import type { HttpAnswer, HttpRequest, PushedBody } from '../types.ts'
import { answeredHeaders, withForwardedFor } from './headers.ts'

export interface Forwarded {
  readonly destination: Destination
  /** Path and query at the destination. */
  readonly path: string
  readonly headers: OutgoingHttpHeaders
}

export type ForwardedRequest = Pick<HttpRequest, 'method' | 'peer' | 'signal' | 'stream'>

/** Sends a request on and gives the answer as it comes, whatever it is. Rejects with a `CallError` where none comes. */
export async function forward(
  outgoing: Outgoing,
  request: ForwardedRequest,
  { destination, path, headers }: Forwarded,
): Promise<IncomingMessage> {
  const { method, peer, signal } = request
  const body = request.stream?.()
  const sent = { method, path, headers: framed(withForwardedFor(headers, peer.address), body), body, signal }
  const answer = await outgoing.stream(destination, sent)
  // Nobody will read what has no body, and the connection ends only once it was read.
  if (method === 'HEAD') answer.resume()
  return answer
}

/**
 * How long the body is must be said, and truly: the other side would take what has no frame for a request of its own, in
 * our name, and Node frames no bodies of methods that seldom have one.
 */
function framed(headers: OutgoingHttpHeaders, body: Readable | undefined): OutgoingHttpHeaders {
  const { 'content-length': length, ...others } = headers
  if (!body) return others
  return length === undefined ? { ...others, 'transfer-encoding': 'chunked' } : headers
}

/** The other side's answer as ours. */
export function answerAs(answer: IncomingMessage, headers = answeredHeaders(answer), body: Readable = answer): HttpAnswer {
  return { status: answer.statusCode ?? 502, headers, body: pushed(body) }
}

/** Bytes are read as fast as the client takes them; who goes early ends the other side's work, and the reverse. */
export const pushed = (source: Readable): PushedBody => ({
  start(sink) {
    source.on('data', (chunk: Buffer) => {
      sink.write(chunk)
      if (sink.unsent > limits.unsentBytes) source.pause()
    })
    sink.onDrain(() => source.resume())
    source.on('end', () => sink.end())
    source.on('error', () => sink.cut())
    return () => void source.destroy()
  },
})
