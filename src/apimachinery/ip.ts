/** IP addresses and ranges of both families as numbers: parse, write, contain, count. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly value: bigint
}

export interface Cidr {
  /** As written; bits beyond the prefix may be set. */
  readonly address: IpAddress
  readonly prefixLength: number
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128)

/** Undefined where the text is no address; leading zeros and zones are refused, as in Go's netip. */
/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const longestAddress = 45

export function parseIp(text: string): IpAddress | undefined {
  if (text.length > longestAddress) return undefined
  const value = text.includes(':') ? parseV6(text) : parseV4(text)
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value }
}

/** An address of version 4 that is written as one of version 6. */
export const isMappedIp = ({ family, value }: IpAddress): boolean => family === 6 && value >> 32n === 0xffffn

/** As older releases read addresses: leading zeros mean nothing, and one mapped into version 6 is one of version 4. */
export function parseIpLeniently(text: string): IpAddress | undefined {
  const parsed = parseIp(text.includes('.') ? text.replace(leadingZeros, '$1') : text)
  return parsed && isMappedIp(parsed) ? { family: 4, value: parsed.value & 0xffffffffn } : parsed
}

const leadingZeros = /(^|[.:])0+(?=\d+(?:\.|$))/g

/** A range as older releases read it, mapped and with leading zeros; bits beyond the prefix may be set. */
export function parseCidrLeniently(text: string): Cidr | undefined {
  const [ip = '', length = '', ...more] = text.split('/')
  const address = more.length === 0 ? parseIpLeniently(ip) : undefined
  if (!address || !/^\d{1,4}$/.test(length)) return undefined
  const prefixLength = ip.includes(':') && address.family === 4 ? Number(length) - 96 : Number(length)
  return prefixLength >= 0 && prefixLength <= bitsOf(address.family) ? { address, prefixLength } : undefined
}

function parseV4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!match) return undefined
  let value = 0n
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseV6(text: string): bigint | undefined {
  const plain = withoutDottedTail(text)
  const halves = plain?.split('::')
  if (!halves || halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  // `::` stands for at least one group.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every(group => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

/** Writes the dotted end of `::ffff:10.0.0.1` as two groups. */
function withoutDottedTail(text: string): string | undefined {
  if (!text.includes('.')) return text
  const colon = text.lastIndexOf(':')
  const tail = parseV4(text.slice(colon + 1))
  return tail === undefined ? undefined : `${text.slice(0, colon + 1)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
}

/** The canonical form, RFC 5952 for version 6. */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')
  if (isMappedIp({ family, value })) return `::ffff:${formatIp({ family: 4, value: value & 0xffffffffn })}`
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  const { start, length } = longestZeros(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  groups.forEach((group, index) => {
    length = group === '0' ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  })
  return best
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (!address || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  const prefixLength = Number(length)
  return prefixLength <= bitsOf(address.family) ? { address, prefixLength } : undefined
}

/** The range in canonical form, bits beyond the prefix cleared: `10.42.0.0/24`. */
export const formatCidr = (cidr: Cidr): string => `${formatIp(networkAddress(cidr))}/${cidr.prefixLength}`

export function networkAddress({ address, prefixLength }: Cidr): IpAddress {
  const hostBits = BigInt(bitsOf(address.family) - prefixLength)
  return { family: address.family, value: (address.value >> hostBits) << hostBits }
}

export const cidrSize = ({ address, prefixLength }: Cidr): bigint => 1n << BigInt(bitsOf(address.family) - prefixLength)

export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  const hostBits = BigInt(bitsOf(cidr.address.family) - cidr.prefixLength)
  return cidr.address.family === address.family && cidr.address.value >> hostBits === address.value >> hostBits
}

export const cidrsOverlap = (a: Cidr, b: Cidr): boolean => cidrContains(a, networkAddress(b)) || cidrContains(b, networkAddress(a))

/** The nth address of a range, counted from its network address; undefined beyond its end. */
export function nthAddress(cidr: Cidr, index: number | bigint): IpAddress | undefined {
  const offset = BigInt(index)
  if (offset < 0n || offset >= cidrSize(cidr)) return undefined
  const network = networkAddress(cidr)
  return { family: network.family, value: network.value + offset }
}

/** The nth subnet of `prefixLength` within a range; undefined beyond its end. */
export function nthSubnet(cidr: Cidr, prefixLength: number, index: number | bigint): Cidr | undefined {
  if (prefixLength < cidr.prefixLength || prefixLength > bitsOf(cidr.address.family)) return undefined
  const size = 1n << BigInt(bitsOf(cidr.address.family) - prefixLength)
  const address = nthAddress(cidr, BigInt(index) * size)
  return address && { address, prefixLength }
}
