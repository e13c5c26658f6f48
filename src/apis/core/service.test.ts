import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { serviceKind } from './service.ts'

const valid = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }
const service = { kind: serviceKind, valid }
const spec = (change: object) => ({ spec: change })
const ports = (...given: object[]) => ({ spec: { ports: given } })
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const ipRule = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

defaultCases(service, [
  [{}, 'spec.type', 'ClusterIP'],
  [{}, 'spec.sessionAffinity', 'None'],
  [spec({ sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } }), 'spec.sessionAffinityConfig', undefined],
  [spec({ sessionAffinity: 'ClientIP' }), 'spec.sessionAffinityConfig', { clientIP: { timeoutSeconds: 10800 } }],
  [{}, 'spec.ports.0.protocol', 'TCP'],
  [{}, 'spec.ports.0.targetPort', 80],
  [ports({ port: 80, targetPort: 'http' }), 'spec.ports.0.targetPort', 'http'],
  [{}, 'spec.internalTrafficPolicy', 'Cluster'],
  [spec({ type: 'ExternalName', externalName: 'example.com' }), 'spec.internalTrafficPolicy', undefined],
  [{}, 'spec.externalTrafficPolicy', undefined],
  [spec({ externalIPs: ['192.0.2.1'] }), 'spec.externalTrafficPolicy', 'Cluster'],
  [spec({ type: 'NodePort' }), 'spec.externalTrafficPolicy', 'Cluster'],
  [spec({ type: 'LoadBalancer' }), 'spec.externalTrafficPolicy', 'Cluster'],
  [spec({ type: 'LoadBalancer' }), 'spec.allocateLoadBalancerNodePorts', true],
  [spec({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }), 'spec.allocateLoadBalancerNodePorts', false],
  [{}, 'status', { loadBalancer: {} }],
  [
    { ...spec({ type: 'LoadBalancer' }), status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'a.example' }] } } },
    'status.loadBalancer.ingress',
    [{ ip: '192.0.2.1', ipMode: 'VIP' }, { hostname: 'a.example' }],
  ],
])

createCases(service, [
  ['no ports', ports(), 'spec.ports: Required value'],
  ['headless without ports', spec({ clusterIP: 'None', ports: [] })],
  [
    'headless node port',
    spec({ type: 'NodePort', clusterIP: 'None' }),
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ],
  [
    'type',
    spec({ type: 'Magic' }),
    'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  ['external name without name', spec({ type: 'ExternalName' }), 'spec.externalName: Required value'],
  ['external name with a dot', spec({ type: 'ExternalName', externalName: 'db.example.com.' })],
  [
    'external name with addresses',
    spec({
      type: 'ExternalName',
      externalName: 'example.com',
      clusterIPs: ['10.43.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    }),
    'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
    'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
    'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
  ],
  ['several ports without names', ports({ port: 80 }, { port: 81, name: 'b' }), 'spec.ports[0].name: Required value'],
  ['port names', ports({ port: 80, name: 'a' }, { port: 81, name: 'a' }), 'spec.ports[1].name: Duplicate value: "a"'],
  ['port name', ports({ port: 80, name: 'A' }), `spec.ports[0].name: Invalid value: "A": ${label}`],
  [
    'port number',
    ports({ port: 70000 }),
    'spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
    'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    'protocol',
    ports({ port: 80, protocol: 'ICMP' }),
    'spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    'target port',
    ports({ port: 80, targetPort: -1 }),
    'spec.ports[0].targetPort: Invalid value: -1: must be between 1 and 65535, inclusive',
  ],
  [
    'the same port twice',
    ports({ port: 80, name: 'a' }, { port: 80, name: 'b' }),
    'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}',
  ],
  ['the same port with two protocols', ports({ port: 53, name: 'a' }, { port: 53, name: 'b', protocol: 'UDP' })],
  [
    'the same node port twice',
    spec({
      type: 'NodePort',
      ports: [
        { port: 80, name: 'a', nodePort: 30080 },
        { port: 81, name: 'b', nodePort: 30080 },
      ],
    }),
    'spec.ports[1].nodePort: Duplicate value: 30080',
  ],
  [
    'node port of a cluster service',
    ports({ port: 80, nodePort: 30080 }),
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [
    'affinity',
    spec({ sessionAffinity: 'Sticky' }),
    'spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"',
  ],
  [
    'affinity for too long',
    spec({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } }),
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
  ],
  ['cluster IP that is none', spec({ clusterIP: 'here' }), `spec.clusterIPs[0]: Invalid value: "here": ${ipRule}`],
  [
    'cluster IPs that differ',
    spec({ clusterIP: '10.43.0.1', clusterIPs: ['10.43.0.2'] }),
    'spec.clusterIPs: Invalid value: ["10.43.0.2"]: first value must match `clusterIP`',
  ],
  [
    'none and an address',
    spec({ clusterIP: 'None', clusterIPs: ['None', '10.43.0.2'] }),
    'spec.clusterIPs: Invalid value: ["None","10.43.0.2"]: \'None\' must be the first and only value',
  ],
  [
    'two of a family',
    spec({ clusterIP: '10.43.0.1', clusterIPs: ['10.43.0.1', '10.43.0.2'] }),
    'spec.clusterIPs: Invalid value: ["10.43.0.1","10.43.0.2"]: may specify no more than one IP for each IP family',
  ],
  [
    'an address of another family',
    spec({ clusterIP: '10.43.0.1', ipFamilies: ['IPv6'] }),
    'spec.clusterIPs[0]: Invalid value: "10.43.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
  ],
  [
    'three cluster IPs',
    spec({ clusterIP: '10.43.0.1', clusterIPs: ['10.43.0.1', 'fd00::1', 'fd00::2'] }),
    'spec.clusterIPs: Invalid value: ["10.43.0.1","fd00::1","fd00::2"]: may only hold up to 2 values',
  ],
  ['family', spec({ ipFamilies: ['IPv5'] }), 'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"'],
  ['family twice', spec({ ipFamilies: ['IPv4', 'IPv4'] }), 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
  [
    'family policy',
    spec({ ipFamilyPolicy: 'Some' }),
    'spec.ipFamilyPolicy: Unsupported value: "Some": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  ['external IP', spec({ externalIPs: ['x'] }), `spec.externalIPs[0]: Invalid value: "x": ${ipRule}`],
  [
    'loopback as external IP',
    spec({ externalIPs: ['127.0.0.1'] }),
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    'source ranges without load balancer',
    spec({ loadBalancerSourceRanges: ['10.0.0.0/8'] }),
    "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    'source range',
    spec({ type: 'LoadBalancer', loadBalancerSourceRanges: [' 10.0.0.0/8 ', 'x'] }),
    'spec.LoadBalancerSourceRanges[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    'source range with bits that it does not mean',
    spec({ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.1/8'] }),
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
  ],
  [
    'source ranges as annotation',
    { metadata: { annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8' } } },
    "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    'node ports of a load balancer that is none',
    spec({ allocateLoadBalancerNodePorts: true }),
    "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  ['class', spec({ loadBalancerClass: 'a/b' }), "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  [
    'external policy of an internal service',
    spec({ externalTrafficPolicy: 'Local' }),
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    'external policy',
    spec({ type: 'NodePort', externalTrafficPolicy: 'Far' }),
    'spec.externalTrafficPolicy: Unsupported value: "Far": supported values: "Cluster", "Local"',
  ],
  [
    'internal policy',
    spec({ internalTrafficPolicy: 'Far' }),
    'spec.internalTrafficPolicy: Unsupported value: "Far": supported values: "Cluster", "Local"',
  ],
  [
    'health check port',
    spec({ type: 'LoadBalancer', healthCheckNodePort: 30000 }),
    "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    'health check port of a local load balancer',
    spec({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30000 }),
  ],
  [
    'distribution',
    spec({ trafficDistribution: 'Far' }),
    'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
  ],
  ['distribution in a zone', spec({ trafficDistribution: 'PreferSameZone' })],
])

const allocated = {
  clusterIP: '10.43.0.9',
  clusterIPs: ['10.43.0.9'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
}
const stored = { kind: serviceKind, valid: { ...valid, spec: { ...valid.spec, ...allocated } } }
const nodePort = {
  kind: serviceKind,
  valid: { ...valid, spec: { ...stored.valid.spec, type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] } },
}
const loadBalancer = {
  kind: serviceKind,
  valid: {
    ...valid,
    spec: {
      ...nodePort.valid.spec,
      type: 'LoadBalancer',
      loadBalancerClass: 'example.com/a',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30001,
    },
  },
}
const dual = {
  kind: serviceKind,
  valid: {
    ...valid,
    spec: {
      ...valid.spec,
      clusterIP: '10.43.0.9',
      clusterIPs: ['10.43.0.9', 'fd00::9'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    },
  },
}

updateCases(stored, [
  ['without the address', spec({ clusterIP: null, clusterIPs: null })],
  ['of the address', spec({ clusterIP: '10.43.0.8' }), 'spec.clusterIPs[0]: Invalid value: ["10.43.0.8"]: may not change once set'],
  [
    'to another family',
    spec({ ipFamilies: ['IPv6'], clusterIP: null, clusterIPs: null }),
    'spec.clusterIPs[0]: Invalid value: "10.43.0.9": expected an IPv6 value as indicated by `ipFamilies[0]`',
    'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
  ],
  ['without families', spec({ ipFamilies: null, ipFamilyPolicy: null })],
  ['without address and families', spec({ clusterIP: null, clusterIPs: null, ipFamilies: null, ipFamilyPolicy: null })],
  ['to an external name', spec({ type: 'ExternalName', externalName: 'example.com' })],
  ['to a node port', spec({ type: 'NodePort' })],
])
updateCases(nodePort, [['to a cluster service', spec({ type: 'ClusterIP' })]])
updateCases(loadBalancer, [
  [
    'of the class',
    spec({ loadBalancerClass: 'example.com/b' }),
    'spec.loadBalancerClass: Invalid value: "example.com/b": may not change once set',
  ],
  ['of the health check port', spec({ healthCheckNodePort: 30002 }), 'spec.healthCheckNodePort: Forbidden: field is immutable'],
  ['to a cluster service', spec({ type: 'ClusterIP' })],
])
updateCases(dual, [
  ['to one family', spec({ ipFamilyPolicy: 'SingleStack', clusterIPs: ['10.43.0.9'], ipFamilies: ['IPv4'] })],
  [
    'to one family without saying so',
    spec({ clusterIPs: ['10.43.0.9'], ipFamilies: ['IPv4'] }),
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
  ],
])

test('Service: an update keeps what was allocated and drops what no longer applies', () => {
  const old = created(serviceKind, loadBalancer.valid)
  const again = updated(serviceKind, { ...valid, spec: { ...valid.spec, type: 'LoadBalancer', externalTrafficPolicy: 'Local' } }, old)
  const { clusterIP, clusterIPs, healthCheckNodePort } = again.spec ?? {}
  assert.deepEqual(
    [clusterIP, clusterIPs, healthCheckNodePort, again.spec?.ports?.[0]?.nodePort],
    ['10.43.0.9', ['10.43.0.9'], 30001, 30080],
  )
  const internal = updated(serviceKind, { ...old, spec: { ...old.spec, type: 'ClusterIP' } }, old)
  assert.deepEqual(Object.keys(internal.spec ?? {}).sort(), [
    'clusterIP',
    'clusterIPs',
    'internalTrafficPolicy',
    'ipFamilies',
    'ipFamilyPolicy',
    'ports',
    'selector',
    'sessionAffinity',
    'type',
  ])
  assert.equal(internal.spec?.ports?.[0]?.nodePort, undefined)
})

test('Service: a node port goes with the name of its port and to one port only', () => {
  const old = created(serviceKind, {
    ...nodePort.valid,
    spec: { ...nodePort.valid.spec, ports: [{ port: 80, name: 'a', nodePort: 30080 }] },
  })
  const renamed = updated(
    serviceKind,
    {
      ...old,
      spec: {
        ...old.spec,
        ports: [
          { port: 80, name: 'b', nodePort: 30080 },
          { port: 81, name: 'a' },
        ],
      },
    },
    old,
  )
  assert.deepEqual(
    renamed.spec?.ports?.map(port => port.nodePort),
    [30080, undefined],
  )
})

test('Service: a load balancer that wants no node ports keeps those it has until they are taken out', () => {
  const old = created(serviceKind, loadBalancer.valid)
  const write = (nodePort: number | undefined) => {
    const ports = [{ port: 80, nodePort }]
    return updated(serviceKind, { ...old, spec: { ...old.spec, allocateLoadBalancerNodePorts: false, ports } }, old).spec?.ports?.[0]
      ?.nodePort
  }
  assert.deepEqual([write(30080), write(undefined)], [30080, undefined])
})

test('Service: on create, clusterIPs follow clusterIP and the status is empty', () => {
  const object = created(serviceKind, {
    ...valid,
    spec: { ...valid.spec, clusterIP: 'None' },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
  })
  assert.deepEqual(object.spec?.clusterIPs, ['None'])
  assert.deepEqual(object.status, { loadBalancer: {} })
})

const ingress = (...given: object[]) => ({ status: { loadBalancer: { ingress: given } } })
statusCases(service, [
  [
    'ingress of a cluster service',
    ingress({ ip: '192.0.2.1' }),
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ],
])
statusCases(loadBalancer, [
  ['ingress', ingress({ ip: '192.0.2.1' }, { hostname: 'a.example' })],
  ['address', ingress({ ip: 'x' }), `status.loadBalancer.ingress[0].ip: Invalid value: "x": ${ipRule}`],
  [
    'mode',
    ingress({ ip: '192.0.2.1', ipMode: 'X' }),
    'status.loadBalancer.ingress[0].ipMode: Unsupported value: "X": supported values: "Proxy", "VIP"',
  ],
  [
    'mode without address',
    ingress({ hostname: 'a', ipMode: 'VIP' }),
    'status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set',
  ],
  [
    'address as host name',
    ingress({ hostname: '192.0.2.1' }),
    'status.loadBalancer.ingress[0].hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address',
  ],
])

test('Service: names are DNS labels', () => {
  assert.deepEqual(serviceKind.strategy.validateName?.('1-web', false), [])
  assert.equal(serviceKind.strategy.validateName?.('a.b', false).length, 1)
})

test('Service: columns', () => {
  const row = (spec: object, status?: object) => cells(serviceKind, { metadata: { name: 'web' }, spec, status })
  const port = { port: 80, protocol: 'TCP' }
  assert.deepEqual(row({ type: 'ClusterIP', clusterIP: '10.43.0.9', ports: [port], selector: { b: '2', a: '1' } }), [
    'web',
    'ClusterIP',
    '10.43.0.9',
    '<none>',
    '80/TCP',
    '<unknown>',
    'a=1,b=2',
  ])
  assert.deepEqual(row({ type: 'NodePort', ports: [{ ...port, nodePort: 30080 }, port], externalIPs: ['192.0.2.1'] }).slice(2, 5), [
    '<none>',
    '192.0.2.1',
    '80:30080/TCP,80/TCP',
  ])
  assert.equal(row({ type: 'LoadBalancer' })[3], '<pending>')
  assert.equal(
    row({ type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '192.0.2.2' }, { hostname: '192.0.2.1' }] } })[3],
    '192.0.2.1,192.0.2.2',
  )
  assert.deepEqual(row({ type: 'ExternalName', externalName: 'example.com' }).slice(2), [
    '<none>',
    'example.com',
    '<none>',
    '<unknown>',
    '<none>',
  ])
})
