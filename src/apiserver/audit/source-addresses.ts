import { isIP } from 'node:net'
import { headerOf } from '../request/authenticate.ts'
import type { HttpRequest } from '../types.ts'

/** Where a request says it comes from, and last where it does come from: all but the last may be invented. */
export function sourceAddresses(request: Pick<HttpRequest, 'headers' | 'peer'>): readonly string[] {
  const claimed = (headerOf(request, 'x-forwarded-for') ?? '').split(',').map(one => one.trim())
  const addresses = claimed.filter(one => isIP(one) !== 0)
  const real = headerOf(request, 'x-real-ip')?.trim() ?? ''
  if (isIP(real) !== 0 && !addresses.includes(real)) addresses.push(real)
  const peer = request.peer.address.replace(/^::ffff:(?=\d+\.)/, '')
  if (peer !== '' && addresses.at(-1) !== peer) addresses.push(peer)
  return addresses
}
