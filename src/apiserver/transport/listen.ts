import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { HttpAnswer, HttpRequest, HttpUpgrade } from '../types.ts'
import { http1Listener, http1UpgradeListener } from './http1.ts'
import { http2Listener } from './http2.ts'
import { transportLimits } from './limits.ts'
import { createOpenBodies, type OpenBodies } from './open-bodies.ts'
import { createPeerLookup, type PeerLookup } from './peer.ts'

export interface ListenOptions {
  readonly server: {
    handle(request: HttpRequest): Promise<HttpAnswer>
    upgrade(upgrade: HttpUpgrade): Promise<void>
  }
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM. Client certificates are asked for, and count when `clientCa` signed them. */
  readonly tls: { readonly key: string; readonly cert: string; readonly clientCa: string }
  readonly clock: Clock
  readonly logger: Logger
}

export interface Listening {
  readonly port: number
  /** For certificates that were renewed; connections that are there go on. */
  setCertificate(tls: ListenOptions['tls']): void
  /** No new connections; watches end, other answers are finished within a few seconds, then connections are cut. */
  close(): Promise<void>
}

/** What both versions of the protocol need. */
export interface Transport {
  readonly options: ListenOptions
  readonly bodies: OpenBodies
  readonly peerOf: PeerLookup
}

/** HTTPS with h2 and http/1.1 by ALPN on one port. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, tls, logger } = options
  const transport: Transport = { options, bodies: createOpenBodies(), peerOf: createPeerLookup() }
  const server = createSecureServer({
    ...secureContext(tls),
    requestCert: true,
    rejectUnauthorized: false,
    allowHTTP1: true,
    maxSessionMemory: transportLimits.sessionMemoryMiB,
    settings: {
      maxConcurrentStreams: transportLimits.streamsPerSession,
      initialWindowSize: transportLimits.windowBytes,
      enablePush: false,
    },
    // A pooled connection must not be closed by us while the client takes it for its next request.
    http1Options: { keepAliveTimeout: transportLimits.keepAlive_ms },
  })
  const sockets = new Set<TLSSocket>()
  const sessions = new Set<ServerHttp2Session>()
  server.on('secureConnection', socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('session', session => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', error => logger.debug('h2 session ended', { error }))
  })
  server.on('tlsClientError', error => logger.debug('TLS handshake failed', { error }))
  server.on('sessionError', error => logger.debug('h2 session failed', { error }))
  server.on('request', http1Listener(transport))
  // Listening for requests also installs the compatibility layer for h2, which costs more than the streams themselves.
  server.removeAllListeners('stream')
  server.on('stream', http2Listener(transport))
  server.on('upgrade', http1UpgradeListener(transport))
  await start(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: renewed => server.setSecureContext(secureContext(renewed)),
    close: () => stop(server, transport, sessions, sockets),
  }
}

const secureContext = ({ key, cert, clientCa }: ListenOptions['tls']) => ({ key, cert, ca: clientCa })

function start(server: Http2SecureServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

async function stop(
  server: Http2SecureServer,
  { options, bodies }: Transport,
  sessions: ReadonlySet<ServerHttp2Session>,
  sockets: ReadonlySet<TLSSocket>,
): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  bodies.end()
  for (const session of sessions) session.close()
  const cut = options.clock.setTimer(transportLimits.drain_ms, () => {
    for (const session of sessions) session.destroy()
    for (const socket of sockets) socket.destroy()
  })
  await closed
  cut.cancel()
}
