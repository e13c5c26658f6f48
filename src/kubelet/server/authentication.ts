import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { NodeAttributes, NodeServerOptions, NodeUser } from './types.ts'

/** A client certificate that our authority signed, else a bearer token; undefined for nobody. */
export async function authenticate(request: IncomingMessage, options: NodeServerOptions): Promise<NodeUser | undefined> {
  const socket = request.socket as TLSSocket
  if (socket.authorized) {
    const { subject } = socket.getPeerCertificate()
    const username = oneOf(subject?.CN)
    if (username) return { username, groups: [...listOf(subject.O), 'system:authenticated'] }
  }
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return token === undefined ? undefined : options.authenticateToken(token)
}

/** What upstream's kubelet asks the authorizer for, from the finest right to the one that includes all. */
export function attributesOf(method: string, path: string, nodeName: string): readonly NodeAttributes[] {
  const verb = verbs[method] ?? method.toLowerCase()
  return [...(fineSubresource(path) ?? []), coarseSubresource(path)].map(subresource => ({
    verb,
    resource: 'nodes',
    subresource,
    name: nodeName,
    path,
  }))
}

const verbs: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

function coarseSubresource(path: string): string {
  if (isBelow(path, '/stats')) return 'stats'
  if (isBelow(path, '/metrics')) return 'metrics'
  if (isBelow(path, '/logs')) return 'log'
  return 'proxy'
}

function fineSubresource(path: string): readonly string[] | undefined {
  if (isBelow(path, '/healthz')) return ['healthz']
  if (path === '/pods' || path === '/runningpods/') return ['pods']
  if (path === '/configz') return ['configz']
  return undefined
}

/** Names that occur several times in a subject come as a list. */
const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value
const oneOf = (value: string | readonly string[] | undefined): string | undefined => listOf(value)[0]
