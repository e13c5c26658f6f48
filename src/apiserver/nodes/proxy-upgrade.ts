import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { join } from '../proxy/index.ts'
import type { HttpUpgrade } from '../types.ts'
import type { KubeletClient, KubeletTarget } from './kubelet-client.ts'
import { readRefusal, unreachable } from './refusal.ts'

/**
 * Joins the client's connection with one to the kubelet: once both have switched protocols, bytes pass unchanged, so
 * that whatever the two agree on works. A kubelet that refuses is heard by the client in its own words, as upstream.
 */
export async function proxyUpgrade(kubelets: KubeletClient, target: KubeletTarget, upgrade: HttpUpgrade): Promise<void> {
  const { request, socket } = upgrade
  const upgraded = await kubelets.upgrade(target, request.method, forwardedHeaders(request.headers)).catch(error => {
    throw unreachable('error dialing backend', error)
  })
  if (upgraded.type === 'refused') return refuseAs(socket, upgraded.answer)
  join(upgrade, upgraded, error => kubelets.logger.debug('stream to a node: the connection broke', { path: target.path, error }))
}

const tokenProtocol = 'base64url.bearer.authorization.k8s.io.'

/** What the client says of the protocol it wants. Who it is stays here: the kubelet trusts the API server. */
function forwardedHeaders(headers: HttpUpgrade['request']['headers']): OutgoingHttpHeaders {
  const forwarded: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && isForwarded(name)) forwarded[name] = value
  const protocols = headers['sec-websocket-protocol']
  if (protocols === undefined) return forwarded
  const offered = [protocols]
    .flat()
    .flatMap(list => list.split(','))
    .map(one => one.trim())
  const kept = offered.filter(protocol => !protocol.startsWith(tokenProtocol))
  if (kept.length > 0) forwarded['sec-websocket-protocol'] = kept.join(', ')
  return forwarded
}

const forwardedNames = new Set(['connection', 'upgrade', 'user-agent', 'x-stream-protocol-version', 'content-length'])
const isForwarded = (name: string) => forwardedNames.has(name) || (name.startsWith('sec-websocket-') && name !== 'sec-websocket-protocol')

async function refuseAs(socket: Duplex, answer: IncomingMessage): Promise<void> {
  const body = await readRefusal(answer)
  const { statusCode, statusMessage, headers } = answer
  const accepted = [headers['x-accepted-stream-protocol-versions'] ?? []].flat()
  const lines = [
    `HTTP/1.1 ${statusCode} ${statusMessage}`,
    `Content-Type: ${headers['content-type'] ?? 'text/plain; charset=utf-8'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...accepted.map(version => `X-Accepted-Stream-Protocol-Versions: ${version}`),
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
