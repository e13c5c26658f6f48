import { unauthorized } from '../../apimachinery/api-errors.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { AnonymousRule, Authenticator, HttpRequest } from '../types.ts'

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Who sends this request. Without credentials it is nobody in particular; with ones that nobody knows it is refused. */
export async function authenticate(
  request: Omit<HttpRequest, 'body'>,
  authenticators: readonly Authenticator[],
  rule: AnonymousRule,
): Promise<UserInfo> {
  const authorization = headerOf(request, 'authorization')
  const { clientCertificate, frontProxyCertificate } = request.peer
  const credentials = {
    clientCertificate,
    ...(frontProxyCertificate && { frontProxyCertificate }),
    authorization,
    headers: request.headers,
  }
  for (const authenticator of authenticators) {
    const user = await authenticator.authenticate(credentials)
    if (user) return withAuthenticatedGroup(user)
  }
  if (authorization !== undefined || request.peer.certificateError !== undefined) throw unauthorized()
  if (!rule.enabled || (rule.paths && !rule.paths.includes(request.url.split('?', 1)[0] ?? ''))) throw unauthorized()
  return anonymous
}

function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.groups.includes('system:authenticated') || user.groups.includes('system:unauthenticated')) return user
  return { ...user, groups: [...user.groups, 'system:authenticated'] }
}

export function headerOf(request: Pick<HttpRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(', ')
}
