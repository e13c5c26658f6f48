import { X509Certificate } from 'node:crypto'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { Authenticator, Credentials } from '../types.ts'

const extraPrefix = 'x-remote-extra-'

/**
 * Proxies in front of the API server that have authenticated the user themselves and say so by headers. The headers
 * count only with a certificate of the authority of front proxies that has one of the allowed names.
 */
export function frontProxyAuthenticator(allowedNames: readonly string[]): Authenticator {
  return {
    async authenticate(credentials) {
      const { frontProxyCertificate, headers } = credentials
      if (!frontProxyCertificate || !headers['x-remote-user']) return undefined
      const name = commonName(new X509Certificate(frontProxyCertificate))
      return name !== undefined && allowedNames.includes(name) ? userOf(headers) : undefined
    },
  }
}

const commonName = ({ subject }: X509Certificate): string | undefined =>
  subject
    .split('\n')
    .findLast(line => line.startsWith('CN='))
    ?.slice(3)

function userOf(headers: Credentials['headers']): UserInfo | undefined {
  const [name] = valuesOf(headers['x-remote-user'])
  if (!name) return undefined
  const [uid] = valuesOf(headers['x-remote-uid'])
  const extra = Object.keys(headers)
    .filter(header => header.startsWith(extraPrefix))
    .map(header => [unescapeKey(header.slice(extraPrefix.length)), valuesOf(headers[header])] as const)
  return {
    name,
    groups: valuesOf(headers['x-remote-group']),
    ...(uid && { uid }),
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  }
}

const valuesOf = (value: string | string[] | undefined): readonly string[] => (value === undefined ? [] : [value].flat())

function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
