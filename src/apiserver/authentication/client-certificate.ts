import { X509Certificate } from 'node:crypto'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { Authenticator } from '../types.ts'

/** TLS has checked the certificate against the client authority: the common name is the user, organizations are groups. */
export function clientCertificateAuthenticator(): Authenticator {
  // A connection hands over the same bytes with each of its requests, and parsing them costs a hundred times a look-up.
  const known = new WeakMap<Uint8Array, UserInfo>()
  return {
    async authenticate({ clientCertificate }) {
      if (!clientCertificate) return undefined
      const cached = known.get(clientCertificate)
      if (cached) return cached
      const user = userOf(new X509Certificate(clientCertificate))
      if (user) known.set(clientCertificate, user)
      return user
    },
  }
}

/** Node prints a subject as one `NAME=value` a line, with backslashes before special characters. */
function userOf(certificate: X509Certificate): UserInfo | undefined {
  let name: string | undefined
  const groups: string[] = []
  for (const line of certificate.subject.split('\n')) {
    const separator = line.indexOf('=')
    const value = line.slice(separator + 1).replace(/\\(.)/g, '$1')
    if (line.startsWith('CN=')) name = value
    else if (line.startsWith('O=')) groups.push(value)
  }
  if (!name) return undefined
  const credential = `X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`
  return { name, groups, extra: { 'authentication.kubernetes.io/credential-id': [credential] } }
}
