import { cidrContains, type IpAddress, parseCidr, parseIp } from '../../apimachinery/ip.ts'

/**
 * Whether the API server may be sent to an address by a client: nobody may use it to reach what only its own machine
 * or its own network segment can, such as a cloud's metadata.
 */
export function isAllowedAddress(text: string): boolean {
  const address = parseIp(text)
  return address !== undefined && !special.some(range => cidrContains(range, unmapped(address)))
}

/** An address of IPv4 in the clothes of IPv6 is the address of IPv4. */
function unmapped({ family, value }: IpAddress): IpAddress {
  return family === 6 && value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family, value }
}

const special = [
  '0.0.0.0/32',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
].flatMap(text => parseCidr(text) ?? [])
