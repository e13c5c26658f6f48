import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Endpoint, EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import { planSlices } from './plan-slices.ts'

const endpoints = (first: number, count: number): Endpoint[] =>
  Array.from({ length: count }, (_, index) => ({
    addresses: [`10.0.${(first + index) >> 8}.${(first + index) & 255}`],
    conditions: { ready: true },
  }))
const ports = [{ name: '', port: 80, protocol: 'TCP' }]
const group = (all: Endpoint[]) => ({ addressType: 'IPv4' as const, ports, endpoints: all })
const slice = (name: string, all: Endpoint[], port = 80): EndpointSlice => ({
  metadata: { name },
  addressType: 'IPv4',
  ports: [{ name: '', port, protocol: 'TCP' }],
  endpoints: all,
})
const sizes = (slices: readonly { readonly endpoints?: readonly Endpoint[] }[]) => slices.map(one => one.endpoints?.length)
const plan = (existing: EndpointSlice[], wanted: Endpoint[]) => planSlices(existing, [group(wanted)], () => true)

it('puts at most a hundred endpoints into a slice', () => {
  assert.deepEqual(sizes(plan([], endpoints(0, 250)).create), [100, 100, 50])
})

it('writes nothing when nothing changed', () => {
  const made = plan([slice('a', endpoints(0, 100)), slice('b', endpoints(100, 20))], endpoints(0, 120))
  assert.deepEqual([made.create.length, made.update.length, made.remove.length], [0, 0, 0])
})

it('writes one slice for one more endpoint', () => {
  const made = plan([slice('a', endpoints(0, 100)), slice('b', endpoints(100, 20))], endpoints(0, 121))
  assert.deepEqual([made.create.length, made.update.map(one => one.metadata.name), sizes(made.update)], [0, ['b'], [21]])
})

it('removes slices that are empty or of other ports', () => {
  const made = plan([slice('a', endpoints(0, 1)), slice('b', endpoints(1, 1)), slice('c', endpoints(0, 1), 81)], endpoints(0, 1))
  assert.deepEqual(made.remove.map(one => one.metadata.name).sort(), ['b', 'c'])
  assert.equal(made.update.length, 0)
})
