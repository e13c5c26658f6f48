import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { Peer } from '../types.ts'

/** Who is at the other end of a connection, asked of TLS once for each. */
export type PeerLookup = (socket: TLSSocket) => Peer

/** PEM of those whose certificates TLS accepts: of users, and of proxies that speak for users. */
export interface Authorities {
  readonly clientCa: string
  readonly frontProxyCa?: string
}

export function createPeerLookup({ clientCa, frontProxyCa }: Authorities): PeerLookup {
  const peers = new WeakMap<TLSSocket, Peer>()
  const clients = certificatesIn(clientCa)
  const proxies = certificatesIn(frontProxyCa ?? '')
  return socket => {
    let peer = peers.get(socket)
    if (!peer) {
      peer = readPeer(socket, clients, proxies)
      peers.set(socket, peer)
    }
    return peer
  }
}

function readPeer(socket: TLSSocket, clients: readonly X509Certificate[], proxies: readonly X509Certificate[]): Peer {
  const address = socket.remoteAddress ?? ''
  const certificate = socket.getPeerCertificate(proxies.length > 0) as DetailedPeerCertificate
  if (!certificate?.raw) return { address, clientCertificate: undefined }
  if (!socket.authorized) return { address, clientCertificate: undefined, certificateError: String(socket.authorizationError) }
  if (proxies.length === 0) return { address, clientCertificate: certificate.raw }
  // A proxy's certificate makes nobody a user, whatever its names are.
  if (isFrom(certificate, proxies)) return { address, clientCertificate: undefined, frontProxyCertificate: certificate.raw }
  if (isFrom(certificate, clients)) return { address, clientCertificate: certificate.raw }
  return { address, clientCertificate: undefined, certificateError: 'nobody can tell whose authority signed it' }
}

/** By the end of the chain that TLS verified; a resumed session has no chain, and then the signature itself tells. */
function isFrom(certificate: DetailedPeerCertificate, authorities: readonly X509Certificate[]): boolean {
  const root = rootOf(certificate)
  if (authorities.some(({ raw }) => raw.equals(root.raw))) return true
  if (root !== certificate) return false
  const leaf = new X509Certificate(certificate.raw)
  return authorities.some(authority => leaf.checkIssued(authority) && leaf.verify(authority.publicKey))
}

/** The end of the chain names itself as its issuer. */
function rootOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  let current = certificate
  while (current.issuerCertificate && current.issuerCertificate !== current) current = current.issuerCertificate
  return current
}

const certificatesIn = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(one => new X509Certificate(one))
