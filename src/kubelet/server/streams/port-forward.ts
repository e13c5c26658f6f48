import type { Clock, Logger } from '../../../base/index.ts'
import type { PortStream } from '../../runtime/types.ts'
import { NodeRequestError } from '../containers.ts'
import type { SpdyConnection, SpdyStream } from '../spdy/index.ts'

/** Opens one connection to a port of the pod. */
export type OpenPort = (port: number) => Promise<PortStream>

/** One connection of the client's: data both ways, and text that says what went wrong. */
export interface ForwardedPort {
  readonly port: number
  readonly input: ReadableStream<Uint8Array>
  readonly output: WritableStream<Uint8Array>
  readonly error: WritableStream<Uint8Array>
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>
}

/** Carries bytes until the pod's side is done or the client is gone; each half closes by itself. */
export async function forwardPort(forwarded: ForwardedPort, open: OpenPort, logger: Logger): Promise<void> {
  const { port, input, output, error } = forwarded
  const failure = error.getWriter()
  let stream: PortStream
  try {
    stream = await open(port)
  } catch (reason) {
    await failure.write(Buffer.from(`error forwarding port ${port}: ${reason instanceof Error ? reason.message : reason}`))
    await Promise.all([failure.close(), output.close(), input.cancel()])
    return
  }
  const unfinished = (reason: unknown) => logger.debug('copy a forwarded connection: one side ended first', { port, error: reason })
  input.pipeTo(stream.input).catch(unfinished)
  const sent = stream.output.pipeTo(output).catch(unfinished)
  const text = stream.error.catch(reason => `error forwarding port ${port}: ${reason.message}`)
  try {
    const outcome = await Promise.race([Promise.all([text, sent]), forwarded.closed])
    if (!outcome) return
    if (outcome[0]) await failure.write(Buffer.from(outcome[0]))
    await failure.close()
  } finally {
    stream.close()
  }
}

const pairing_ms = 30_000

interface Pair {
  data?: SpdyStream
  error?: SpdyStream
  readonly cancel: () => void
}

/** Pairs the data and error streams that a client opens for each connection, by their request id. */
export function createPairing(clock: Clock, whole: (data: SpdyStream, error: SpdyStream) => void): (stream: SpdyStream) => void {
  const pairs = new Map<string, Pair>()
  const pairOf = (requestId: string): Pair => {
    const existing = pairs.get(requestId)
    if (existing) return existing
    const timer = clock.setTimer(pairing_ms, () => {
      pair.data?.reset()
      pair.error?.reset()
      pairs.delete(requestId)
    })
    const pair: Pair = { cancel: () => timer.cancel() }
    pairs.set(requestId, pair)
    return pair
  }
  return stream => {
    const type = stream.headers.streamtype
    if ((type !== 'data' && type !== 'error') || !validPort(stream.headers.port)) return stream.reset()
    // The oldest clients name no request; their data stream follows its error stream.
    const requestId = stream.headers.requestid ?? String(type === 'error' ? stream.id : stream.id - 2)
    const pair = pairOf(requestId)
    if (pair[type]) return stream.reset()
    pair[type] = stream
    if (!pair.data || !pair.error) return
    pair.cancel()
    pairs.delete(requestId)
    whole(pair.data, pair.error)
  }
}

export function spdyForwardedPort(data: SpdyStream, error: SpdyStream, connection: SpdyConnection): ForwardedPort {
  return { port: Number(data.headers.port), input: data.readable, output: data.writable, error: error.writable, closed: connection.closed }
}

export function parsePort(text: string): number {
  if (!validPort(text)) throw new NodeRequestError(400, `port "${text}" is not a port: it must be a number from 1 to 65535`)
  return Number(text)
}

const validPort = (text: string | undefined): boolean => /^\d{1,5}$/.test(text ?? '') && Number(text) >= 1 && Number(text) <= 65_535
