import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { systemClock, systemRandom } from '../../src/base/index.ts'
import { memoryAuthority } from '../../src/cluster/certificates.ts'

/** An extension API server with one resource, flunders, which believes only who shows a certificate of the front proxy. */
export interface ExtensionServer {
  readonly port: number
  /** PEM in base64. */
  readonly caBundle: string
  readonly requests: readonly { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }[]
  /** Sends an event to every watch that follows no list: an informer would lose what happens until it watches again. */
  emit(event: object): void
  /** While it is silent, watches are not told what happens, nor afterwards what happened. */
  silent: boolean
  close(): void
}

interface Flunder {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string }
}

const group = 'wardle.example.com'
const root = `/apis/${group}/v1alpha1`

export async function startExtensionServer(dnsNames: readonly string[], frontProxyAuthority: string): Promise<ExtensionServer> {
  const authority = await memoryAuthority({ clock: systemClock(), random: systemRandom() })
  const { certificate, key } = await authority.sign({ commonName: 'extension', dnsNames, addresses: [], usage: 'server' })
  const requests: { method: string; url: string; headers: IncomingMessage['headers'] }[] = []
  const watches = new Set<ServerResponse>()
  const informers = new WeakSet<ServerResponse>()
  const extension = { silent: false }
  let flunders: Flunder[] = []
  let revision = 1
  const tell = (type: string, object: object) => {
    if (extension.silent) return
    for (const watch of watches) watch.write(`${JSON.stringify({ type, object })}\n`)
  }
  const tls = { cert: certificate, key, ca: frontProxyAuthority, requestCert: true, rejectUnauthorized: false }
  const isTrusted = (request: IncomingMessage) => {
    const socket = request.socket as TLSSocket
    // Of a client that has gone, nothing is known any more.
    return socket.authorized && (socket.getPeerCertificate() as PeerCertificate | null)?.subject.CN === 'front-proxy-client'
  }
  const answer = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const { url = '', method = '' } = request
    const path = url.split('?')[0] ?? ''
    requests.push({ method, url, headers: request.headers })
    const json = (value: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (path === root) return json(resourceList)
    if (path === '/openapi/v3') return json({ paths: { [root.slice(1)]: { serverRelativeURL: `/openapi/v3${root}?hash=ABC` } } })
    if (path === `/openapi/v3${root}`)
      return json({ openapi: '3.0.0', info: { title: 'wardle', version: '1' }, paths: openApiPaths, components: { schemas: definitions } })
    if (path === '/openapi/v2')
      return json({ swagger: '2.0', info: { title: 'wardle', version: '1' }, paths: { [`${root}/`]: {} }, definitions })
    if (!isTrusted(request)) return json({ kind: 'Status', code: 401, message: 'who says so?' }, 401)
    if (path.endsWith('/redirect')) return response.writeHead(302, { location: 'https://elsewhere.example/' }).end()
    if (!path.includes('/flunders')) return json({ kind: 'Status', code: 404, reason: 'NotFound', message: 'no such thing' }, 404)
    const [, namespace, name] = /\/(?:namespaces\/([^/]+)\/)?flunders(?:\/([^/]+))?/.exec(path) ?? []
    const isMeant = ({ metadata }: Flunder) =>
      (namespace === undefined || metadata.namespace === namespace) && (name === undefined || metadata.name === name)
    const meant = flunders.filter(isMeant)
    if (method === 'POST') {
      const { metadata, ...rest } = JSON.parse(body)
      const uid = revision === 1 ? 'u' : `u${revision}`
      const made = { ...rest, metadata: { ...metadata, namespace, uid, resourceVersion: String(++revision) } }
      flunders.push(made)
      tell('ADDED', made)
      return json(made, 201)
    }
    if (name !== undefined && meant.length === 0)
      return json({ kind: 'Status', code: 404, reason: 'NotFound', message: `flunders "${name}" not found` }, 404)
    if (method === 'DELETE') {
      flunders = flunders.filter(one => !isMeant(one))
      for (const one of meant) tell('DELETED', { ...one, metadata: { ...one.metadata, resourceVersion: String(++revision) } })
      return json({ kind: 'Status', status: 'Success' })
    }
    if (name !== undefined && method === 'GET') return json(meant[0] as Flunder)
    if (!url.includes('watch='))
      return json({ kind: 'FlunderList', apiVersion: `${group}/v1alpha1`, metadata: { resourceVersion: String(revision) }, items: meant })
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    watches.add(response)
    if (url.includes('resourceVersion=')) informers.add(response)
    response.on('close', () => watches.delete(response))
  }
  const server = createServer(tls, (request, response) => {
    let body = ''
    request.on('data', part => {
      body += part
    })
    request.on('end', () => answer(request, response, body))
  })
  server.on('upgrade', (request, socket) => {
    if (!isTrusted(request)) return socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n${request.headers['x-remote-user']}`)
    socket.pipe(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(extension, {
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    requests,
    emit(event: object) {
      for (const watch of watches) if (!informers.has(watch)) watch.write(`${JSON.stringify(event)}\n`)
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  })
}

const resourceList = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/v1alpha1`,
  resources: [
    {
      name: 'flunders',
      singularName: 'flunder',
      namespaced: true,
      kind: 'Flunder',
      shortNames: ['fl'],
      verbs: ['create', 'delete', 'get', 'list', 'watch'],
    },
    { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
  ],
}

const kind = { group, kind: 'Flunder', version: 'v1alpha1' }

const openApiPaths = {
  [`${root}/namespaces/{namespace}/flunders`]: { get: { 'x-kubernetes-action': 'list', 'x-kubernetes-group-version-kind': kind } },
}

const definitions = {
  'com.example.wardle.Flunder': {
    type: 'object',
    description: 'A flunder.',
    properties: { spec: { type: 'object', description: 'What it is.' } },
    'x-kubernetes-group-version-kind': [kind],
  },
}
