import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Clock } from '../../base/index.ts'

export interface SessionOptions {
  readonly server: string
  /** PEM; without one, the system's authorities count. */
  readonly certificateAuthority?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  /** The name that the server's certificate must have, if it isn't that of the address. */
  readonly serverName?: string
  readonly insecure?: boolean
  readonly clock: Clock
  readonly connectTimeout_ms?: number
  /** A connection on which nothing was heard for so long is asked for a sign of life. */
  readonly pingInterval_ms?: number
}

/** An answer's head; the stream carries its body. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly stream: ClientHttp2Stream
}

/** The server was not reached, or it vanished before it answered. `sent` says whether it may have seen the request. */
export class ConnectionError extends Error {
  readonly sent: boolean
  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConnectionError'
    this.sent = sent
  }
}

/** One h2 session that all requests share, opened when first needed and again after it broke. */
export interface SharedSession {
  request(headers: OutgoingHttpHeaders, body: string | undefined, signal: AbortSignal | undefined): Promise<Answer>
  close(): Promise<void>
}

export function createSharedSession(options: SessionOptions): SharedSession {
  let current: Promise<OpenSession> | undefined
  const closing = new AbortController()

  function session(): Promise<OpenSession> {
    if (closing.signal.aborted) return Promise.reject(new ConnectionError(`the connection to ${options.server} was closed`, false))
    if (current) return current
    const opening = openSession(options, closing.signal, () => {
      if (current === opening) current = undefined
    })
    current = opening
    return opening
  }

  return {
    async request(headers, body, signal) {
      signal?.throwIfAborted()
      const open = await unlessAborted(session(), signal)
      // It may have aborted since the session was there.
      signal?.throwIfAborted()
      return openStream(options, open, headers, body, signal)
    },
    async close() {
      const opened = current
      closing.abort()
      const open = await opened?.catch(() => undefined)
      open?.session.destroy()
    },
  }
}

/** Others may wait for the same session, so an abort ends the waiting alone. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return promise
}

/** Keeps the process alive while requests are under way, and not otherwise. */
interface OpenSession {
  readonly session: ClientHttp2Session
  streams: number
}

function openSession(options: SessionOptions, closing: AbortSignal, onGone: () => void): Promise<OpenSession> {
  const { server, certificateAuthority, clientCertificate, clientKey, serverName, insecure, clock, connectTimeout_ms = 10_000 } = options
  const { promise, resolve, reject } = Promise.withResolvers<OpenSession>()
  const session = connect(server, {
    ...(certificateAuthority && { ca: certificateAuthority }),
    ...(clientCertificate && { cert: clientCertificate }),
    ...(clientKey && { key: clientKey }),
    ...(serverName && { servername: serverName }),
    rejectUnauthorized: !insecure,
    // Many watches share the session: the defaults of 64 KB would let one of them hold up the others.
    settings: { initialWindowSize: 1024 * 1024, enablePush: false },
  })
  const failed = (cause?: unknown) => {
    onGone()
    reject(new ConnectionError(`connect to ${server}: ${describe(cause)}`, false, { cause }))
    session.destroy()
  }
  const timer = clock.setTimer(connectTimeout_ms, () => failed(new Error(`no connection within ${connectTimeout_ms} ms`)))
  const giveUp = () => failed(new Error('the client was closed'))
  closing.addEventListener('abort', giveUp, { once: true })
  const settled = () => {
    timer.cancel()
    closing.removeEventListener('abort', giveUp)
  }
  session.once('connect', () => {
    settled()
    session.setLocalWindowSize(16 * 1024 * 1024)
    keepAlive(session, options)
    session.unref()
    resolve({ session, streams: 0 })
  })
  session.on('error', failed)
  session.on('goaway', onGone)
  session.on('close', () => {
    settled()
    failed(new Error('the server closed the connection'))
  })
  return promise
}

/** Finds out when the other side has vanished without a word, so that watches don't wait for ever. */
function keepAlive(session: ClientHttp2Session, { clock, pingInterval_ms = 30_000 }: SessionOptions): void {
  let answered = true
  const check = () => {
    if (session.destroyed) return
    if (!answered) {
      session.destroy(new Error(`no sign of life for ${pingInterval_ms} ms`))
      return
    }
    answered = false
    session.ping(() => {
      answered = true
    })
    timer = clock.setTimer(pingInterval_ms, check)
  }
  let timer = clock.setTimer(pingInterval_ms, check)
  session.once('close', () => timer.cancel())
}

function openStream(
  { server }: SessionOptions,
  open: OpenSession,
  headers: OutgoingHttpHeaders,
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { session } = open
  if (session.closed || session.destroyed) return Promise.reject(new ConnectionError(`the connection to ${server} is closing`, false))
  if (open.streams++ === 0) session.ref()
  const stream = session.request(headers, { endStream: body === undefined })
  let refused = false
  const abort = () => stream.close(constants.NGHTTP2_CANCEL)
  signal?.addEventListener('abort', abort, { once: true })
  stream.once('response', head => resolve({ status: head[':status'] ?? 0, headers: head, stream }))
  stream.once('aborted', () => {
    refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM
  })
  // Errors after the head reach whoever reads the body.
  stream.on('error', error => {
    refused ||= stream.rstCode === constants.NGHTTP2_REFUSED_STREAM
    reject(new ConnectionError(`request to ${server}: ${describe(error)}`, !refused, { cause: error }))
  })
  stream.once('close', () => {
    signal?.removeEventListener('abort', abort)
    if (--open.streams === 0 && !session.destroyed) session.unref()
    reject(
      signal?.aborted ? signal.reason : new ConnectionError(`request to ${server}: the connection was lost before the answer`, !refused),
    )
  })
  if (body !== undefined) stream.end(body)
  return promise
}

const describe = (error: unknown): string =>
  error instanceof Error && error.message ? error.message : String(error ?? 'the connection was lost')
