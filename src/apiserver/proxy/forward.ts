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
  const body = hasBody(method) ? request.stream?.() : undefined
  return outgoing.stream(destination, { method, path, headers: withForwardedFor(headers, peer.address), body, signal })
}

const hasBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

/** The other side's answer as ours. */
export function answerAs(answer: IncomingMessage, headers = answeredHeaders(answer), body: Readable = answer): HttpAnswer {
  return { status: answer.statusCode ?? 502, headers, body: pushed(body) }
}

/** Bytes are read as fast as the client takes them; who goes early ends the other side's work, and the reverse. */
export const pushed = (source: Readable): PushedBody => ({
  start(sink) {
    source.on('data', (chunk: Buffer) => {
      if (sink.write(chunk) > limits.unsentBytes) source.pause()
    })
    sink.onDrain(() => source.resume())
    source.on('end', () => sink.end())
    source.on('error', () => sink.cut())
    return () => void source.destroy()
  },
})
