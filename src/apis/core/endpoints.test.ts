import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, defaultCases } from '../testing/cases.ts'
import { endpointsKind } from './endpoints.ts'

const subset = { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }
const endpoints = { kind: endpointsKind, valid: { metadata: { name: 'web' }, subsets: [subset] } }
const withSubset = (change: object) => ({ subsets: [{ ...subset, ...change }] })
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

defaultCases(endpoints, [
  [{}, 'subsets.0.ports.0.protocol', 'TCP'],
  [withSubset({ ports: [{ port: 53, protocol: 'UDP' }] }), 'subsets.0.ports.0.protocol', 'UDP'],
])

createCases(endpoints, [
  ['no subsets', { subsets: null }],
  ['no addresses', withSubset({ addresses: [] }), 'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  ['only addresses that are not ready', withSubset({ addresses: [], notReadyAddresses: [{ ip: '10.0.0.1' }] })],
  [
    'no address',
    withSubset({ addresses: [{ ip: 'web' }] }),
    'subsets[0].addresses[0].ip: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'subsets[0].addresses[0].ip: Invalid value: "web": must be a valid IP address',
  ],
  [
    'loopback',
    withSubset({ addresses: [{ ip: '127.0.0.1' }] }),
    'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    'link-local, not ready',
    withSubset({ notReadyAddresses: [{ ip: 'fe80::1' }] }),
    'subsets[0].notReadyAddresses[0].ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ],
  [
    'multicast',
    withSubset({ addresses: [{ ip: '224.0.0.5' }] }),
    'subsets[0].addresses[0].ip: Invalid value: "224.0.0.5": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  ],
  [
    'unspecified',
    withSubset({ addresses: [{ ip: '::' }] }),
    'subsets[0].addresses[0].ip: Invalid value: "::": may not be unspecified (::)',
  ],
  [
    'host name',
    withSubset({ addresses: [{ ip: '10.0.0.1', hostname: 'A' }] }),
    `subsets[0].addresses[0].hostname: Invalid value: "A": ${label}`,
  ],
  ['two ports without names', withSubset({ ports: [{ port: 80 }, { port: 81, name: 'b' }] }), 'subsets[0].ports[0].name: Required value'],
  ['port name', withSubset({ ports: [{ port: 80, name: 'A' }] }), `subsets[0].ports[0].name: Invalid value: "A": ${label}`],
  [
    'port number',
    withSubset({ ports: [{ port: 0 }] }),
    'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [
    'protocol',
    withSubset({ ports: [{ port: 80, protocol: 'ICMP' }] }),
    'subsets[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
  ],
])

const row = (subsets: unknown) => cells(endpointsKind, { metadata: { name: 'web' }, subsets })[1]

test('Endpoints: the column shows three addresses', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', 'fd00::3', '10.0.0.4', '10.0.0.5'].map(ip => ({ ip }))
  assert.equal(row(undefined), '<none>')
  assert.equal(row([{ notReadyAddresses: addresses }]), '')
  assert.equal(row([{ addresses: addresses.slice(0, 1) }]), '10.0.0.1')
  assert.equal(row([{ addresses, ports: [{ port: 80 }] }]), '10.0.0.1:80,10.0.0.2:80,[fd00::3]:80 + 2 more...')
})

test('Endpoints: using them is warned of', () => {
  assert.match(endpointsKind.served[0]?.deprecationWarning ?? '', /^v1 Endpoints is deprecated in v1\.33\+/)
})
