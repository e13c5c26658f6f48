import { type FieldError, invalidField, requiredField } from '../apimachinery/field-error.ts'
import { cidrContains, parseCidr, parseIpLeniently } from '../apimachinery/ip.ts'
import { validateCidr, validateDnsLabel, validateDnsSubdomain, validateIpAddress } from '../apimachinery/names.ts'
import { invalid } from './core/validation/rules.ts'

/** Rules about addresses in Services, Endpoints and EndpointSlices. */

export type IpFamily = 'IPv4' | 'IPv6'

/** What stood in the field before may stay, however it is written: older releases were less strict. */
export const validateIp = (address: string, path: string, before: readonly string[] = []): FieldError[] =>
  before.includes(address) ? [] : invalid(path, address, validateIpAddress(address))
export const validateCidrField = (cidr: string, path: string, before: readonly string[] = []): FieldError[] =>
  before.includes(cidr) ? [] : invalid(path, cidr, validateCidr(cidr))

/** The family of a valid address, or of one that was valid in an older release. */
export const ipFamily = (address: string): IpFamily => (address.includes(':') && parseIpLeniently(address)?.family !== 4 ? 'IPv6' : 'IPv4')

export function validateIpOfFamily(address: string, family: IpFamily, path: string): FieldError[] {
  const isValid = validateIpAddress(address).length === 0 && ipFamily(address) === family
  return isValid ? [] : [invalidField(path, address, `must be an ${family} address`)]
}

/** Addresses through which traffic could reach the node itself, or every host of a link, are nobody's endpoint. */
export function validateNonSpecialIp(address: string, path: string): FieldError[] {
  const parsed = parseIpLeniently(address)
  if (parsed === undefined) return [invalidField(path, address, 'must be a valid IP address')]
  if (parsed.value === 0n) return [invalidField(path, address, `may not be unspecified (${address})`)]
  return specialRanges
    .filter(({ ranges }) => ranges.some(range => cidrContains(range, parsed)))
    .map(({ name, text }) => invalidField(path, address, `may not be in the ${name} range (${text})`))
}

const specialRanges = [
  { name: 'loopback', text: '127.0.0.0/8, ::1/128' },
  { name: 'link-local', text: '169.254.0.0/16, fe80::/10' },
  { name: 'link-local multicast', text: '224.0.0.0/24, ff02::/10' },
].map(range => ({ ...range, ranges: range.text.split(', ').flatMap(text => parseCidr(text) ?? []) }))

export function validateFullyQualifiedName(name: string, path: string): FieldError[] {
  if (name === '') return [requiredField(path)]
  const bare = name.endsWith('.') ? name.slice(0, -1) : name
  const messages = validateDnsSubdomain(bare)
  if (messages.length) return invalid(path, bare, messages)
  const labels = bare.split('.')
  if (labels.length < 2) return [invalidField(path, bare, 'should be a domain with at least two segments separated by dots')]
  return labels.flatMap(label => invalid(path, label, validateDnsLabel(label)))
}
