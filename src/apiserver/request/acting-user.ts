import type { UserInfo } from '../../apimachinery/request.ts'
import { type AuditedRequest, sourceAddresses } from '../audit/index.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpRequest } from '../types.ts'
import { statusOf } from './answer.ts'
import type { Arrived } from './arrive.ts'
import { authenticate, headerOf } from './authenticate.ts'
import { impersonate, readImpersonation } from './impersonate.ts'

/** Who sends it, and as whom; from here on it is audited. */
export async function actingUser(room: ServerRoom, arrived: Arrived): Promise<UserInfo> {
  const { authenticators, authorizer, audit } = room
  const { request } = arrived
  const sender = await authenticate(request, authenticators, room.anonymous).catch(error => {
    audit?.refuseUnknown(auditedRequest(arrived), attemptedAuthentication(request), statusOf(error).code)
    throw error
  })
  if (audit) {
    arrived.audit = audit.begin(auditedRequest(arrived), sender)
    await arrived.audit?.received
  }
  const wanted = readImpersonation(request)
  if (!wanted) return sender
  const user = await impersonate(authorizer, sender, wanted)
  arrived.audit?.impersonate(user)
  return user
}

const auditedRequest = ({ request, attributes, auditId, receivedAt_ms }: Arrived): AuditedRequest => ({
  auditId,
  uri: request.url,
  attributes,
  sourceIPs: sourceAddresses(request),
  userAgent: headerOf(request, 'user-agent') ?? '',
  receivedAt_ms,
})

/** In upstream's words; of the credentials themselves nothing. */
function attemptedAuthentication(request: Omit<HttpRequest, 'body'>): string {
  const scheme = headerOf(request, 'authorization')?.split(' ', 1)[0]?.toLowerCase()
  const attempted = [
    ...(scheme === 'basic' || scheme === 'bearer' ? [scheme] : []),
    ...(request.peer.clientCertificate || request.peer.certificateError !== undefined ? ['x509'] : []),
  ]
  return attempted.length > 0
    ? `Authentication failed, attempted: ${attempted.join(', ')}`
    : 'Authentication failed, no credentials provided'
}
