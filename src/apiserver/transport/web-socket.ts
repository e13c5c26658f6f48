import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { HttpUpgrade } from '../types.ts'
import { type AnswerStream, answerStreamOf } from './answer-stream.ts'

/** Names the client's token, not a protocol (upstream's WebSocket authentication). */
const tokenPrefix = 'base64url.bearer.authorization.k8s.io.'
/** How upstream sends bytes that go on: as they are where nothing is agreed on, or as text in base64. */
const base64Protocol = 'base64.binary.k8s.io'

/** What a client asks for that is asked for by WebSocket; undefined where it wants something else. */
export function offeredProtocols({ headers }: HttpUpgrade['request']): readonly string[] | undefined {
  if (String(headers.upgrade ?? '').toLowerCase() !== 'websocket') return undefined
  return String(headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map(protocol => protocol.trim())
    .filter(protocol => protocol !== '' && !protocol.startsWith(tokenPrefix))
}

/** Resolves with nothing where the handshake was wrong; it was answered then. */
export function acceptWebSocket({ request, socket, head }: HttpUpgrade, protocol: string): Promise<WebSocket | undefined> {
  return new Promise(resolve => {
    // Clients only end such a connection, so what they send need not be long.
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024, clientTracking: false })
    server.once('headers', headers => {
      if (protocol) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
    })
    server.once('wsClientError', (_error, refused) => {
      refused.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      resolve(undefined)
    })
    const { 'sec-websocket-protocol': _agreed, ...headers } = request.headers
    const incoming = { method: request.method, url: request.url, headers } as unknown as IncomingMessage
    server.handleUpgrade(incoming, socket, Buffer.from(head), resolve)
  })
}

/** A watch as messages: one for each frame, text for JSON, which ends each with a line feed, and binary for protobuf. */
export function frameStream(client: WebSocket, socket: Duplex, isText: boolean): AnswerStream {
  const split = isText ? splitLines : splitLengthDelimited
  return messageStream(client, socket, chunk => {
    for (const message of split(chunk)) client.send(message, { binary: !isText })
  })
}

/** Bytes as messages, as they come (logs). An empty one says that the stream is there. */
export function byteStream(client: WebSocket, socket: Duplex, protocol: string): AnswerStream {
  const inText = protocol === base64Protocol
  const send = (chunk: Uint8Array) =>
    inText ? client.send(Buffer.from(chunk).toString('base64'), { binary: false }) : client.send(chunk, { binary: true })
  send(new Uint8Array())
  return messageStream(client, socket, chunk => {
    if (chunk.length > 0) send(chunk)
  })
}

/** Of what the client offers, what bytes are sent in; undefined where there is nothing. */
export function byteProtocol(offered: readonly string[]): string | undefined {
  return offered.length === 0 ? '' : offered.find(protocol => protocol === 'binary.k8s.io' || protocol === base64Protocol)
}

const normalClosure = 1000

/** Messages are written to the connection at once, so it knows what has not gone. */
function messageStream(client: WebSocket, socket: Duplex, send: (chunk: Uint8Array) => void): AnswerStream {
  const connection = answerStreamOf(socket)
  // Who breaks the protocol is told so and loses the connection; nothing more is to be done.
  client.on('error', () => undefined)
  return {
    write(chunk) {
      if (client.readyState === client.OPEN) send(chunk)
    },
    get unsent() {
      return connection.unsent
    },
    onDrain: connection.onDrain,
    end: () => client.close(normalClosure),
    cut: () => client.terminate(),
    get isOpen() {
      return client.readyState === client.OPEN
    },
    onClose: listener => void client.on('close', listener),
  }
}

const lineFeed = 0x0a

function* splitLines(chunk: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < chunk.length; ) {
    const end = chunk.indexOf(lineFeed, start) + 1 || chunk.length
    yield chunk.subarray(start, end)
    start = end
  }
}

function* splitLengthDelimited(chunk: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  for (let start = 0; start < chunk.length; ) {
    const end = start + 4 + view.getUint32(start)
    yield chunk.subarray(start + 4, end)
    start = end
  }
}
