import { type ClientHttp2Session, connect, constants } from 'node:http2'
import type { Clock } from '../../src/base/index.ts'
import { type ResolvedContext, readKubeconfig, resolveContext } from '../../src/client/index.ts'

/**
 * Plain requests to any Kubernetes API server over a few h2 sessions, as cheap as they get: what is measured
 * is the server, on the same machine.
 */
export interface Api {
  readonly server: string
  /** Rejects only when the connection breaks; refusals are replies. */
  send(method: string, path: string, options?: SendOptions): Promise<Reply>
  /** A session of its own, for watches; by default it takes far more than anybody reads. */
  openSession(window?: Window): Promise<ClientHttp2Session>
  /** A watch on that session: chunks as they come, until it is closed. */
  watch(session: ClientHttp2Session, path: string, listener: WatchListener): () => void
  close(): void
}

export interface SendOptions {
  /** Objects are sent as JSON, texts as they are. */
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
  /** Counts the body instead of keeping it. */
  readonly discard?: boolean
}

export interface Reply {
  readonly status: number
  readonly body: Buffer
  readonly bytes: number
  readonly firstByte_ms: number
  readonly elapsed_ms: number
}

export interface WatchListener {
  readonly onStatus: (status: number) => void
  /** Absent: nothing is read, and what comes stays where it is. */
  readonly onChunk?: (chunk: Buffer) => void
  readonly onEnd?: () => void
}

/** How a kubeconfig's current context reaches its server. */
export async function contextOf(kubeconfig: string): Promise<ResolvedContext> {
  if (!kubeconfig) throw new Error('--kubeconfig FILE says which server to ask')
  return resolveContext(await readKubeconfig(kubeconfig), kubeconfig)
}

export type ServerAccess = Omit<ResolvedContext, 'context' | 'namespace'>

export async function openApi(context: ServerAccess, clock: Clock, sessionCount = 8): Promise<Api> {
  const authorization = context.token === undefined ? {} : { authorization: `Bearer ${context.token}` }
  const sessions = await Promise.all(Array.from({ length: sessionCount }, () => openSession(context)))
  let turn = 0

  async function nextSession(): Promise<ClientHttp2Session> {
    const place = turn++ % sessions.length
    const session = sessions[place] as ClientHttp2Session
    if (!session.closed && !session.destroyed) return session
    const reopened = await openSession(context)
    sessions[place] = reopened
    return reopened
  }

  return {
    server: context.server,
    async send(method, path, { body, contentType = 'application/json', accept = 'application/json', discard } = {}) {
      const session = await nextSession()
      const data = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
      const bodyHeaders = data && { 'content-type': contentType, 'content-length': data.length }
      const headers = { ':method': method, ':path': path, accept, ...authorization, ...bodyHeaders }
      return new Promise<Reply>((resolve, reject) => {
        const start = clock.monotonic()
        const chunks: Buffer[] = []
        let status = 0
        let bytes = 0
        let firstByte_ms = 0
        const stream = session.request(headers, { endStream: data === undefined })
        stream.on('response', head => {
          status = head[':status'] ?? 0
        })
        stream.on('data', (chunk: Buffer) => {
          if (bytes === 0) firstByte_ms = clock.monotonic() - start
          bytes += chunk.length
          if (!discard) chunks.push(chunk)
        })
        stream.on('end', () => resolve({ status, body: Buffer.concat(chunks), bytes, firstByte_ms, elapsed_ms: clock.monotonic() - start }))
        stream.on('error', reject)
        if (data) stream.end(data)
      })
    },
    openSession: size => openSession(context, size),
    watch(session, path, { onStatus, onChunk, onEnd }) {
      const stream = session.request({ ':path': path, accept: 'application/json', ...authorization })
      stream.on('response', head => onStatus(head[':status'] ?? 0))
      if (onChunk) stream.on('data', onChunk)
      // Closing from this side ends with an error that says nothing new.
      stream.on('error', () => {})
      stream.on('close', () => onEnd?.())
      return () => stream.close(constants.NGHTTP2_CANCEL)
    },
    close() {
      for (const session of sessions) session.destroy()
    },
  }
}

/** Bytes that a server may send without being told that they were read. */
export interface Window {
  readonly stream: number
  readonly session: number
}

const wideWindow: Window = { stream: 16 * 1024 * 1024, session: 32 * 1024 * 1024 }

function openSession(context: ServerAccess, window: Window = wideWindow): Promise<ClientHttp2Session> {
  const { server, certificateAuthority, clientCertificate, clientKey, serverName, insecure } = context
  return new Promise((resolve, reject) => {
    const session = connect(server, {
      ...(certificateAuthority && { ca: certificateAuthority }),
      ...(clientCertificate && { cert: clientCertificate }),
      ...(clientKey && { key: clientKey }),
      ...(serverName && { servername: serverName }),
      rejectUnauthorized: !insecure,
      settings: { initialWindowSize: window.stream, enablePush: false },
      maxSessionMemory: 1000,
    })
    session.once('connect', () => {
      session.setLocalWindowSize(window.session)
      resolve(session)
    })
    session.on('error', error => reject(new Error(`connect to ${server}`, { cause: error })))
  })
}

/** The object of a reply; a refusal is an error that names what was attempted. */
export async function expectObject<T>(attempted: string, reply: Promise<Reply>): Promise<T> {
  const { status, body } = await reply
  if (status >= 300) throw new Error(`${attempted}: answered ${status} ${body.toString('utf8', 0, 400)}`)
  return JSON.parse(body.toString()) as T
}

/** Splits a watch into its lines. */
export function lineReader(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = ''
  return chunk => {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  }
}
