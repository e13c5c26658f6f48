import { type Cidr, cidrContains, formatIp, type IpAddress, networkAddress, parseCidr, parseIp } from '../../ip.ts'
import { addRanges, type CostModel, fixedCost, scaleRange, traversalOf } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { CelFailure, type CelValue, OpaqueValue, sizeOf } from '../values.ts'

class IpValue extends OpaqueValue {
  override readonly typeName = 'net.IP'
  readonly address: IpAddress
  constructor(address: IpAddress) {
    super()
    this.address = address
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof IpValue && sameAddress(other.address, this.address)
  }
}

class CidrValue extends OpaqueValue {
  override readonly typeName = 'net.CIDR'
  readonly cidr: Cidr
  constructor(cidr: Cidr) {
    super()
    this.cidr = cidr
  }

  override equals(other: OpaqueValue): boolean {
    return (
      other instanceof CidrValue && sameAddress(other.cidr.address, this.cidr.address) && other.cidr.prefixLength === this.cidr.prefixLength
    )
  }
}

const sameAddress = (a: IpAddress, b: IpAddress): boolean => a.family === b.family && a.value === b.value
const addressOf = (value: CelValue | undefined): IpAddress => (value as IpValue).address
const cidrOf = (value: CelValue | undefined): Cidr => (value as CidrValue).cidr
const parsing = { cost: traversalOf(0) }
const one = { cost: fixedCost(1) }

/** Comparing addresses, of ranges also their lengths; a text is parsed first. The estimate knows only that there are 4 to 16 bytes. */
const containing = (isRange: boolean): CostModel => ({
  actual: ([, other]) => (isRange ? 3 : 1) + (typeof other === 'string' ? Math.ceil(sizeOf(other) * 0.1) : 0),
  estimate: ([, other]) => {
    const comparing = isRange ? { min: 3, max: 7 } : { min: 1, max: 4 }
    return { cost: other?.isText ? addRanges(comparing, scaleRange(other.size, 0.1)) : comparing }
  },
})

export const ipLibrary = [
  defineFunction('ip', ['(string) -> net.IP'], ([text]) => new IpValue(ipFrom(text as string)), parsing),
  defineFunction(
    'isIP',
    ['(string) -> bool', '(string, int) -> bool'],
    ([text, family]) => isIp(text as string, family as bigint),
    parsing,
  ),
  defineFunction('ip.isCanonical', ['(string) -> bool'], ([text]) => formatIp(ipFrom(text as string)) === text, {
    cost: traversalOf(0, 2),
  }),
  defineFunction('family', ['net.IP.() -> int'], ([ip]) => BigInt(addressOf(ip).family), one),
  defineFunction('isUnspecified', ['net.IP.() -> bool'], ([ip]) => addressOf(ip).value === 0n, one),
  defineFunction('isLoopback', ['net.IP.() -> bool'], ([ip]) => isWithin(addressOf(ip), '127.0.0.0/8', '::1/128'), one),
  defineFunction('isLinkLocalMulticast', ['net.IP.() -> bool'], ([ip]) => isWithin(addressOf(ip), '224.0.0.0/24', 'ff02::/16'), one),
  defineFunction('isLinkLocalUnicast', ['net.IP.() -> bool'], ([ip]) => isWithin(addressOf(ip), '169.254.0.0/16', 'fe80::/10'), one),
  defineFunction('isGlobalUnicast', ['net.IP.() -> bool'], ([ip]) => isGlobalUnicast(addressOf(ip)), one),
  defineFunction('string', ['(net.IP) -> string'], ([ip]) => formatIp(addressOf(ip)), one),
  defineFunction('cidr', ['(string) -> net.CIDR'], ([text]) => new CidrValue(cidrFrom(text as string)), parsing),
  defineFunction('isCIDR', ['(string) -> bool'], ([text]) => parseStrictCidr(text as string) !== undefined, parsing),
  defineFunction(
    'containsIP',
    ['net.CIDR.(net.IP) -> bool', 'net.CIDR.(string) -> bool'],
    ([range, ip]) => cidrContains(cidrOf(range), typeof ip === 'string' ? ipFrom(ip) : addressOf(ip)),
    { cost: containing(false) },
  ),
  defineFunction(
    'containsCIDR',
    ['net.CIDR.(net.CIDR) -> bool', 'net.CIDR.(string) -> bool'],
    ([range, other]) => {
      const inner = typeof other === 'string' ? cidrFrom(other) : cidrOf(other)
      return inner.prefixLength >= cidrOf(range).prefixLength && cidrContains(cidrOf(range), masked(inner).address)
    },
    { cost: containing(true) },
  ),
  defineFunction('ip', ['net.CIDR.() -> net.IP'], ([range]) => new IpValue(cidrOf(range).address), one),
  defineFunction('masked', ['net.CIDR.() -> net.CIDR'], ([range]) => new CidrValue(masked(cidrOf(range))), one),
  defineFunction('prefixLength', ['net.CIDR.() -> int'], ([range]) => BigInt(cidrOf(range).prefixLength), one),
  defineFunction('string', ['(net.CIDR) -> string'], ([range]) => formatCidr(cidrOf(range)), one),
]

function ipFrom(text: string): IpAddress {
  const problem = problemOf(text)
  if (typeof problem !== 'string') return problem
  throw new CelFailure(problem)
}

/** Addresses of version 4 in the form of version 6 are refused, and zones. */
function problemOf(text: string): IpAddress | string {
  const address = parseIp(text)
  if (text.includes('%')) return `IP address with zone value is not allowed: "${text}"`
  if (!address) return `IP Address "${text}" parse error during conversion from string: ParseAddr("${text}"): unable to parse IP`
  if (address.family === 6 && address.value >> 32n === 0xffffn) return `IPv4-mapped IPv6 address is not allowed: "${text}"`
  return address
}

function isIp(text: string, family: bigint | undefined): boolean {
  const address = problemOf(text)
  return typeof address !== 'string' && (family === undefined || BigInt(address.family) === family)
}

function cidrFrom(text: string): Cidr {
  const cidr = parseStrictCidr(text)
  if (cidr) return cidr
  throw new CelFailure(`network address parse error during conversion from string: netip.ParsePrefix("${text}"): no such prefix`)
}

function parseStrictCidr(text: string): Cidr | undefined {
  const [address = ''] = text.split('/')
  return typeof problemOf(address) === 'string' ? undefined : parseCidr(text)
}

const masked = (cidr: Cidr): Cidr => ({ ...cidr, address: networkAddress(cidr) })

const isWithin = (address: IpAddress, v4: string, v6: string): boolean =>
  cidrContains(parseCidr(address.family === 4 ? v4 : v6) as Cidr, address)

function isGlobalUnicast(address: IpAddress): boolean {
  const isBroadcast = address.family === 4 && address.value === 0xffffffffn
  return (
    address.value !== 0n &&
    !isBroadcast &&
    !isWithin(address, '127.0.0.0/8', '::1/128') &&
    !isWithin(address, '224.0.0.0/4', 'ff00::/8') &&
    !isWithin(address, '169.254.0.0/16', 'fe80::/10')
  )
}

const formatCidr = ({ address, prefixLength }: Cidr): string => `${formatIp(address)}/${prefixLength}`
