import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { dialText } from '../outgoing/index.ts'
import { limits } from './limits.ts'

export interface KubeletClientOptions {
  /** PEM; with what the API server shows itself. */
  readonly clientCertificate: { readonly certificate: string; readonly key: string }
  /** PEM; who signs the certificates of kubelets. */
  readonly certificateAuthority: string
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Requests to the servers of kubelets, which fail with a text that names the address: each on a connection of its own,
 * which lasts as long as its stream.
 */
export interface KubeletClient {
  /** Resolves with the kubelet's answer, whatever it is. */
  get(target: KubeletTarget): Promise<IncomingMessage>
  /** Asks for the connection itself. */
  upgrade(target: KubeletTarget, method: string, headers: OutgoingHttpHeaders): Promise<KubeletUpgrade>
  readonly logger: Logger
}

export interface KubeletTarget {
  readonly host: string
  readonly port: number
  /** Path and query. */
  readonly path: string
  readonly signal: AbortSignal
  /** The client wants its log whoever it is that answers. */
  readonly skipVerification?: boolean
}

/** The connection, with what came behind the answer's head; or the answer of a kubelet that refuses. */
export type KubeletUpgrade =
  | { readonly type: 'switched'; readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  | { readonly type: 'refused'; readonly answer: IncomingMessage }

export function createKubeletClient({ clientCertificate, certificateAuthority, clock, logger }: KubeletClientOptions): KubeletClient {
  let parsed: { readonly certificate: string; readonly context: SecureContext } | undefined
  // Parsed once, and again when the certificate was renewed.
  const secureContextOf = (): SecureContext => {
    const { certificate, key } = clientCertificate
    if (parsed?.certificate === certificate) return parsed.context
    const context = createSecureContext({ cert: certificate, key, ca: certificateAuthority, minVersion: 'TLSv1.2' })
    parsed = { certificate, context }
    return context
  }

  const open = ({ host, port, path, signal, skipVerification }: KubeletTarget, method: string, headers: OutgoingHttpHeaders) => {
    const request: RequestOptions & ConnectionOptions = {
      host,
      port,
      path,
      method,
      headers,
      signal,
      agent: false,
      secureContext: secureContextOf(),
      rejectUnauthorized: skipVerification !== true,
    }
    const outgoing = httpsRequest(request)
    giveUpConnecting(outgoing, clock, `${host}:${port}`)
    return outgoing
  }

  return {
    logger,
    get: target =>
      new Promise((resolve, reject) => {
        open(target, 'GET', {})
          .on('response', resolve)
          .on('error', error => reject(asDialError(error, target)))
          .end()
      }),
    upgrade: (target, method, headers) =>
      new Promise((resolve, reject) => {
        open(target, method, headers)
          .on('upgrade', (answer, socket, head) => resolve({ type: 'switched', answer, socket, head }))
          .on('response', answer => resolve({ type: 'refused', answer }))
          .on('error', error => reject(asDialError(error, target)))
          .end()
      }),
  }
}

/** A node that is off answers nothing, not even a refusal. */
function giveUpConnecting(outgoing: ClientRequest, clock: Clock, address: string): void {
  const timer = clock.setTimer(limits.connect_ms, () => outgoing.destroy(new Error(`dial tcp ${address}: i/o timeout`)))
  outgoing.on('close', () => timer.cancel())
  outgoing.on('socket', socket => socket.once('secureConnect', () => timer.cancel()))
}

function asDialError(error: Error & { readonly code?: string }, { host, port }: KubeletTarget): Error {
  const text = dialText(error, `${host}:${port}`)
  return text === undefined ? error : new Error(text, { cause: error })
}
