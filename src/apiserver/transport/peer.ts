import type { TLSSocket } from 'node:tls'
import type { Peer } from '../types.ts'

/** Who is at the other end of a connection, asked of TLS once for each. */
export type PeerLookup = (socket: TLSSocket) => Peer

export function createPeerLookup(): PeerLookup {
  const peers = new WeakMap<TLSSocket, Peer>()
  return socket => {
    let peer = peers.get(socket)
    if (!peer) {
      peer = readPeer(socket)
      peers.set(socket, peer)
    }
    return peer
  }
}

function readPeer(socket: TLSSocket): Peer {
  const address = socket.remoteAddress ?? ''
  const certificate = socket.getPeerCertificate()
  if (!certificate?.raw) return { address, clientCertificate: undefined }
  if (socket.authorized) return { address, clientCertificate: certificate.raw }
  return { address, clientCertificate: undefined, certificateError: String(socket.authorizationError) }
}
