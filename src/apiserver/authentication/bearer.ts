import type { Credentials } from '../types.ts'

/** Browsers can't set headers on a WebSocket, so the token may come as one of its protocols, in base64url. */
const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'

export function bearerTokenOf({ authorization, headers }: Credentials): string | undefined {
  const [, token] = /^bearer +(\S+)\s*$/i.exec(authorization ?? '') ?? []
  if (token !== undefined) return token
  const protocols = headers['sec-websocket-protocol']
  const offered = (typeof protocols === 'string' ? protocols : (protocols ?? []).join(',')).split(',').map(protocol => protocol.trim())
  const carrier = offered.find(protocol => protocol.startsWith(protocolPrefix))
  return carrier && Buffer.from(carrier.slice(protocolPrefix.length), 'base64url').toString('utf8')
}
