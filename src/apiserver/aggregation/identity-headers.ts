import type { OutgoingHttpHeaders } from 'node:http'
import type { UserInfo } from '../../apimachinery/request.ts'

/** How an extension server learns who sends a request; it believes these headers because of the certificate that they come with. */
export function identityHeaders({ name, uid, groups, extra = {} }: UserInfo): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { 'x-remote-user': name, 'x-remote-group': [...groups] }
  if (uid) headers['x-remote-uid'] = uid
  for (const [key, values] of Object.entries(extra)) headers[`x-remote-extra-${escapeKey(key)}`] = [...values]
  return headers
}

/** Keys may hold what names of headers may not. */
const escapeKey = (key: string): string =>
  key
    .toLowerCase()
    .replace(/[^a-z0-9!#$&'*+.^_`|~-]/g, character =>
      [...Buffer.from(character)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    )
