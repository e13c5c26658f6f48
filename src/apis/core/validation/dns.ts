import { type FieldError, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain, validateIpAddress } from '../../../apimachinery/names.ts'
import type { HostAlias, PodDNSConfig } from '../pod-spec.ts'
import { each, invalid } from './rules.ts'

/** Limits of the C library's resolver. */
const mostNameservers = 3
const mostSearchPaths = 32
const longestSearchList = 2048

export function validateDnsConfig(config: PodDNSConfig | undefined, dnsPolicy: string | undefined, path: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (config === undefined) return [requiredField(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (!config.nameservers?.length) {
      return [requiredField(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
    }
  }
  const { nameservers = [], searches = [], options } = config ?? {}
  const errors: FieldError[] = []
  if (nameservers.length > mostNameservers) {
    errors.push(invalidField(`${path}.nameservers`, nameservers, `must not have more than ${mostNameservers} nameservers`))
  }
  errors.push(...each(nameservers, `${path}.nameservers`, (address, at) => invalid(at, address, validateIpAddress(address))))
  if (searches.length > mostSearchPaths) {
    errors.push(invalidField(`${path}.searches`, searches, `must not have more than ${mostSearchPaths} search paths`))
  }
  if (searches.join(' ').length > longestSearchList) {
    const why = `must not have more than ${longestSearchList} characters (including spaces) in the search list`
    errors.push(invalidField(`${path}.searches`, searches, why))
  }
  return [
    ...errors,
    ...each(searches, `${path}.searches`, validateSearch),
    ...each(options, `${path}.options`, ({ name }, at) => (name ? [] : [requiredField(at, 'must not be empty')])),
  ]
}

const searchLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const searchText = `${searchLabel}(\\.${searchLabel})*`
const searchDomain = new RegExp(`^${searchText}$`)
const searchProblem =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an " +
  `alphanumeric character (e.g. 'example.com', regex used for validation is '${searchText}')`

/** Search domains may have underscores, a dot at the end, or be the root. */
function validateSearch(given: string, path: string): FieldError[] {
  if (given === '.') return []
  const search = given.endsWith('.') ? given.slice(0, -1) : given
  const errors = search.length > 253 ? [invalidField(path, search, 'must be no more than 253 bytes')] : []
  return searchDomain.test(search) ? errors : [...errors, invalidField(path, search, searchProblem)]
}

export const validateHostAliases = (aliases: readonly HostAlias[] | undefined, path: string): FieldError[] =>
  each(aliases, path, ({ ip = '', hostnames }, at) => [
    ...invalid(`${at}.ip`, ip, validateIpAddress(ip)),
    ...each(hostnames, `${at}.hostnames`, (name, nameAt) => invalid(nameAt, name, validateDnsSubdomain(name))),
  ])
