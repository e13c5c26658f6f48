import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../apis/core/pod.ts'
import type { Service } from '../../apis/core/service.ts'
import type { Endpoint, EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { Claims } from './claims.ts'
import { targetsOf } from './endpoints.ts'
import { hostPortClaims } from './host-port-claims.ts'
import { serviceClaims } from './service-claims.ts'

const node = { name: 'node-1', zone: 'zone-1' }
const slice = (endpoints: readonly Endpoint[], ports: object[] = [{ name: '', port: 8080, protocol: 'TCP' }]): EndpointSlice => ({
  metadata: { name: 'web-1' },
  addressType: 'IPv4',
  ports: ports as EndpointSlice['ports'],
  endpoints,
})
const at = (last: number, conditions: object = { ready: true }, rest: object = {}): Endpoint => ({
  addresses: [`10.42.0.${last}`],
  conditions,
  nodeName: 'node-1',
  ...rest,
})
const terminating = { ready: false, serving: true, terminating: true }
const other = { nodeName: 'node-2' }

const selections: readonly (readonly [string, readonly Endpoint[], { cluster: number[]; local: number[] }])[] = [
  ['ready ones only', [at(2), at(3, { ready: false })], { cluster: [2], local: [2] }],
  ['unknown readiness counts as ready', [at(2, {}), at(3, { ready: false })], { cluster: [2], local: [2] }],
  ['terminating ones wait behind ready ones', [at(2), at(3, terminating)], { cluster: [2], local: [2] }],
  ['terminating ones that serve are the last resort', [at(2, terminating), at(3, { ready: false })], { cluster: [2], local: [2] }],
  ['terminating ones that do not serve are none', [at(2, { ready: false, serving: false, terminating: true })], { cluster: [], local: [] }],
  ['the last resort is chosen for this node alone, too', [at(2, { ready: true }, other), at(3, terminating)], { cluster: [2], local: [3] }],
  ['one address named twice counts once', [at(2), at(2)], { cluster: [2], local: [2] }],
  [
    'hints for this node',
    [at(2, {}, { hints: { forNodes: [{ name: 'node-1' }] } }), at(3, {}, { hints: { forNodes: [{ name: 'node-2' }] } })],
    { cluster: [2], local: [2, 3] },
  ],
  [
    'hints for this zone',
    [at(2, {}, { hints: { forZones: [{ name: 'zone-1' }] } }), at(3, {}, { hints: { forZones: [{ name: 'zone-2' }] } })],
    { cluster: [2], local: [2, 3] },
  ],
  [
    'hints that not all have are no hints',
    [at(2, {}, { hints: { forZones: [{ name: 'zone-1' }] } }), at(3)],
    { cluster: [2, 3], local: [2, 3] },
  ],
]
for (const [title, endpoints, expected] of selections)
  test(`endpoints: ${title}`, () => {
    const { cluster, local } = targetsOf({ port: 80 }, [slice(endpoints)], 4, node)
    const last = (targets: typeof cluster) => targets.map(({ address }) => Number(address.split('.')[3]))
    assert.deepEqual({ cluster: last(cluster), local: last(local) }, expected)
  })

test('endpoints: ports go by name and protocol, and may differ between slices', () => {
  const slices = [
    slice([at(2)], [{ name: 'http', port: 8080, protocol: 'TCP' }]),
    slice([at(3)], [{ name: 'http', port: 9090, protocol: 'TCP' }]),
  ]
  const places = (port: object) => targetsOf({ port: 80, ...port }, slices, 4, node).cluster.map(one => `${one.address}:${one.port}`)
  assert.deepEqual(places({ name: 'http' }), ['10.42.0.2:8080', '10.42.0.3:9090'])
  assert.deepEqual(places({ name: 'http', protocol: 'UDP' }), [])
  assert.deepEqual(places({ name: 'metrics' }), [])
})

const service = (spec: object, rest: object = {}): Service => ({
  metadata: { namespace: 'default', name: 'web', ...rest },
  spec: { type: 'ClusterIP', clusterIP: '10.43.0.5', clusterIPs: ['10.43.0.5'], ports: [{ port: 80, protocol: 'TCP' }], ...spec },
})
const textOf = (claims: Claims): string[] =>
  claims.elements.map(({ target, key, value }) => `${target} ${key}${value ? ` : ${value}` : ''}`)

const ignored: readonly (readonly [string, Service])[] = [
  ['headless', service({ clusterIP: 'None', clusterIPs: ['None'] })],
  ['without an address yet', service({ clusterIP: '', clusterIPs: [] })],
  ['an external name', service({ type: 'ExternalName', externalName: 'example.com' })],
  ['labelled headless', service({}, { labels: { 'service.kubernetes.io/headless': '' } })],
  ['meant for another proxy', service({}, { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } })],
]
for (const [title, one] of ignored)
  test(`a service that is ${title} claims nothing`, () => assert.deepEqual(textOf(serviceClaims(one, [slice([at(2)])], node)), []))

test('a service of both families claims addresses of each from slices of that family', () => {
  const dual = service({ clusterIPs: ['10.43.0.5', 'fd43::5'] })
  const six: EndpointSlice = { ...slice([{ addresses: ['fd42::2'], nodeName: 'node-2' }]), addressType: 'IPv6' }
  assert.deepEqual(textOf(serviceClaims(dual, [slice([at(2)]), six], node)), [
    'cluster-ips-4 10.43.0.5',
    'hairpin-4 10.42.0.2 . 10.42.0.2',
    'service-ips-4 10.43.0.5 . tcp . 80 : goto cluster-4-1',
    'endpoints-4-1 10.43.0.5 . tcp . 80 . 0 : 10.42.0.2 . 8080',
    'cluster-ips-6 fd43::5',
    'service-ips-6 fd43::5 . tcp . 80 : goto cluster-6-1',
    'endpoints-6-1 fd43::5 . tcp . 80 . 0 : fd42::2 . 8080',
  ])
})

test('a load balancer address with ipMode Proxy is not caught', () => {
  const one = {
    ...service({ type: 'LoadBalancer' }),
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'Proxy' }, { ip: '192.0.2.2' }] } },
  }
  const text = textOf(serviceClaims(one, [slice([at(2)])], node)).join('\n')
  assert.match(text, /service-ips-4 192\.0\.2\.2 /)
  assert.doesNotMatch(text, /192\.0\.2\.1/)
})

test('host ports: on every address or on one, of running pods with a network of their own', () => {
  const pod = (ports: object[], rest: object = {}, phase = 'Running'): Pod =>
    ({
      metadata: { namespace: 'default', name: 'web' },
      spec: { containers: [{ name: 'main', ports }], ...rest },
      status: { phase, podIPs: [{ ip: '10.42.0.2' }] },
    }) as unknown as Pod
  const port = { containerPort: 80, hostPort: 8080, protocol: 'TCP' }
  assert.deepEqual(textOf(hostPortClaims(pod([port]))), ['host-ports-4 tcp . 8080 : 10.42.0.2 . 80', 'hairpin-4 10.42.0.2 . 10.42.0.2'])
  assert.deepEqual(textOf(hostPortClaims(pod([{ ...port, hostIP: '192.0.2.1' }]))), [
    'host-address-ports-4 192.0.2.1 . tcp . 8080 : 10.42.0.2 . 80',
    'hairpin-4 10.42.0.2 . 10.42.0.2',
  ])
  assert.deepEqual(textOf(hostPortClaims(pod([port], { hostNetwork: true }))), [])
  assert.deepEqual(textOf(hostPortClaims(pod([port], {}, 'Succeeded'))), [])
  assert.deepEqual(textOf(hostPortClaims(pod([{ containerPort: 80 }]))), [])
})
