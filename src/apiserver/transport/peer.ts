import type { TLSSocket } from 'node:tls'
import type { Peer } from '../types.ts'

/** Who is at the other end of a connection or session, asked of TLS once for each. */
export type PeerLookup = (connection: object, socketOf: () => TLSSocket) => Peer

export function createPeerLookup(): PeerLookup {
  const peers = new WeakMap<object, Peer>()
  return (connection, socketOf) => {
    let peer = peers.get(connection)
    if (!peer) {
      peer = readPeer(socketOf())
      peers.set(connection, peer)
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
