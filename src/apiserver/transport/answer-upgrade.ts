import { STATUS_CODES } from 'node:http'
import type { HttpAnswer, HttpUpgrade } from '../types.ts'
import { type AnswerStream, answerStreamOf } from './answer-stream.ts'
import type { Transport } from './listen.ts'
import { acceptWebSocket, byteProtocol, byteStream, frameStream, offeredProtocols } from './web-socket.ts'
import { type SettledAnswer, settleAnswer, startPushedBody, writeChunks } from './write-body.ts'

/**
 * The usual answer to a request that asked for the connection: what goes on, a watch or a log, as messages where a WebSocket
 * was asked for; everything else as HTTP, after which the connection ends.
 */
export async function answerUpgrade(transport: Transport, upgrade: HttpUpgrade, answer: HttpAnswer): Promise<void> {
  const settled = await settleAnswer(answer, undefined)
  const offered = settled.status === 200 ? offeredProtocols(upgrade.request) : undefined
  const { body, headers } = settled
  if (offered === undefined || body === undefined || body instanceof Uint8Array) return answerPlainly(transport, upgrade, settled)
  const { socket } = upgrade
  const contentType = String(headers['content-type'])
  if ('start' in body) {
    const client = await acceptWebSocket(upgrade, offered[0] ?? '')
    return client && send(transport, frameStream(client, socket, contentType.startsWith('application/json')), body)
  }
  const protocol = byteProtocol(offered)
  // Lists come in pieces too, and are no streams.
  if (protocol === undefined || !contentType.startsWith('text/')) return answerPlainly(transport, upgrade, settled)
  const client = await acceptWebSocket(upgrade, protocol)
  return client && send(transport, byteStream(client, socket, protocol), body)
}

function answerPlainly(transport: Transport, { socket }: HttpUpgrade, { status, headers, body }: SettledAnswer): Promise<void> | void {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map(one => `${name}: ${one}`))
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${[...lines, 'connection: close'].join('\r\n')}\r\n\r\n`)
  if (body === undefined || body instanceof Uint8Array) socket.end(body)
  else return send(transport, answerStreamOf(socket), body)
}

function send(
  { bodies, options }: Transport,
  stream: AnswerStream,
  body: Exclude<SettledAnswer['body'], Uint8Array | undefined>,
): Promise<void> | void {
  if (!('start' in body)) return writeChunks(stream, body, options.clock.yield)
  stream.onClose(bodies.add(startPushedBody(stream, body)))
}
