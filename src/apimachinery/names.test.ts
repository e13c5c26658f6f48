import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as names from './names.ts'

type Rule = (value: string) => string[]

const valid: readonly (readonly [Rule, readonly string[]])[] = [
  [names.validateDnsSubdomain, ['a', 'a.b', 'example.com', '1-2.3', 'a'.repeat(253)]],
  [names.validateDnsLabel, ['a', 'my-name', '123', 'a'.repeat(63)]],
  [names.validateDns1035Label, ['a', 'my-name', 'abc-123']],
  [names.validateWildcardDnsSubdomain, ['*.example.com']],
  [names.validateQualifiedName, ['app', 'example.com/App', 'a_b.c-d', 'A'.repeat(63)]],
  [names.validateLabelValue, ['', 'v1.2_3', '12345']],
  [names.validatePortName, ['http', 'a-1', '1a']],
  [names.validateEnvVarName, ['A', 'a.b-c', '1', 'with space', '~', '!']],
  [names.validateConfigMapKey, ['a.b', '.hidden', '_', 'KEY-1']],
  [names.validateHttpHeaderName, ['X-Header-Name']],
  [names.validatePercentage, ['0%', '100%']],
  [names.validatePathSegmentName, ['system:node', 'a b', '...']],
  [names.validateIpAddress, ['10.0.0.1', '::', '2001:db8::1']],
  [names.validateCidr, ['10.0.0.0/8', '::/0', '10.9.8.7/32']],
]

test('valid values', () => {
  for (const [rule, values] of valid) for (const value of values) assert.deepEqual(rule(value), [], value)
})

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const namePart =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const invalid: readonly (readonly [Rule, string, readonly string[]])[] = [
  [names.validateDnsSubdomain, 'A', [subdomain]],
  [names.validateDnsSubdomain, '', [subdomain]],
  [names.validateDnsSubdomain, 'a'.repeat(254), ['must be no more than 253 bytes']],
  [names.validateDnsLabel, 'a.b', ['must not contain dots']],
  [names.validateDnsLabel, '-a', [label]],
  [names.validateDnsLabel, 'a'.repeat(64), ['must be no more than 63 bytes']],
  [
    names.validateDns1035Label,
    '1a',
    [
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [names.validateQualifiedName, '', ['name part must be non-empty', namePart]],
  [names.validateQualifiedName, '/a', ['prefix part must be non-empty']],
  [names.validateQualifiedName, 'A/a', [`prefix part ${subdomain}`]],
  [names.validateQualifiedName, 'a'.repeat(64), ['name part must be no more than 63 bytes']],
  [
    names.validateQualifiedName,
    'a/b/c',
    [`a qualified name ${namePart.slice('name part '.length)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
  ],
  [
    names.validateLabelValue,
    'a b',
    [
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [names.validatePortName, '123', ['must contain at least one letter (a-z)']],
  [names.validatePortName, 'a--b', ['must not contain consecutive hyphens']],
  [names.validatePortName, '-a', ['must not begin or end with a hyphen']],
  [names.validatePortName, 'a'.repeat(16), ['must be no more than 15 bytes']],
  [
    names.validatePortName,
    'A',
    ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)', 'must contain at least one letter (a-z)'],
  ],
  [names.validateEnvVarName, '', ['environment variable name must be non-empty']],
  [names.validateEnvVarName, 'a=b', ["a valid environment variable name must consist only of printable ASCII characters other than '='"]],
  [names.validateEnvVarName, 'é', ["a valid environment variable name must consist only of printable ASCII characters other than '='"]],
  [names.validateConfigMapKey, '.', ["must not be '.'"]],
  [names.validateConfigMapKey, '..', ["must not be '..'"]],
  [names.validateConfigMapKey, '..a', ["must not start with '..'"]],
  [
    names.validateConfigMapKey,
    'a/b',
    [
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
  [
    names.validateHttpHeaderName,
    'a b',
    [
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ],
  ],
  [names.validatePathSegmentName, '..', ["may not be '..'"]],
  [names.validatePathSegmentName, 'a/%', ["may not contain '/'", "may not contain '%'"]],
  [names.validateIpAddress, '1.2.3', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  [names.validateIpAddress, '10.01.0.1', ['must not have leading 0s']],
  [names.validateIpAddress, '::ffff:10.0.0.1', ['must not be an IPv4-mapped IPv6 address']],
  [names.validateCidr, '10.0.0.0', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
  [names.validateCidr, '10.0.0.1/8', ['must not have bits set beyond the prefix length']],
  [names.validateCidr, '010.0.0.0/8', ['must not have leading 0s in IP or prefix length']],
  [names.validateCidr, '::ffff:10.0.0.0/104', ['must not have an IPv4-mapped IPv6 address']],
  [names.validateCidr, '10.0.0.0/33', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
]

test('invalid values, with the messages', () => {
  for (const [rule, value, messages] of invalid) assert.deepEqual(rule(value), messages, value)
})

test('port numbers', () => {
  assert.deepEqual(
    [0, 65536, 1.5, -1].map(port => names.validatePortNumber(port)[0]),
    Array(4).fill('must be between 1 and 65535, inclusive'),
  )
  assert.deepEqual(names.validatePortNumber(65535), [])
})

test('a trailing dash is fine in generateName only', () => {
  const rule = names.asNameRule(names.validateDnsLabel)
  assert.deepEqual(rule('web-', true), [])
  assert.deepEqual(rule('web-', false), [label])
})
