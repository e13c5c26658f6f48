import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { HttpRequest, HttpUpgrade } from '../types.ts'
import { answerStreamOf } from './answer-stream.ts'
import { answerUpgrade } from './answer-upgrade.ts'
import { readBody } from './body-reader.ts'
import { isIdentityHeader } from './identity-headers.ts'
import { transportLimits } from './limits.ts'
import type { Transport } from './listen.ts'
import { settleAnswer, startPushedBody, writeChunks } from './write-body.ts'

/** Requests over http/1.1. */
export function http1Listener(transport: Transport): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void answer(transport, request, response)
}

async function answer(transport: Transport, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { options, bodies } = transport
  const { clock } = options
  const gone = new AbortController()
  response.on('close', () => gone.abort(new Error('the client went away')))
  response.on('error', error => options.logger.debug('http/1.1 answer ended', { error }))
  const request: HttpRequest = {
    ...headOf(transport, incoming, gone.signal),
    body: maximumBytes =>
      readBody(incoming, incoming.headers['content-length'], maximumBytes, expire => clock.setTimer(transportLimits.body_ms, expire)),
    stream: () => (isFramed(incoming) ? incoming : undefined),
  }
  try {
    const accepted = incoming.headers['accept-encoding']
    const { status, headers, body } = await settleAnswer(
      await options.server.handle(request),
      typeof accepted === 'string' ? accepted : undefined,
    )
    if (response.destroyed) return
    response.writeHead(status, headers as Record<string, string | string[]>)
    if (body === undefined) response.end()
    else if (body instanceof Uint8Array) response.end(body)
    else if ('start' in body) {
      response.flushHeaders()
      const forget = bodies.add(startPushedBody(answerStreamOf(response), body))
      response.on('close', forget)
    } else await writeChunks(answerStreamOf(response), body, options.clock.yield)
    incoming.resume()
  } catch (error) {
    options.logger.error(`answer ${request.method} ${request.url}: writing failed, the connection is cut`, { error })
    response.destroy()
  }
}

/** Only then does a body follow (RFC 9112, section 6.3). */
const isFramed = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

/** Requests to take the connection over. */
export function http1UpgradeListener(transport: Transport): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const { options } = transport
  return (incoming, socket, head) => {
    const gone = new AbortController()
    socket.on('close', () => gone.abort(new Error('the client went away')))
    socket.on('error', error => options.logger.debug('upgraded connection ended', { error }))
    const upgrade: HttpUpgrade = { request: headOf(transport, incoming, gone.signal), head, socket }
    const open = async () => {
      const answer = await options.server.upgrade(upgrade)
      if (answer) await answerUpgrade(transport, upgrade, answer)
    }
    open().catch(error => {
      options.logger.error(`upgrade ${incoming.url}: failed, the connection is cut`, { error })
      socket.destroy()
    })
  }
}

function headOf({ peerOf }: Transport, incoming: IncomingMessage, signal: AbortSignal): Omit<HttpRequest, 'body'> {
  const { socket } = incoming
  const peer = peerOf(socket as TLSSocket)
  return { method: incoming.method ?? 'GET', url: pathOf(incoming.url ?? '/'), headers: headersOf(incoming), peer, signal }
}

/** A client may name the server in front of the path (RFC 9112, section 3.2.2). */
const pathOf = (target: string): string => (target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*\/?/i, '/'))

/** Node joins what was sent several times. */
function headersOf(incoming: IncomingMessage): HttpRequest['headers'] {
  const { headers } = incoming
  if (headers['x-remote-user'] === undefined && headers['impersonate-user'] === undefined) return headers
  const repeated = Object.entries(incoming.headersDistinct).filter(([name, values = []]) => isIdentityHeader(name) && values.length > 1)
  return { ...headers, ...Object.fromEntries(repeated) }
}
