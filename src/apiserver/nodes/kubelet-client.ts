import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Logger } from '../../base/logger.ts'
import { type Destination, type Outgoing, type OutgoingUpgrade, urlOf } from '../outgoing/index.ts'

export interface KubeletClientOptions {
  readonly outgoing: Outgoing
  /** PEM; with what the API server shows itself. */
  readonly clientCertificate: { readonly certificate: string; readonly key: string }
  /** PEM; who signs the certificates of kubelets. */
  readonly certificateAuthority: string
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
  upgrade(target: KubeletTarget, method: string, headers: OutgoingHttpHeaders): Promise<OutgoingUpgrade>
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

export function createKubeletClient({ outgoing, clientCertificate, certificateAuthority, logger }: KubeletClientOptions): KubeletClient {
  const destinationOf = ({ skipVerification, ...address }: KubeletTarget): Destination => ({
    at: { url: urlOf('https', address) },
    clientCertificate,
    certificateAuthority,
    ...(skipVerification && { skipVerification }),
  })
  return {
    logger,
    get: target => outgoing.stream(destinationOf(target), { method: 'GET', path: target.path, signal: target.signal }),
    upgrade: (target, method, headers) =>
      outgoing.upgrade(destinationOf(target), { method, headers, path: target.path, signal: target.signal }),
  }
}
