import { formatCidr, formatIp, nthAddress, parseCidr } from '../apimachinery/ip.ts'

/** The address of the `kubernetes` service: the first of the (first) range after the network's own. */
export function firstServiceAddress(serviceCidr: string): string {
  const cidr = parseCidr(serviceCidr.split(',')[0] as string)
  const address = cidr && nthAddress(cidr, 1)
  if (!address) throw new Error(`service range ${serviceCidr} is no CIDR with room for a service`)
  return formatIp(address)
}

/** The range as objects have it, bits beyond the prefix cleared. */
export function canonicalRange(serviceCidr: string): string {
  const cidr = parseCidr(serviceCidr)
  if (!cidr) throw new Error(`service range ${serviceCidr} is no CIDR`)
  return formatCidr(cidr)
}
