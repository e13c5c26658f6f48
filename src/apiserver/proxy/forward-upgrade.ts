import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from '../../base/logger.ts'
import { limits } from '../limits.ts'
import type { Outgoing } from '../outgoing/index.ts'
import type { HttpUpgrade } from '../types.ts'
import type { Forwarded } from './forward.ts'
import { withForwardedFor } from './headers.ts'

/**
 * Joins the client's connection with one to the other side: once both have switched protocols, bytes pass unchanged, so
 * that whatever the two agree on works. One that refuses is heard in its own words, and its connection ends with them.
 */
export async function forwardUpgrade(
  outgoing: Outgoing,
  { request, head, socket }: HttpUpgrade,
  { destination, path, headers }: Forwarded,
  logger: Logger,
): Promise<void> {
  const { method, peer, signal } = request
  const upgraded = await outgoing.upgrade(destination, { method, path, headers: withForwardedFor(headers, peer.address), signal })
  if (upgraded.type === 'refused') return refuseAs(socket, upgraded.answer)
  join({ socket, head }, upgraded, error => logger.debug('a connection that was handed on broke', { path, error }))
}

function formatHead({ httpVersion, statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let head = `HTTP/${httpVersion} ${statusCode} ${statusMessage}\r\n`
  for (let index = 0; index < rawHeaders.length; index += 2) head += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`
  return `${head}\r\n`
}

/** A refusal is an answer like any other; whatever follows it on the connection is nobody's. */
function refuseAs(socket: Duplex, answer: IncomingMessage): void {
  const { statusCode, statusMessage, headers } = answer
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || notInRefusal.has(name) ? [] : [value].flat().map(one => `${name}: ${one}`),
  )
  socket.write(`${[`HTTP/1.1 ${statusCode} ${statusMessage}`, ...kept, 'connection: close'].join('\r\n')}\r\n\r\n`)
  answer.pipe(socket)
  answer.on('error', () => socket.destroy())
  socket.on('close', () => answer.destroy())
}

// The end of the connection is the end of the text, so its length need not be said in another way.
const notInRefusal = new Set(['connection', 'transfer-encoding', 'keep-alive'])

/** A connection with what came on it behind its head. */
interface Begun {
  readonly socket: Duplex
  readonly head: Uint8Array
}

/** Each side ends with the other, and neither is read faster than the other takes it. */
export function join(client: Begun, other: Begun & { readonly answer: IncomingMessage }, failed: (error: Error) => void): void {
  for (const [one, another] of [
    [client.socket, other.socket],
    [other.socket, client.socket],
  ] as const) {
    one.on('error', failed)
    one.on('close', () => another.destroy())
  }
  relay(client.socket, other.socket, [client.head])
  relay(other.socket, client.socket, [Buffer.from(formatHead(other.answer)), other.head])
}

/**
 * Hands on piece by piece, each once the one before it is written: what came in a TLS record of its own leaves in one.
 * Clients that wait for the socket to become readable miss what TLS has decrypted already, as older ones in Python do.
 */
function relay(from: Duplex, to: Duplex, first: readonly Uint8Array[]): void {
  const waiting = first.filter(piece => piece.length > 0)
  let waiting_bytes = waiting.reduce((sum, piece) => sum + piece.length, 0)
  let writing = false
  let over = false
  const next = () => {
    const piece = waiting.shift()
    writing = piece !== undefined
    if (!piece) return over ? to.end() : undefined
    waiting_bytes -= piece.length
    if (waiting_bytes <= limits.unsentBytes) from.resume()
    to.write(piece, next)
  }
  from.on('data', (piece: Uint8Array) => {
    waiting.push(piece)
    waiting_bytes += piece.length
    if (waiting_bytes > limits.unsentBytes) from.pause()
    if (!writing) next()
  })
  from.on('end', () => {
    over = true
    if (!writing) next()
  })
  next()
}
