import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, created, defaultCases, updateCases, updated } from '../testing/cases.ts'
import { endpointSliceKind } from './endpoint-slice.ts'

const endpoint = { addresses: ['10.0.0.1'] }
const slice = {
  kind: endpointSliceKind,
  valid: { metadata: { name: 'web-1' }, addressType: 'IPv4', endpoints: [endpoint], ports: [{ port: 80 }] },
}
const withEndpoint = (by: object) => ({ endpoints: [{ ...endpoint, ...by }] })
const many = (count: number, one: (index: number) => unknown) => Array.from({ length: count }, (_, index) => one(index))

defaultCases(slice, [
  [{}, 'ports.0.name', ''],
  [{}, 'ports.0.protocol', 'TCP'],
])

createCases(slice, [
  ['no address type', { addressType: null }, 'addressType: Required value'],
  ['address type', { addressType: 'IPv5' }, 'addressType: Unsupported value: "IPv5": supported values: "FQDN", "IPv4", "IPv6"'],
  ['too many endpoints', { endpoints: many(1001, () => endpoint) }, 'endpoints: Too many: 1001: must have at most 1000 items'],
  ['no addresses', withEndpoint({ addresses: [] }), 'endpoints[0].addresses: Required value: must contain at least 1 address'],
  [
    'too many addresses',
    withEndpoint({ addresses: many(101, index => `10.0.0.${index}`) }),
    'endpoints[0].addresses: Too many: 101: must have at most 100 items',
  ],
  [
    'another family',
    withEndpoint({ addresses: ['fd00::1'] }),
    'endpoints[0].addresses[0]: Invalid value: "fd00::1": must be an IPv4 address',
  ],
  ['IPv6', { addressType: 'IPv6', ...withEndpoint({ addresses: ['fd00::1'] }) }],
  ['IPv6 that is none', { addressType: 'IPv6' }, 'endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be an IPv6 address'],
  [
    'loopback',
    withEndpoint({ addresses: ['127.0.0.1'] }),
    'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  ['name', { addressType: 'FQDN', ...withEndpoint({ addresses: ['db.example.com'] }) }],
  [
    'name of one segment',
    { addressType: 'FQDN', ...withEndpoint({ addresses: ['db'] }) },
    'endpoints[0].addresses[0]: Invalid value: "db": should be a domain with at least two segments separated by dots',
  ],
  ['empty name', { addressType: 'FQDN', ...withEndpoint({ addresses: [''] }) }, 'endpoints[0].addresses[0]: Required value'],
  [
    'zones for too many',
    withEndpoint({ hints: { forZones: many(9, index => ({ name: `z${index}` })) } }),
    'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items',
  ],
  [
    'zone twice',
    withEndpoint({ hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }),
    'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
  ],
  [
    'node twice',
    withEndpoint({ hints: { forNodes: [{ name: 'a' }, { name: 'a' }] } }),
    'endpoints[0].hints.forNodes[1].name: Duplicate value: "a"',
  ],
  ['port name twice', { ports: [{ name: 'a' }, { name: 'a' }] }, 'ports[1].name: Duplicate value: "a"'],
  ['protocol', { ports: [{ protocol: 'ICMP' }] }, 'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
])

updateCases(slice, [
  ['of endpoints', { endpoints: [] }],
  ['of the type', { addressType: 'FQDN', endpoints: [] }, 'addressType: Invalid value: "FQDN": field is immutable'],
])

test('EndpointSlice: the generation counts changes of endpoints, ports and labels', () => {
  const old = created(endpointSliceKind, slice.valid)
  const generation = (by: object) => updated(endpointSliceKind, change(old, by), old).metadata.generation
  assert.equal(old.metadata.generation, 1)
  assert.deepEqual(
    [{ metadata: { annotations: { a: 'b' } } }, { endpoints: [] }, { ports: [] }, { metadata: { labels: { a: 'b' } } }].map(generation),
    [1, 2, 2, 2],
  )
})

test('EndpointSlice: old topology labels are not taken, and not lost', () => {
  const written = { ...slice.valid, endpoints: [{ ...endpoint, deprecatedTopology: { zone: 'a' } }] }
  const fresh = created(endpointSliceKind, written)
  assert.deepEqual(fresh.endpoints, [endpoint])
  assert.deepEqual(updated(endpointSliceKind, written, fresh).endpoints, [endpoint])
  assert.deepEqual(updated(endpointSliceKind, written, written as never).endpoints, written.endpoints)
})

test('EndpointSlice: columns', () => {
  const row = (by: object) => cells(endpointSliceKind, { metadata: { name: 'a' }, addressType: 'IPv4', ...by }).slice(1, 4)
  assert.deepEqual(row({}), ['IPv4', '<unset>', '<unset>'])
  const endpoints = [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.3', '10.0.0.4'] }]
  assert.deepEqual(row({ ports: [{ port: 80 }, { name: 'http' }, {}], endpoints }), [
    'IPv4',
    '80,http,*',
    '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...',
  ])
})
