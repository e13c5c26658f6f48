import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { HttpRequest } from '../types.ts'

/** Headers that are about one connection and go no further. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Who the client is, or says it is: that is between it and the API server. Some servers take `x_remote_user` for the same. */
function isCredential(header: string): boolean {
  const name = header.replaceAll('_', '-')
  return name === 'authorization' || name.startsWith('x-remote-') || name.startsWith('impersonate-') || name === 'http2-settings'
}

const tokenProtocol = 'base64url.bearer.authorization.k8s.io.'

type Headers = HttpRequest['headers']

/** What of a client's headers the other side is told. */
export function forwardedHeaders(headers: Headers): OutgoingHttpHeaders {
  const named = connectionOptions(headers)
  const forwarded: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':') || hopByHop.has(name) || named.has(name) || isCredential(name)) continue
    forwarded[name] = value
  }
  const [host] = [headers[':authority'] ?? headers.host].flat()
  if (host !== undefined) forwarded.host = host
  return withoutTokens(forwarded)
}

/** The same for a request that asks for the connection itself: then what it is to become goes along. */
export function forwardedUpgradeHeaders(headers: Headers): OutgoingHttpHeaders {
  const [upgrade] = [headers.upgrade].flat()
  return { ...forwardedHeaders(headers), connection: 'Upgrade', ...(upgrade !== undefined && { upgrade }) }
}

/** Headers that the Connection header names are as much about the connection as itself. */
const connectionOptions = ({ connection }: Headers): ReadonlySet<string> =>
  new Set([connection ?? []].flat().flatMap(value => value.split(',').map(name => name.trim().toLowerCase())))

// Browsers can't set headers on a WebSocket and put their token among its protocols.
function withoutTokens(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const protocols = headers['sec-websocket-protocol']
  if (typeof protocols !== 'string' || !protocols.includes(tokenProtocol)) return headers
  const kept = protocols
    .split(',')
    .map(protocol => protocol.trim())
    .filter(protocol => !protocol.startsWith(tokenProtocol))
  const { 'sec-websocket-protocol': _protocols, ...rest } = headers
  return kept.length > 0 ? { ...rest, 'sec-websocket-protocol': kept.join(', ') } : rest
}

/** Where the request comes from, as reverse proxies say it. */
export function withForwardedFor(headers: OutgoingHttpHeaders, address: string): OutgoingHttpHeaders {
  const before = headers['x-forwarded-for']
  const value = before === undefined ? address : `${[before].flat().join(', ')}, ${address}`
  return address === '' ? headers : { ...headers, 'x-forwarded-for': value }
}

/** What of the other side's headers the client is told. */
export function answeredHeaders({ headers }: IncomingMessage): Record<string, string | readonly string[]> {
  const named = connectionOptions(headers)
  const answered: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name) || named.has(name)) continue
    answered[name] = value
  }
  return answered
}
