/**
 * The rules for names, labels, ports and the like, each as a function from a value to what is wrong with it, in
 * upstream's words. An empty list means the value is valid.
 */
import { formatCidr, formatIp, isMappedIp, networkAddress, parseCidr, parseCidrLeniently, parseIp, parseIpLeniently } from './ip.ts'

const emptyText = 'must be non-empty'
const tooLong = (length: number): string => `must be no more than ${length} bytes`
const outOfRange = (lowest: number, highest: number): string => `must be between ${lowest} and ${highest}, inclusive`

/** A pattern with the sentence that explains it; the sentence ends with examples and the pattern itself. */
interface Rule {
  readonly pattern: RegExp
  readonly message: string
}

function rule(explanation: string, pattern: string, ...examples: string[]): Rule {
  const example = examples.length ? `e.g. ${examples.map(one => `'${one}', `).join(' or ')}` : ''
  return { pattern: new RegExp(`^${pattern}$`), message: `${explanation} (${example}regex used for validation is '${pattern}')` }
}

const dnsLabelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const dnsSubdomainPattern = `${dnsLabelPattern}(\\.${dnsLabelPattern})*`
const qualifiedNamePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

const dnsLabel = rule(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  dnsLabelPattern,
  'my-name',
  '123-abc',
)
const dnsSubdomain = rule(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  dnsSubdomainPattern,
  'example.com',
)
const wildcardDnsSubdomain = rule(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${dnsSubdomainPattern}`,
  '*.example.com',
)
const dns1035Label = rule(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  'my-name',
  'abc-123',
)
const qualifiedName = rule(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualifiedNamePattern,
  'MyName',
  'my.name',
  '123-abc',
)
const labelValue = rule(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${qualifiedNamePattern})?`,
  'MyValue',
  'my_value',
  '12345',
)
const configMapKey = rule(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  'key.name',
  'KEY_NAME',
  'key-name',
)
const httpHeaderName = rule("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name')
const percentage = rule("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')

function check(value: string, { pattern, message }: Rule, maximum?: number): string[] {
  const errors: string[] = []
  if (maximum !== undefined && value.length > maximum) errors.push(tooLong(maximum))
  if (!pattern.test(value)) errors.push(message)
  return errors
}

export const validateDnsSubdomain = (value: string): string[] => check(value, dnsSubdomain, 253)
export const validateWildcardDnsSubdomain = (value: string): string[] => check(value, wildcardDnsSubdomain, 253)
export const validateDns1035Label = (value: string): string[] => check(value, dns1035Label, 63)

export function validateDnsLabel(value: string): string[] {
  const errors: string[] = []
  if (value.length > 63) errors.push(tooLong(63))
  if (!dnsLabel.pattern.test(value)) errors.push(dnsSubdomain.pattern.test(value) ? 'must not contain dots' : dnsLabel.message)
  return errors
}

/** The names of labels, annotations, resources, finalizers: `app`, `example.com/app`. */
export function validateQualifiedName(value: string): string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    return [`a qualified name ${qualifiedName.message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const name = parts.at(-1) as string
  const errors = parts.length === 2 ? validatePrefix(parts[0] as string) : []
  if (name.length === 0) errors.push(`name part ${emptyText}`)
  else if (name.length > 63) errors.push(`name part ${tooLong(63)}`)
  if (!qualifiedName.pattern.test(name)) errors.push(`name part ${qualifiedName.message}`)
  return errors
}

const validatePrefix = (prefix: string): string[] =>
  prefix === '' ? [`prefix part ${emptyText}`] : validateDnsSubdomain(prefix).map(error => `prefix part ${error}`)

export const validateLabelValue = (value: string): string[] => check(value, labelValue, 63)

export const validatePortNumber = (port: number): string[] =>
  Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : [outOfRange(1, 65535)]

/** The name of a container's port, as IANA has service names. */
export function validatePortName(value: string): string[] {
  const errors: string[] = []
  if (value.length > 15) errors.push(tooLong(15))
  if (!/^[-a-z0-9]+$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

/** Any printable ASCII but `=`. */
export function validateEnvVarName(value: string): string[] {
  if (value === '') return [`environment variable name ${emptyText}`]
  if (/^[ -<>-~]+$/.test(value)) return []
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

/** The keys of ConfigMaps and Secrets, which become file names. */
export function validateConfigMapKey(value: string): string[] {
  const errors = check(value, configMapKey, 253)
  if (value === '.') errors.push("must not be '.'")
  else if (value === '..') errors.push("must not be '..'")
  else if (value.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

export const validateHttpHeaderName = (value: string): string[] => check(value, httpHeaderName)
export const validatePercentage = (value: string): string[] => check(value, percentage)

/** The loosest rule for names, RBAC's: whatever can be one segment of a path. */
export function validatePathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return validatePathSegmentPrefix(value)
}

export const validatePathSegmentPrefix = (value: string): string[] =>
  ['/', '%'].filter(character => value.includes(character)).map(character => `may not contain '${character}'`)

/** User and group ids of containers. */
export const validateUserId = (id: number): string[] => (id >= 0 && id <= 2147483647 ? [] : [outOfRange(0, 2147483647)])

/** Forms that are read differently by different programs are refused: leading zeros, IPv4 mapped into IPv6. */
export function validateIpAddress(value: string): string[] {
  const parsed = parseIp(value)
  if (parsed) return isMappedIp(parsed) ? ['must not be an IPv4-mapped IPv6 address'] : []
  const lenient = parseIpLeniently(value)
  return [lenient ? 'must not have leading 0s' : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
}

/** An address in the one form that it has, for fields and names that never allowed another. */
export function validateCanonicalIp(value: string): string[] {
  const errors = validateIpAddress(value)
  const parsed = parseIp(value)
  return errors.length > 0 || !parsed || formatIp(parsed) === value
    ? errors
    : [`must be in canonical form (${JSON.stringify(formatIp(parsed))})`]
}

/** A range without bits beyond its prefix, and without forms that are read differently by different programs. */
export function validateCidr(value: string): string[] {
  const parsed = parseCidr(value)
  if (!parsed) {
    const text = parseCidrLeniently(value)
      ? 'must not have leading 0s in IP or prefix length'
      : 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
    return [text]
  }
  if (isMappedIp(parsed.address)) return ['must not have an IPv4-mapped IPv6 address']
  return networkAddress(parsed).value === parsed.address.value ? [] : ['must not have bits set beyond the prefix length']
}

export function validateCanonicalCidr(value: string): string[] {
  const errors = validateCidr(value)
  const parsed = parseCidr(value)
  const canonical = parsed && formatCidr(parsed)
  return errors.length > 0 || canonical === value ? errors : [`must be in canonical form (${JSON.stringify(canonical)})`]
}

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** `acme.io/foo`: a domain, and a path below it. Each text comes with the part that it is about. */
export function validateDomainPrefixedPath(value: string): readonly (readonly [part: string, text: string])[] {
  const slash = value.indexOf('/')
  const [domain, path] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)]
  if (domain === '' || path === '') return [[value, 'must be a domain-prefixed path (such as "acme.io/foo")']]
  const isPath = new RegExp(`^${httpPath}$`).test(path)
  return [
    ...validateDnsSubdomain(domain).map(text => [domain, text] as const),
    ...(isPath ? [] : [[path, `Invalid path (regex used for validation is '${httpPath}')`] as const]),
  ]
}

/**
 * Turns a rule for names into one for `generateName`: what will be appended is alphanumeric, so a trailing dash is fine.
 */
export const asNameRule =
  (validate: (value: string) => string[]) =>
  (name: string, prefix: boolean): string[] =>
    validate(prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name)
