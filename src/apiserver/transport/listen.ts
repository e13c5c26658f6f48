import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { HttpAnswer, HttpRequest, HttpUpgrade } from '../types.ts'
import { createEndOfTurn } from './end-of-turn.ts'
import { defaultFrame_bytes } from './h2/protocol.ts'
import type { ServerSession } from './h2/session.ts'
import { createWriteBuffers, type WriteBuffers } from './h2/write-buffers.ts'
import { createHttpDate } from './http-date.ts'
import { http1Listener, http1UpgradeListener } from './http1.ts'
import { serveHttp2 } from './http2.ts'
import { transportLimits } from './limits.ts'
import { createOpenBodies, type OpenBodies } from './open-bodies.ts'
import { type Authorities, createPeerLookup, type PeerLookup } from './peer.ts'
import { answerPlainHttp } from './plain-http.ts'

export interface ListenOptions {
  readonly server: {
    handle(request: HttpRequest): Promise<HttpAnswer>
    giveBack?(chunk: Uint8Array): void
    upgrade(upgrade: HttpUpgrade): Promise<HttpAnswer | undefined>
  }
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM. Client certificates are asked for, and count when `clientCa` signed them, or `frontProxyCa` as those of proxies. */
  readonly tls: { readonly key: string; readonly cert: string } & Authorities
  readonly clock: Clock
  readonly logger: Logger
}

export interface Listening {
  readonly port: number
  /** For certificates that were renewed, and for other authorities; connections that are there go on. */
  setCertificate(tls: ListenOptions['tls']): void
  /** No new connections; watches end, other answers are finished within a few seconds, then connections are cut. */
  close(): Promise<void>
}

/** What both versions of the protocol need. */
export interface Transport {
  readonly options: ListenOptions
  readonly bodies: OpenBodies
  readonly peerOf: PeerLookup
  readonly buffers: WriteBuffers
  /** Runs it at the end of the turn. */
  readonly soon: (run: () => void) => void
  /** The value of the Date header. */
  readonly date: () => string
}

/** HTTPS with h2 and http/1.1 by ALPN on one port. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, tls, logger } = options
  // A connection is judged by the authorities that there were when TLS verified it.
  const peers = new WeakMap<TLSSocket, PeerLookup>()
  let peerOf = createPeerLookup(tls)
  const transport: Transport = {
    options,
    bodies: createOpenBodies(),
    peerOf: socket => (peers.get(socket) ?? peerOf)(socket),
    buffers: createWriteBuffers(transportLimits.h2.ahead_bytes + 2 * defaultFrame_bytes, transportLimits.keptBuffers),
    soon: createEndOfTurn(options.clock),
    date: createHttpDate(options.clock),
  }
  const server = createServer({
    ...secureContext(tls),
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    // A pooled connection must not be closed by us while the client takes it for its next request.
    keepAliveTimeout: transportLimits.keepAlive_ms,
    maxHeaderSize: transportLimits.head_bytes,
  })
  const [serveHttp1] = server.listeners('secureConnection') as [(this: Server, socket: TLSSocket) => void]
  const sockets = new Set<TLSSocket>()
  const sessions = new Set<ServerSession>()
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', socket => {
    sockets.add(socket)
    peers.set(socket, peerOf)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    if (socket.alpnProtocol !== 'h2') return serveHttp1.call(server, socket)
    const session = serveHttp2(transport, socket)
    sessions.add(session)
    socket.on('close', () => sessions.delete(session))
  })
  answerPlainHttp(server)
  server.on('tlsClientError', error => logger.debug('TLS handshake failed', { error }))
  server.on('request', http1Listener(transport))
  server.on('upgrade', http1UpgradeListener(transport))
  await start(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate(renewed) {
      server.setSecureContext(secureContext(renewed))
      peerOf = createPeerLookup(renewed)
    },
    close: () => stop(server, transport, sessions, sockets),
  }
}

const secureContext = ({ key, cert, clientCa, frontProxyCa = '' }: ListenOptions['tls']) => ({
  key,
  cert,
  ca: frontProxyCa ? [clientCa, frontProxyCa] : clientCa,
})

function start(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

async function stop(
  server: Server,
  { options, bodies }: Transport,
  sessions: ReadonlySet<ServerSession>,
  sockets: ReadonlySet<TLSSocket>,
): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  bodies.end()
  for (const session of sessions) session.close()
  const cut = options.clock.setTimer(transportLimits.drain_ms, () => {
    for (const socket of sockets) socket.destroy()
  })
  await closed
  cut.cancel()
}
