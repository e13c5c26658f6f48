import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, created, defaultCases, defaulted, statusCases, updateCases, updated } from '../testing/cases.ts'
import { ingressKind } from './ingress.ts'
import { ingressClassKind } from './ingress-class.ts'
import { ipAddressKind } from './ip-address.ts'
import { networkPolicyKind } from './network-policy.ts'
import { serviceCidrKind } from './service-cidr.ts'

const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomainPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const subdomainText = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainPattern}')`
const wildcardText = `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.${subdomainPattern}')`

const service = { name: 'web', port: { number: 80 } }
const rule = (path: object, host = 'example.com') => ({
  spec: { rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service }, ...path }] } }] },
})
const ingress = { kind: ingressKind, valid: { metadata: { name: 'web', namespace: 'default' }, ...rule({}) } }
const backend = 'spec.defaultBackend'
const ofBackend = (defaultBackend: object) => ({ spec: { defaultBackend } })

createCases(ingress, [
  ['empty', { spec: { rules: null } }, 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  ['a backend alone', { spec: { rules: null, defaultBackend: { service } } }],
  ['an address as host', rule({}, '10.0.0.1'), 'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  ['a wildcard', rule({}, '*.example.com')],
  ['a star elsewhere', rule({}, 'a.*.com'), `spec.rules[0].host: Invalid value: "a.*.com": ${wildcardText}`],
  ['host', rule({}, 'No'), `spec.rules[0].host: Invalid value: "No": ${subdomainText}`],
  ['no paths', { spec: { rules: [{ http: { paths: [] } }] } }, 'spec.rules[0].http.paths: Required value'],
  ['no type', rule({ pathType: undefined }), 'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
  [
    'an unknown type',
    rule({ pathType: 'Regex' }),
    'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
  ],
  ['a relative path', rule({ path: 'a' }), 'spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path'],
  ['no path', rule({ path: undefined, pathType: 'ImplementationSpecific' })],
  ['//', rule({ path: '/a//b' }), 'spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain \'//\''],
  ['an encoded slash', rule({ path: '/a%2Fb' }), 'spec.rules[0].http.paths[0].path: Invalid value: "/a%2Fb": must not contain \'%2F\''],
  ['a step back', rule({ path: '/a/..' }), 'spec.rules[0].http.paths[0].path: Invalid value: "/a/..": cannot end with \'/..\''],
  ['no backend', rule({ backend: {} }), 'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required'],
  [
    'two backends',
    ofBackend({ service, resource: { kind: 'Bucket', name: 'b' } }),
    `${backend}: Invalid value: "": cannot set both resource and service backends`,
  ],
  ['a resource', ofBackend({ resource: { apiGroup: 'example.com', kind: 'Bucket', name: 'b' } })],
  ['a resource without kind', ofBackend({ resource: { kind: '', name: 'b' } }), `${backend}.resource.kind: Required value`],
  [
    'a resource of no group',
    ofBackend({ resource: { apiGroup: '', kind: 'B', name: 'b' } }),
    `${backend}.resource.apiGroup: Invalid value: "": ${subdomainText}`,
  ],
  ['service name', ofBackend({ service: { ...service, name: '' } }), `${backend}.service.name: Required value`],
  ['bad service name', ofBackend({ service: { ...service, name: 'No' } }), `${backend}.service.name: Invalid value: "No": ${labelText}`],
  ['no port', ofBackend({ service: { name: 'web', port: {} } }), `${backend}: Required value: port name or number is required`],
  [
    'port by name and number',
    ofBackend({ service: { name: 'web', port: { name: 'http', number: 80 } } }),
    `${backend}: Invalid value: "": cannot set both port name & port number`,
  ],
  [
    'port number',
    ofBackend({ service: { name: 'web', port: { number: 70000 } } }),
    `${backend}.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive`,
  ],
  ['TLS', { spec: { tls: [{ hosts: ['*.example.com', 'a.com'], secretName: 's' }] } }],
  [
    'TLS hosts and secret',
    { spec: { tls: [{ hosts: ['No'], secretName: 'No' }] } },
    `spec.tls[0].hosts[0]: Invalid value: "No": ${subdomainText}`,
    `spec.tls[0].secretName: Invalid value: "No": ${subdomainText}`,
  ],
  ['class', { spec: { ingressClassName: 'No' } }, `spec.ingressClassName: Invalid value: "No": ${subdomainText}`],
  [
    'class and annotation',
    { metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } }, spec: { ingressClassName: 'b' } },
    'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
  ],
])

updateCases(ingress, [
  [
    'of the class beside the annotation',
    { metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } }, spec: { ingressClassName: 'b' } },
  ],
])

const address = 'status.loadBalancer.ingress[0]'
statusCases(ingress, [
  ['addresses', { status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { hostname: 'a.com' }] } } }],
  [
    'bad ones',
    { status: { loadBalancer: { ingress: [{ ip: '10.0.0', hostname: '10.0.0.1' }] } } },
    `${address}.ip: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
    `${address}.hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address`,
  ],
])

test('Ingress: generation and status', () => {
  const old = created(ingressKind, change(ingress.valid, { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } }))
  assert.deepEqual([old.metadata.generation, old.status], [1, {}])
  assert.equal(updated(ingressKind, change(old, { spec: { ingressClassName: 'a' } }), old).metadata.generation, 2)
  assert.equal(
    updated(ingressKind, change(old, { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } }), old).metadata.generation,
    1,
  )
})

test('Ingress: columns and the warning about its annotation', () => {
  assert.deepEqual(cells(ingressKind, ingress.valid), ['web', '<none>', 'example.com', '', '80', '<unknown>'])
  const hosts = ['a.com', 'b.com', 'c.com', 'd.com', 'e.com']
  const many = change(ingress.valid, {
    spec: { ingressClassName: 'x', rules: hosts.map(host => ({ host })), tls: [{}] },
    status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'x.com' }, { ip: '1.2.3.4' }] } },
  })
  assert.deepEqual(cells(ingressKind, many), ['web', 'x', 'a.com,b.com,c.com + 2 more...', '1.2.3.4,x.com', '80, 443', '<unknown>'])
  assert.equal(cells(ingressKind, change(ingress.valid, { spec: { rules: [{}] } }))[2], '*')
  const annotated = defaulted(ingressKind, change(ingress.valid, { metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } } }))
  const warning = `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`
  assert.deepEqual(ingressKind.strategy.warnings?.(annotated, undefined), [warning])
})

const ingressClass = { kind: ingressClassKind, valid: { metadata: { name: 'a' }, spec: { controller: 'example.com/ingress' } } }
const parameters = { kind: 'Settings', name: 's' }
const withParameters = (by: object) => ({ spec: { parameters: { ...parameters, ...by } } })

defaultCases(ingressClass, [
  [withParameters({}), 'spec.parameters.scope', 'Cluster'],
  [withParameters({ scope: 'Namespace' }), 'spec.parameters.scope', 'Namespace'],
])
createCases(ingressClass, [
  ['no controller', { spec: { controller: '' } }, 'spec.controller: Required value'],
  [
    'a controller without a path',
    { spec: { controller: 'example.com' } },
    'spec.controller: Invalid value: "example.com": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    'a controller that is no path',
    { spec: { controller: 'example.com/a b' } },
    "spec.controller: Invalid value: \"a b\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
  ],
  [
    'a long controller',
    { spec: { controller: `example.com/${'a'.repeat(250)}` } },
    'spec.controller: Too long: may not be more than 250 bytes',
  ],
  ['parameters', withParameters({ apiGroup: 'example.com', scope: 'Namespace', namespace: 'default' })],
  ['parameters without kind', withParameters({ kind: '' }), 'spec.parameters.kind: Required value'],
  ['parameters without name', withParameters({ name: '' }), 'spec.parameters.name: Required value'],
  [
    'scope',
    withParameters({ scope: 'World' }),
    'spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"',
  ],
  [
    'no namespace',
    withParameters({ scope: 'Namespace' }),
    "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
  ],
  [
    'a namespace too many',
    withParameters({ namespace: 'default' }),
    "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ],
])
updateCases(ingressClass, [
  ['of the parameters', withParameters({})],
  [
    'of the controller',
    { spec: { controller: 'example.com/other' } },
    'spec.controller: Invalid value: "example.com/other": field is immutable',
  ],
])
test('IngressClass: columns', () => {
  assert.deepEqual(cells(ingressClassKind, ingressClass.valid), ['a', 'example.com/ingress', '<none>', '<unknown>'])
  const one = change(ingressClass.valid, withParameters({ apiGroup: 'example.com' }))
  assert.equal(cells(ingressClassKind, one)[2], 'Settings.example.com/s')
})

const policy = { kind: networkPolicyKind, valid: { metadata: { name: 'p', namespace: 'default' }, spec: { podSelector: {} } } }
const fromPeer = (peer: object) => ({ spec: { ingress: [{ from: [peer] }] } })
const onPort = (port: object) => ({ spec: { egress: [{ ports: [port] }] } })
const block = 'spec.ingress[0].from[0].ipBlock'
const port = 'spec.egress[0].ports[0]'

defaultCases(policy, [
  [{}, 'spec.policyTypes', ['Ingress']],
  [onPort({}), 'spec.policyTypes', ['Ingress', 'Egress']],
  [{ spec: { policyTypes: ['Egress'] } }, 'spec.policyTypes', ['Egress']],
  [onPort({ port: 80 }), 'spec.egress.0.ports.0.protocol', 'TCP'],
])
createCases(policy, [
  ['selector', { spec: { podSelector: { matchLabels: { a: 'b' } } } }],
  [
    'bad selector',
    { spec: { podSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } } },
    'spec.podSelector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
  ],
  ['no peer', fromPeer({}), 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  [
    'a range and pods',
    fromPeer({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
    'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  ['pods of namespaces', fromPeer({ podSelector: {}, namespaceSelector: {} })],
  ['a range without some', fromPeer({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } })],
  ['no range', fromPeer({ ipBlock: { cidr: '' } }), `${block}.cidr: Required value`],
  [
    'bad range',
    fromPeer({ ipBlock: { cidr: '10.0.0.0' } }),
    `${block}.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
  ],
  [
    'bits beyond',
    fromPeer({ ipBlock: { cidr: '10.0.0.1/8' } }),
    `${block}.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`,
  ],
  [
    'leading zeros',
    fromPeer({ ipBlock: { cidr: '10.0.0.00/8' } }),
    `${block}.cidr: Invalid value: "10.0.0.00/8": must not have leading 0s in IP or prefix length`,
  ],
  [
    'without all',
    fromPeer({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8', '11.0.0.0/16'] } }),
    `${block}.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``,
    `${block}.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``,
  ],
  ['protocol', onPort({ protocol: 'ICMP' }), `${port}.protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`],
  ['port range', onPort({ port: 80, endPort: 90 })],
  [
    'port range backwards',
    onPort({ port: 80, endPort: 79 }),
    `${port}.endPort: Invalid value: 79: must be greater than or equal to \`port\``,
  ],
  ['end alone', onPort({ endPort: 79 }), `${port}.endPort: Invalid value: 79: may not be specified when \`port\` is not specified`],
  [
    'end after a name',
    onPort({ port: 'http', endPort: 79 }),
    `${port}.endPort: Invalid value: 79: may not be specified when \`port\` is non-numeric`,
  ],
  ['port number', onPort({ port: 0 }), `${port}.port: Invalid value: 0: must be between 1 and 65535, inclusive`],
  ['port name', onPort({ port: '80' }), `${port}.port: Invalid value: "80": must contain at least one letter (a-z)`],
  [
    'types',
    { spec: { policyTypes: ['Sideways'] } },
    'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Egress", "Ingress"',
  ],
  [
    'many types',
    { spec: { policyTypes: ['Ingress', 'Egress', 'Ingress'] } },
    'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
  ],
])
test('NetworkPolicy: generation, columns and warnings', () => {
  const old = created(networkPolicyKind, policy.valid)
  assert.equal(old.metadata.generation, 1)
  assert.equal(updated(networkPolicyKind, change(old, { spec: { policyTypes: ['Egress'] } }), old).metadata.generation, 2)
  assert.deepEqual(cells(networkPolicyKind, old), ['p', '<none>', '<unknown>'])
  const one = defaulted(networkPolicyKind, change(policy.valid, fromPeer({ ipBlock: { cidr: '2001:DB8::/64' } })))
  assert.deepEqual(networkPolicyKind.strategy.warnings?.(one, undefined), [
    `${block}.cidr: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")`,
  ])
})

const ip = {
  kind: ipAddressKind,
  valid: { metadata: { name: '10.43.0.9' }, spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } } },
}
createCases(ip, [
  ['no parent', { spec: { parentRef: null } }, 'spec.parentRef: Required value'],
  ['no resource', { spec: { parentRef: { resource: '' } } }, 'spec.parentRef.resource: Required value'],
  ['no name', { spec: { parentRef: { name: '' } } }, 'spec.parentRef.name: Required value'],
  ['group', { spec: { parentRef: { group: 'No' } } }, `spec.parentRef.group: Invalid value: "No": ${subdomainText}`],
  ['namespace', { spec: { parentRef: { namespace: 'a/b' } } }, 'spec.parentRef.namespace: Invalid value: "a/b": may not contain \'/\''],
])
updateCases(ip, [
  [
    'of the parent',
    { spec: { parentRef: { name: 'other' } } },
    'spec.parentRef: Invalid value: {"resource":"services","namespace":"default","name":"other"}: field is immutable',
  ],
])
test('IPAddress: names and columns', () => {
  const check = (name: string) => ipAddressKind.strategy.validateName?.(name, false)
  assert.deepEqual(check('10.43.0.9'), [])
  assert.deepEqual(check('2001:db8::1'), [])
  assert.deepEqual(check('2001:DB8:0::1'), ['must be in canonical form ("2001:db8::1")'])
  assert.deepEqual(check('10.43.0.09'), ['must not have leading 0s'])
  assert.deepEqual(check('web'), ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'])
  assert.deepEqual(cells(ipAddressKind, ip.valid), ['10.43.0.9', 'services/default/web', '<unknown>'])
  const other = change(ip.valid, { spec: { parentRef: { group: 'gateway.networking.k8s.io', resource: 'gateways' } } })
  assert.equal(cells(ipAddressKind, other)[1], 'gateways.gateway.networking.k8s.io/default/web')
})

const ranges = { kind: serviceCidrKind, valid: { metadata: { name: 'more' }, spec: { cidrs: ['10.44.0.0/24'] } } }
createCases(ranges, [
  ['none', { spec: { cidrs: [] } }, 'spec.cidrs: Required value: at least one CIDR required'],
  ['two families', { spec: { cidrs: ['10.44.0.0/24', '2001:db8::/64'] } }],
  [
    'three',
    { spec: { cidrs: ['10.44.0.0/24', '10.45.0.0/24', '10.46.0.0/24'] } },
    'spec.cidrs: Invalid value: {"cidrs":["10.44.0.0/24","10.45.0.0/24","10.46.0.0/24"]}: may only hold up to 2 values',
  ],
  [
    'two of one family',
    { spec: { cidrs: ['10.44.0.0/24', '10.45.0.0/24'] } },
    'spec.cidrs: Invalid value: ["10.44.0.0/24","10.45.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ],
  [
    'bits beyond',
    { spec: { cidrs: ['10.44.0.1/24'] } },
    'spec.cidrs[0]: Invalid value: "10.44.0.1/24": must not have bits set beyond the prefix length',
  ],
  [
    'another form',
    { spec: { cidrs: ['2001:DB8::/64'] } },
    'spec.cidrs[0]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")',
  ],
])
updateCases(ranges, [
  ['with one of the other family', { spec: { cidrs: ['10.44.0.0/24', '2001:db8::/64'] } }],
  ['of the range', { spec: { cidrs: ['10.45.0.0/24'] } }, 'spec.cidrs[0]: Invalid value: "10.45.0.0/24": field is immutable'],
  [
    'of the range and one more',
    { spec: { cidrs: ['10.45.0.0/24', '2001:db8::/64'] } },
    'spec.cidrs[0]: Invalid value: "10.45.0.0/24": field is immutable',
  ],
])
updateCases(
  { kind: serviceCidrKind, valid: change(ranges.valid, { spec: { cidrs: ['10.44.0.0/24', '2001:db8::/64'] } }) as typeof ranges.valid },
  [['to fewer', { spec: { cidrs: ['10.44.0.0/24'] } }, 'spec.cidrs: Invalid value: ["10.44.0.0/24"]: field is immutable']],
)
test('ServiceCIDR: columns', () => assert.deepEqual(cells(serviceCidrKind, ranges.valid), ['more', '10.44.0.0/24', '<unknown>']))
