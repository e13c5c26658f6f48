import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { attributesOf, authenticate } from './authentication.ts'
import { NodeRequestError } from './containers.ts'
import { containerEnds } from './logs/container-ends.ts'
import { type NodeContext, serveRequest, serveUpgrade } from './routes.ts'
import { createUsageRates } from './stats/usage-rates.ts'
import { ProtocolError, StreamError } from './streams/upgrade.ts'
import type { NodeServer, NodeServerOptions } from './types.ts'

export async function startNodeServer(options: NodeServerOptions): Promise<NodeServer> {
  const { tls, logger } = options
  const context: NodeContext = {
    options,
    ends: containerEnds(options.runtime, options.clock, logger),
    rates: createUsageRates(),
  }
  const server = createServer({
    key: tls.key,
    cert: tls.certificate,
    ca: tls.clientAuthority,
    requestCert: true,
    // Whoever has no certificate may have a token; the answer to those without either is HTTP's.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    // Go's clients keep idle connections for 90 s and must not be the ones surprised by an end.
    keepAliveTimeout: 120_000,
    // A command is part of its URL, and scripts are long; as much as Go's servers take.
    maxHeaderSize: 1024 * 1024,
  })
  // Streams last as long as their users like.
  server.requestTimeout = 0
  const sockets = new Set<Duplex>()
  server.on('secureConnection', socket => {
    sockets.add(socket)
    socket.setKeepAlive(true, 30_000)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    answer(context, request, response).catch(error => failRequest(context, request, response, error))
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', error => logger.debug('serve a stream: its connection broke', { path: request.url, error }))
    upgrade(context, request, socket, head).catch(error => failUpgrade(context, request, socket, error))
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: ({ key, certificate, clientAuthority }) => server.setSecureContext({ key, cert: certificate, ca: clientAuthority }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function answer(context: NodeContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = await admit(context, request)
  await serveRequest(context, request, url, response)
}

async function upgrade(context: NodeContext, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const url = await admit(context, request)
  await serveUpgrade(context, { request, socket, head }, url)
}

/** Who is it, and may they. */
async function admit({ options }: NodeContext, request: IncomingMessage): Promise<URL> {
  const url = new URL(request.url ?? '/', 'https://node')
  const user = await authenticate(request, options)
  if (!user) throw new NodeRequestError(401, 'Unauthorized')
  const questions = attributesOf(request.method ?? 'GET', url.pathname, options.nodeName)
  for (const question of questions) if ((await options.authorize(user, question)).allowed) return url
  const { verb, subresource } = questions[0] as (typeof questions)[number]
  const asked = `user=${user.username}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}]`
  throw new NodeRequestError(403, `Forbidden (${asked})`)
}

function failRequest({ options }: NodeContext, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { status, text } = describe(error)
  if (status >= 500) options.logger.warn('serve a request to the node: it failed', { path: request.url, error })
  // After the head only a broken connection can say that the rest is missing.
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

function failUpgrade({ options }: NodeContext, request: IncomingMessage, socket: Duplex, error: unknown): void {
  const { status, text, headers } = describe(error)
  if (status >= 500) options.logger.warn('serve a stream of the node: it failed', { path: request.url, error })
  // What fails after the switch of protocols can't be told in HTTP any more.
  if (error instanceof StreamError) return void socket.destroy()
  // An invalid WebSocket handshake was answered by its library.
  if (socket.destroyed || socket.writableEnded) return
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Error'}`,
    ...headers,
    'Content-Type: text/plain; charset=utf-8',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
}

function describe(error: unknown): { status: number; text: string; headers: readonly string[] } {
  const text = error instanceof Error ? error.message : String(error)
  const status = error instanceof NodeRequestError ? error.status : 500
  const headers = error instanceof ProtocolError ? error.accepted.map(name => `X-Accepted-Stream-Protocol-Versions: ${name}`) : []
  return { status, text, headers }
}
