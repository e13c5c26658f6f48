import type { Server } from 'node:https'
import type { Socket } from 'node:net'

/** In the words of Go's server, which people look up. */
const answer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'

/** Tells who forgot the s of https, instead of hanging up on them. Answers how many connections are at their beginning. */
export function answerPlainHttp(server: Server): { readonly shakingHands: number } {
  // What fails is the TLS socket, and it doesn't give away the connection below it, to which alone plain text can be written.
  const shakingHands = new Map<string, Socket>()
  server.on('connection', socket => {
    const address = addressOf(socket)
    shakingHands.set(address, socket)
    // Who hangs up before a handshake has no address any more by the time that it fails.
    socket.once('close', () => shakingHands.get(address) === socket && shakingHands.delete(address))
  })
  server.on('secureConnection', socket => shakingHands.delete(addressOf(socket)))
  server.on('tlsClientError', (error, failed) => {
    const address = addressOf(failed)
    const connection = shakingHands.get(address)
    shakingHands.delete(address)
    if (!connection || (error as NodeJS.ErrnoException).code !== 'ERR_SSL_HTTP_REQUEST') return
    connection.on('error', () => {})
    connection.end(answer, () => connection.destroy())
  })
  return {
    get shakingHands() {
      return shakingHands.size
    },
  }
}

const addressOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string => `${remoteAddress} ${remotePort}`
