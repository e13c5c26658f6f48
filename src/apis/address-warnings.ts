import {
  formatCidr,
  formatIp,
  isMappedIp,
  networkAddress,
  parseCidr,
  parseCidrLeniently,
  parseIp,
  parseIpLeniently,
} from '../apimachinery/ip.ts'

/** Addresses and ranges that are valid where they stand but written loosely; others are not warned of. */
export function ipWarnings(address: string, path: string): string[] {
  const lenient = parseIpLeniently(address)
  if (!lenient) return []
  const strict = parseIp(address)
  const canonical = quote(formatIp(lenient))
  if (!strict || isMappedIp(strict)) return [`${path}: non-standard IP address ${quote(address)} ${willBeInvalid}: use ${canonical}`]
  if (strict.family === 4 || formatIp(strict) === address) return []
  return [`${path}: IPv6 address ${quote(address)} should be in RFC 5952 canonical format (${canonical})`]
}

export function cidrWarnings(cidr: string, path: string): string[] {
  const lenient = parseCidrLeniently(cidr)
  if (!lenient) return []
  const warnings: string[] = []
  const canonical = quote(formatCidr(lenient))
  const { address } = lenient
  if (networkAddress(lenient).value !== address.value) {
    const single = quote(`${formatIp(address)}/${address.family === 4 ? 32 : 128}`)
    warnings.push(`${path}: CIDR value ${quote(cidr)} is ambiguous in this context (should be ${canonical} or ${single}?)`)
  }
  const strict = parseCidr(cidr)
  if (!strict || isMappedIp(strict.address)) {
    warnings.push(`${path}: non-standard CIDR value ${quote(cidr)} ${willBeInvalid}: use ${canonical}`)
  } else if (warnings.length === 0 && address.family === 6 && formatCidr(lenient) !== cidr) {
    warnings.push(`${path}: IPv6 CIDR value ${quote(cidr)} should be in RFC 5952 canonical format (${canonical})`)
  }
  return warnings
}

const willBeInvalid = 'will be considered invalid in a future Kubernetes release'
const quote = (text: string): string => JSON.stringify(text)
