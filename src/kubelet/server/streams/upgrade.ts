import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { NodeRequestError } from '../containers.ts'
import { type SpdyConnection, type SpdyOptions, spdyConnection } from '../spdy/index.ts'

/** A request that wants to become something else than HTTP. */
export interface UpgradeRequest {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

export type UpgradeKind = 'websocket' | 'spdy'

export function upgradeKind({ headers }: IncomingMessage): UpgradeKind {
  const upgrade = headers.upgrade?.toLowerCase() ?? ''
  if (upgrade === 'websocket') return 'websocket'
  if (upgrade === 'spdy/3.1') return 'spdy'
  throw new NodeRequestError(
    400,
    `unable to upgrade: unexpected upgrade "${headers.upgrade ?? ''}"; WebSocket and SPDY/3.1 are spoken here`,
  )
}

/** The first that the client offers and the server speaks. A client that offers nothing speaks the oldest one, ''. */
export function negotiate(offered: readonly string[], spoken: readonly string[]): string {
  if (!offered.length && spoken.includes('')) return ''
  const agreed = offered.find(protocol => spoken.includes(protocol))
  if (agreed !== undefined) return agreed
  const list = (protocols: readonly string[]) => `[${protocols.filter(Boolean).join(' ')}]`
  throw new ProtocolError(
    `unable to upgrade: unable to negotiate protocol: client supports ${list(offered)}, server accepts ${list(spoken)}`,
    spoken,
  )
}

/** Clients try another protocol after it, so it names those that would do. */
export class ProtocolError extends NodeRequestError {
  readonly accepted: readonly string[]
  constructor(message: string, accepted: readonly string[]) {
    super(403, message)
    this.accepted = accepted
  }
}

export function offeredProtocols(
  request: IncomingMessage,
  header: 'sec-websocket-protocol' | 'x-stream-protocol-version',
): readonly string[] {
  const values = request.headersDistinct[header] ?? []
  return values
    .flatMap(value => value.split(','))
    .map(value => value.trim())
    .filter(Boolean)
}

/** What a message may have, as upstream's WebSocket library allows; each is held in memory whole. */
const maxMessage_bytes = 32 * 1024 * 1024

export function acceptWebSocket({ request, socket, head }: UpgradeRequest, protocol: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessage_bytes })
    // The library refuses names with a slash, as `SPDY/3.1+portforward.k8s.io` has one; so the agreement is ours alone.
    delete request.headers['sec-websocket-protocol']
    server.once('headers', headers => {
      if (protocol) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
    })
    // A handshake that is wrong was answered already.
    server.once('wsClientError', reject)
    // The answer is written before the first message is.
    server.handleUpgrade(request, socket, head, accepted => socket.write('', () => resolve(accepted)))
  })
}

export function acceptSpdy({ socket, head }: UpgradeRequest, protocol: string, accept: SpdyOptions['accept']): SpdyConnection {
  const headers = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1']
  if (protocol) headers.push(`X-Stream-Protocol-Version: ${protocol}`)
  socket.write(`${headers.join('\r\n')}\r\n\r\n`)
  return spdyConnection(socket, { role: 'server', head, ...(accept && { accept }) })
}

/** A failure after the switch of protocols. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
}

export async function afterUpgrade<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw new StreamError(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}
