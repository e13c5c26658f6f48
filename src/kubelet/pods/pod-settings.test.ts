import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../apis/core/pod.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import { cpuShares, oomScoreAdjust, podControlGroup, podLimits } from '../resources/control-group-values.ts'
import { qualityOfService } from '../resources/quality-of-service.ts'
import { admitPod } from './admission.ts'
import { parseResolverConfiguration, podDns } from './dns.ts'
import { podHostNames } from './hostname.ts'
import { hostNetworkHostsFile, podHostsFile } from './hosts-file.ts'

const podOf = (spec: Partial<PodSpec>): Pod => ({
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u' },
  spec: { containers: [{ name: 'main' }], ...spec },
})
const node = parseResolverConfiguration('# mine\nnameserver 9.9.9.9\ndomain old\nsearch corp.example. example\noptions timeout:2 ndots:1\n')
const settings = { clusterDns: ['10.43.0.10'], clusterDomain: 'cluster.local', node }
const cluster = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp.example', 'example']

for (const [name, spec, expected] of [
  ['ClusterFirst', {}, { servers: ['10.43.0.10'], searches: cluster, options: ['ndots:5'] }],
  ['ClusterFirst on the host network', { hostNetwork: true }, node],
  [
    'ClusterFirstWithHostNet',
    { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
    { servers: ['10.43.0.10'], searches: cluster, options: ['ndots:5'] },
  ],
  ['Default', { dnsPolicy: 'Default' }, node],
  [
    'None',
    {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] },
    },
    { servers: ['1.1.1.1'], searches: ['a'], options: ['ndots:2', 'edns0'] },
  ],
  [
    'ClusterFirst with more',
    { dnsConfig: { searches: ['cluster.local', 'more'], options: [{ name: 'ndots', value: '2' }] } },
    { servers: ['10.43.0.10'], searches: [...cluster, 'more'], options: ['ndots:2'] },
  ],
] as const) {
  test(`DNS policy: ${name}`, () => assert.deepEqual(podDns(podOf(spec), settings), expected))
}

test('host names and hosts files', () => {
  const named = podOf({ hostname: 'db', subdomain: 'data' })
  assert.deepEqual(podHostNames(named, 'node-1', 'cluster.local'), { hostname: 'db', qualified: 'db.data.shop.svc.cluster.local' })
  assert.equal(
    podHostNames({ ...named, spec: { ...named.spec, containers: [], setHostnameAsFQDN: true } as PodSpec }, 'n', 'cluster.local').hostname,
    'db.data.shop.svc.cluster.local',
  )
  assert.equal(
    podHostNames({ ...named, metadata: { ...named.metadata, name: `${'a'.repeat(62)}-b` }, spec: { containers: [] } }, 'n', 'c').hostname,
    'a'.repeat(62),
  )
  assert.equal(podHostNames(podOf({ hostNetwork: true }), 'node-1', 'c').hostname, 'node-1')
  const file = podHostsFile(podOf({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['x', 'y'] }] }), ['10.42.0.5'], {
    hostname: 'db',
    qualified: 'db.data',
  })
  assert.match(file, /^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\tlocalhost\n/)
  assert.ok(file.includes('\n10.42.0.5\tdb.data\tdb\n'))
  assert.ok(file.endsWith('# Entries added by HostAliases.\n1.2.3.4\tx\ty\n'))
  assert.ok(hostNetworkHostsFile(podOf({}), '127.0.0.1 localhost\n').startsWith('# Kubernetes-managed hosts file (host network).\n127'))
})

const resources = (requests: Record<string, string>, limits: Record<string, string>) => ({
  containers: [{ name: 'main', resources: { requests, limits } }],
})
const equal = { cpu: '1', memory: '1Gi' }
for (const [spec, quality, group, score] of [
  [{}, 'BestEffort', '/root/kubepods/besteffort/podu', 1000],
  [resources(equal, equal), 'Guaranteed', '/root/kubepods/podu', -997],
  [resources({ memory: '1Gi' }, {}), 'Burstable', '/root/kubepods/burstable/podu', 875],
  [resources(equal, { cpu: '2', memory: '1Gi' }), 'Burstable', '/root/kubepods/burstable/podu', 875],
  [resources({ cpu: '1' }, {}), 'Burstable', '/root/kubepods/burstable/podu', 999],
] as const) {
  test(`quality of service ${quality}: ${JSON.stringify(spec)}`, () => {
    const pod = podOf(spec)
    assert.equal(qualityOfService(pod), quality)
    assert.equal(podControlGroup('/root', pod), group)
    assert.equal(oomScoreAdjust(pod, (pod.spec as PodSpec).containers[0] ?? { name: '' }, 8 * 2 ** 30), score)
  })
}

test('the limits of a pod are those of its containers together, where each has one', () => {
  const one = { name: 'a', resources: { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '32Mi' } } }
  const two = { name: 'b', resources: { requests: { cpu: '100m' }, limits: { cpu: '300m' } } }
  assert.deepEqual(podLimits(podOf({ containers: [one, two] })), { cpuShares: cpuShares(200), cpuPeriod_us: 100_000, cpuQuota_us: 50_000 })
  assert.deepEqual(
    podLimits(podOf({ containers: [one], initContainers: [{ ...two, name: 'i', resources: { limits: { cpu: '1', memory: '64Mi' } } }] })),
    {
      cpuShares: cpuShares(100),
      cpuPeriod_us: 100_000,
      cpuQuota_us: 100_000,
      memoryLimit_bytes: 64 * 2 ** 20,
    },
  )
  assert.deepEqual(podLimits(podOf({})), { cpuShares: 2 })
})

const description = { name: 'node-1' } as Parameters<typeof admitPod>[2]['description']
const machine = { description, labels: { zone: 'a', size: '5' }, allocatable: { cpu: '2', memory: '1Gi', pods: '2' } }
const term = (key: string, operator: string, values?: string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }] },
    },
  },
})
const sysctl = (name: string) => ({ sysctls: [{ name, value: '1' }] })
const port = (hostPort: number, hostIP?: string) =>
  podOf({ containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort, hostIP, protocol: 'TCP' }] }] })
for (const [name, pod, others, reason] of [
  ['a plain pod', podOf({}), [], undefined],
  ['the selected zone', podOf({ nodeSelector: { zone: 'a' } }), [], undefined],
  ['another zone', podOf({ nodeSelector: { zone: 'b' } }), [], 'NodeAffinity'],
  ['affinity In', podOf(term('zone', 'In', ['a', 'b'])), [], undefined],
  ['affinity NotIn', podOf(term('zone', 'NotIn', ['a'])), [], 'NodeAffinity'],
  ['affinity Gt', podOf(term('size', 'Gt', ['4'])), [], undefined],
  ['affinity Lt', podOf(term('size', 'Lt', ['4'])), [], 'NodeAffinity'],
  ['affinity DoesNotExist', podOf(term('zone', 'DoesNotExist')), [], 'NodeAffinity'],
  ['a taken port', port(80), [port(80)], 'NodePorts'],
  ['a port of another address', port(80, '10.0.0.1'), [port(80, '10.0.0.2')], undefined],
  ['a port of all addresses', port(80), [port(80, '10.0.0.2')], 'NodePorts'],
  ['too much CPU beside others', podOf(resources({ cpu: '1500m' }, {})), [podOf(resources({ cpu: '600m' }, {}))], 'OutOfcpu'],
  ['too much memory', podOf(resources({ memory: '2Gi' }, {})), [], 'OutOfmemory'],
  ['what only the cluster knows', podOf(resources({ 'example.com/gpu': '1' }, {})), [], undefined],
  ['one pod too many', podOf({}), [podOf({}), podOf({})], 'OutOfpods'],
  ['Windows', podOf({ os: { name: 'windows' } }), [], 'PodOSNotSupported'],
  ['a safe sysctl', podOf({ securityContext: sysctl('net.ipv4.tcp_syncookies') }), [], undefined],
  ['a safe sysctl with slashes', podOf({ securityContext: sysctl('net/ipv4/tcp_syncookies') }), [], undefined],
  ['an unsafe sysctl', podOf({ securityContext: sysctl('kernel.msgmax') }), [], 'SysctlForbidden'],
  ["a sysctl of the machine's", podOf({ hostNetwork: true, securityContext: sysctl('net.ipv4.tcp_syncookies') }), [], 'SysctlForbidden'],
] as const) {
  test(`admission on the node: ${name}`, () => assert.equal(admitPod(pod, others, machine)?.reason, reason))
}
