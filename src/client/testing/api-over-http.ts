import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { StatusError } from '../../apimachinery/api-errors.ts'
import type { ApiCall, ApiConnection, CallOptions } from '../../apimachinery/connection.ts'

/** Serves a connection over h2 without TLS on loopback, so that the client over the network meets a real server. */
export async function serveOverHttp(
  connection: ApiConnection,
): Promise<{ readonly url: string; readonly requests: Recorded[]; close(): Promise<void>; dropSessions(): void }> {
  const requests: Recorded[] = []
  const sessions = new Set<{ destroy(): void }>()
  const server: Http2Server = createServer()
  server.on('session', session => {
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    void readText(stream).then(body => {
      const recorded = {
        method: String(headers[':method']),
        path: String(headers[':path']),
        type: headers['content-type'],
        authorization: headers.authorization,
        body,
      }
      requests.push(recorded)
      return serve(connection, stream, recorded)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    dropSessions: () => {
      for (const session of sessions) session.destroy()
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
      }),
  }
}

export interface Recorded {
  readonly method: string
  readonly path: string
  readonly type: string | undefined
  readonly authorization: string | undefined
  readonly body: string
}

async function serve(connection: ApiConnection, stream: ServerHttp2Stream, recorded: Recorded): Promise<void> {
  const stop = new AbortController()
  stream.once('close', () => stop.abort(new Error('the client went away')))
  const call = { ...callOf(recorded), signal: stop.signal }
  try {
    if (call.verb !== 'watch') {
      answer(stream, 200, await connection.call(call))
      return
    }
    const events = connection.watch(call)[Symbol.asyncIterator]()
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    for (let next = await events.next(); !next.done; next = await events.next()) stream.write(`${JSON.stringify(next.value)}\n`)
    stream.end()
  } catch (error) {
    if (stream.destroyed) return
    const status = error instanceof StatusError ? error.status : { kind: 'Status', code: 500, message: String(error) }
    if (stream.headersSent) stream.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
    else answer(stream, status.code ?? 500, status)
  }
}

function answer(stream: ServerHttp2Stream, status: number, body: unknown): void {
  if (stream.destroyed) return
  stream.respond({ ':status': status, 'content-type': 'application/json' })
  stream.end(JSON.stringify(body))
}

function callOf({ method, path, body }: Recorded): ApiCall {
  const url = new URL(path, 'http://x')
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent)
  const [group = '', version = ''] = parts[0] === 'api' ? ['', parts[1]] : [parts[1], parts[2]]
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const namespace = rest[0] === 'namespaces' && rest.length > 2 ? rest[1] : undefined
  const [resource = '', name, subresource] = namespace === undefined ? rest : rest.slice(2)
  const query: Record<string, string> = Object.fromEntries(url.searchParams)
  const options = { ...query, ...(query.limit && { limit: Number(query.limit) }) } as CallOptions
  const verbs: Record<string, ApiCall['verb']> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
  const verb = verbs[method] ?? (query.watch ? 'watch' : name === undefined ? 'list' : 'get')
  return { verb, resource: { group, version, resource }, namespace, name, subresource, options, body: body ? JSON.parse(body) : undefined }
}

async function readText(stream: ServerHttp2Stream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
