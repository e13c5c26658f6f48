import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validateCidrField, validateIp } from './address-rules.ts'
import { cidrWarnings, ipWarnings } from './address-warnings.ts'

const future = 'will be considered invalid in a future Kubernetes release'

test('addresses that are written loosely', () => {
  const cases: readonly (readonly [address: string, refused: string, ...warnings: string[]])[] = [
    ['192.12.2.2', ''],
    ['2001:db8::2', ''],
    ['192.012.2.2', 'must not have leading 0s', `at: non-standard IP address "192.012.2.2" ${future}: use "192.12.2.2"`],
    [
      '::ffff:192.12.2.2',
      'must not be an IPv4-mapped IPv6 address',
      `at: non-standard IP address "::ffff:192.12.2.2" ${future}: use "192.12.2.2"`,
    ],
    [
      '::ffff:c00c:0202',
      'must not be an IPv4-mapped IPv6 address',
      `at: non-standard IP address "::ffff:c00c:0202" ${future}: use "192.12.2.2"`,
    ],
    ['2001:db8:0:0::2', '', 'at: IPv6 address "2001:db8:0:0::2" should be in RFC 5952 canonical format ("2001:db8::2")'],
    ['nowhere', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ]
  for (const [address, refused, ...warnings] of cases) {
    assert.deepEqual(ipWarnings(address, 'at'), warnings, address)
    const errors = validateIp(address, 'at').map(({ message }) => message)
    assert.deepEqual(errors, refused ? [`Invalid value: "${address}": ${refused}`] : [], address)
    assert.deepEqual(validateIp(address, 'at', ['x', address]), [], address)
  }
})

test('ranges that are written loosely', () => {
  const cases: readonly (readonly [cidr: string, refused: string, ...warnings: string[]])[] = [
    ['192.12.2.0/24', ''],
    ['2001:db8::/64', ''],
    [
      '192.012.2.0/24',
      'must not have leading 0s in IP or prefix length',
      `at: non-standard CIDR value "192.012.2.0/24" ${future}: use "192.12.2.0/24"`,
    ],
    [
      '192.12.2.0/024',
      'must not have leading 0s in IP or prefix length',
      `at: non-standard CIDR value "192.12.2.0/024" ${future}: use "192.12.2.0/24"`,
    ],
    [
      '::ffff:192.12.2.0/120',
      'must not have an IPv4-mapped IPv6 address',
      `at: non-standard CIDR value "::ffff:192.12.2.0/120" ${future}: use "192.12.2.0/24"`,
    ],
    [
      '192.12.2.8/24',
      'must not have bits set beyond the prefix length',
      'at: CIDR value "192.12.2.8/24" is ambiguous in this context (should be "192.12.2.0/24" or "192.12.2.8/32"?)',
    ],
    ['2001:db8:0:0::/64', '', 'at: IPv6 CIDR value "2001:db8:0:0::/64" should be in RFC 5952 canonical format ("2001:db8::/64")'],
    ['192.12.2.0', 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ]
  for (const [cidr, refused, ...warnings] of cases) {
    assert.deepEqual(cidrWarnings(cidr, 'at'), warnings, cidr)
    const errors = validateCidrField(cidr, 'at').map(({ message }) => message)
    assert.deepEqual(errors, refused ? [`Invalid value: "${cidr}": ${refused}`] : [], cidr)
    assert.deepEqual(validateCidrField(cidr, 'at', [cidr]), [], cidr)
  }
})
