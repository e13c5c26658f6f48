import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { podKind } from '../../apis/core/pod.ts'
import { createMetrics, sleep, systemClock } from '../../base/index.ts'
import { createTestCluster, type TestCluster } from '../test-support/cluster.ts'
import { cannotMakeNetworks, createTestNetwork, type Peer, type TestNetwork } from '../test-support/namespaces.ts'
import { systemConntrack } from './conntrack.ts'
import { systemNft } from './nft.ts'
import { type ServiceProxy, startServiceProxy } from './service-proxy.ts'

/** The rules as the kernel follows them, between real network namespaces. */
const skip = cannotMakeNetworks() ?? false
let network: TestNetwork
let cluster: TestCluster
let proxy: ServiceProxy
let a: Peer
let b: Peer

const here = (address: string, conditions: object = { ready: true }) => ({ addresses: [address], conditions, nodeName: 'node-1' })
const both = [here('10.88.0.2'), here('10.88.0.3')]
const elsewhere = { addresses: ['10.88.0.3'], conditions: { ready: true }, nodeName: 'node-2' }

before(async () => {
  if (skip) return
  network = await createTestNetwork('services')
  cluster = createTestCluster()
  ;[a, b] = network.pods as [Peer, Peer]
  await Promise.all([a.listen(8080), b.listen(8080), network.outside.listen(8080), network.node.listen(9090)])
  const { client, logger } = cluster
  const tcp = (port: number, rest: object = {}) => [{ port, protocol: 'TCP', ...rest }]
  await cluster.service('web', {
    type: 'NodePort',
    clusterIP: '10.99.0.10',
    externalIPs: ['203.0.113.7'],
    ports: tcp(80, { nodePort: 30080 }),
  })
  await cluster.slice('web', [{ port: 8080 }], both)
  await cluster.service('only-a', { clusterIP: '10.99.0.11', ports: tcp(80) })
  await cluster.slice('only-a', [{ port: 8080 }], [here('10.88.0.2')])
  await cluster.service('empty', { type: 'NodePort', clusterIP: '10.99.0.12', ports: tcp(80, { nodePort: 30082 }) })
  await cluster.service('sticky', { clusterIP: '10.99.0.13', sessionAffinity: 'ClientIP', ports: tcp(80) })
  await cluster.slice('sticky', [{ port: 8080 }], both)
  await cluster.service('local', {
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    clusterIP: '10.99.0.14',
    ports: tcp(80, { nodePort: 30084 }),
  })
  await cluster.slice('local', [{ port: 8080 }], [here('10.88.0.2'), elsewhere])
  await cluster.service('remote', {
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    clusterIP: '10.99.0.15',
    ports: tcp(80, { nodePort: 30085 }),
  })
  await cluster.slice('remote', [{ port: 8080 }], [elsewhere])
  await cluster.service('inner', { internalTrafficPolicy: 'Local', clusterIP: '10.99.0.16', ports: tcp(80) })
  await cluster.slice('inner', [{ port: 8080 }], [elsewhere])
  await cluster.service(
    'balanced',
    { type: 'LoadBalancer', clusterIP: '10.99.0.17', loadBalancerSourceRanges: ['10.88.0.0/16'], ports: tcp(80, { nodePort: 30087 }) },
    { status: { loadBalancer: { ingress: [{ ip: '203.0.113.8' }] } } },
  )
  await cluster.slice('balanced', [{ port: 8080 }], both)
  await cluster.service('flow', { clusterIP: '10.99.0.18', ports: [{ port: 53, protocol: 'UDP' }] })
  await cluster.slice('flow', [{ port: 8080, protocol: 'UDP' }], [here('10.88.0.2')])
  await cluster.service('host', { clusterIP: '10.99.0.19', ports: tcp(80) })
  await cluster.slice('host', [{ port: 9090 }], [here('198.51.100.1')])
  await cluster.service('six', { type: 'NodePort', clusterIP: 'fd99::10', ports: tcp(80, { nodePort: 30090 }) })
  await cluster.slice('six', [{ port: 8080 }], [here('fd88::2')])
  await cluster.service('six-sticky', { clusterIP: 'fd99::11', sessionAffinity: 'ClientIP', ports: tcp(80) })
  await cluster.slice('six-sticky', [{ port: 8080 }], [here('fd88::2')])
  await client.create(podKind, {
    metadata: { name: 'a', namespace: 'default', uid: 'pod-a' },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', ports: [{ containerPort: 8080, hostPort: 8088, protocol: 'TCP' }] }] },
    status: { phase: 'Running', podIPs: [{ ip: '10.88.0.2' }] },
  } as never)
  proxy = startServiceProxy({
    client: withoutFieldSelectors(client),
    node: { name: 'node-1', addresses: [] },
    cluster: { name: 'test', podCidrs: ['10.88.0.0/16', 'fd88::/64'], serviceCidrs: ['10.99.0.0/16', 'fd99::/112'] },
    nft: systemNft([...network.enterNode, 'nft']),
    conntrack: systemConntrack(logger, [...network.enterNode, 'conntrack']),
    clock: systemClock(),
    logger,
    metrics: createMetrics(),
    events: { record() {} },
  })
  await proxy.synced
})

after(async () => {
  if (skip) return
  await proxy.remove()
  await cluster.client.close()
  await network.close()
})

/** The fake API knows two field selectors only, and all pods here are this node's. */
const withoutFieldSelectors = (client: TestCluster['client']): TestCluster['client'] => ({
  ...client,
  informer: kind => client.informer(kind),
})

const ask = (from: () => Peer, host: string, port: number, expected: string | RegExp, title: string) =>
  test(`${title}: ${host}:${port}`, { skip }, async () => {
    const answer = await from().connect(host, port, expected === 'timeout' ? 300 : 3000)
    if (typeof expected === 'string') assert.equal(answer, expected)
    else assert.match(answer, expected)
  })
const pod = () => b
const node = () => network.node
const outside = () => network.outside

ask(pod, '10.99.0.11', 80, 'a 10.88.0.3', 'a pod reaches a cluster IP and is seen with its own address')
ask(node, '10.99.0.11', 80, /^a 10\.88\.0\.1$|^a 198\.51\.100\.1$/, 'the node reaches a cluster IP')
ask(() => a, '10.99.0.11', 80, /^a 10\.88\.0\.1$|^a 198\.51\.100\.1$/, 'a pod reaches itself through its service')
ask(pod, '10.99.0.19', 80, 'node 10.88.0.3', 'a pod reaches the host network through a service')
ask(node, '10.99.0.19', 80, /^node /, 'the node reaches itself through a service')
ask(outside, '198.51.100.1', 30080, /^[ab] 10\.88\.0\.1$/, 'somebody outside reaches a node port')
ask(node, '198.51.100.1', 30080, /^[ab] /, 'the node reaches its node port')
ask(node, '127.0.0.1', 30080, /^[ab] /, 'the node reaches its node port on loopback')
ask(pod, '198.51.100.1', 30080, /^[ab] /, 'a pod reaches a node port')
ask(pod, '203.0.113.7', 80, /^[ab] /, 'a pod reaches an external IP')
ask(node, '203.0.113.7', 80, /^[ab] /, 'the node reaches an external IP')
ask(pod, '10.99.0.12', 80, 'ECONNREFUSED', 'a pod is refused where there are no endpoints')
ask(node, '10.99.0.12', 80, 'ECONNREFUSED', 'the node is refused where there are no endpoints')
ask(outside, '198.51.100.1', 30082, 'ECONNREFUSED', 'somebody outside is refused where there are no endpoints')
ask(pod, '10.99.0.10', 81, 'ECONNREFUSED', 'a port that the service does not have is refused')
ask(pod, '10.99.0.200', 80, 'timeout', 'an address that no service has is dropped')
ask(outside, '198.51.100.1', 30084, 'a 198.51.100.9', 'local traffic from outside keeps its address')
ask(pod, '198.51.100.1', 30084, /^[ab] 10\.88\.0\.[13]$/, 'a pod may use every endpoint of a service with local traffic from outside')
ask(outside, '198.51.100.1', 30085, 'timeout', 'local traffic from outside is dropped where there are no local endpoints')
ask(node, '198.51.100.1', 30085, /^b /, 'the node may use endpoints elsewhere nevertheless')
ask(pod, '10.99.0.16', 80, 'timeout', 'local traffic from inside is dropped where there are no local endpoints')
ask(pod, '203.0.113.8', 80, /^[ab] /, 'a load balancer takes who is in its source ranges')
ask(node, '203.0.113.8', 80, 'timeout', 'a load balancer drops who is not in its source ranges')
ask(outside, '198.51.100.1', 30087, /^[ab] /, 'source ranges do not hold for node ports')
ask(outside, '198.51.100.1', 8088, 'a 198.51.100.9', 'a host port keeps the client address')
ask(node, '127.0.0.1', 8088, /^a /, 'the node reaches a host port on loopback')
ask(() => a, '198.51.100.1', 8088, /^a /, 'a pod reaches itself through its host port')
ask(pod, '198.51.100.9', 8080, 'outside 198.51.100.1', 'a pod is seen outside with the address of its node')
ask(pod, '10.88.0.2', 8080, 'a 10.88.0.3', 'a pod is seen by pods with its own address')
ask(pod, 'fd99::10', 80, 'a fd88::3', 'a pod reaches a cluster IP of version 6')
ask(node, 'fd99::10', 80, /^a fd/, 'the node reaches a cluster IP of version 6')
ask(() => a, 'fd99::10', 80, /^a fd/, 'a pod reaches itself through a service of version 6')
ask(outside, 'fd51::1', 30090, 'a fd88::1', 'somebody outside reaches a node port of version 6')
ask(pod, 'fd99::11', 80, 'a fd88::3', 'affinity works in version 6')
ask(pod, 'fd99::10', 81, 'ECONNREFUSED', 'a port that a service of version 6 does not have is refused')

test('every endpoint gets its share', { skip }, async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => network.node.connect('10.99.0.10', 80)))
  const counts = Map.groupBy(answers, answer => answer.slice(0, 1))
  assert.deepEqual([...counts.keys()].sort(), ['a', 'b'])
})

test('a client with affinity stays where it is', { skip }, async () => {
  const [first] = await Promise.all([network.node.connect('10.99.0.13', 80)])
  const answers = await Promise.all(Array.from({ length: 20 }, () => network.node.connect('10.99.0.13', 80)))
  assert.deepEqual([...new Set(answers)], [first])
})

test('a UDP flow leaves an endpoint that is gone', { skip }, async () => {
  assert.match(await network.node.send('10.99.0.18', 53, 40000), /^a /)
  await cluster.slice('flow', [{ port: 8080, protocol: 'UDP' }], [here('10.88.0.3')])
  await until(async () => (await network.node.send('10.99.0.18', 53, 40000)).startsWith('b '))
})

test('a pod that terminates gets no new connections once endpointsGone has resolved', { skip }, async () => {
  const withUid = (conditions: object) => [
    { ...here('10.88.0.2', conditions), targetRef: { kind: 'Pod', uid: 'pod-a' } },
    here('10.88.0.3'),
  ]
  await cluster.service('rolling', { clusterIP: '10.99.0.30', ports: [{ port: 80, protocol: 'TCP' }] })
  await cluster.slice('rolling', [{ port: 8080 }], withUid({ ready: true }))
  await until(async () => (await network.node.connect('10.99.0.30', 80)).startsWith('a '))
  const gone = proxy.endpointsGone('pod-a', AbortSignal.timeout(5000))
  await cluster.slice('rolling', [{ port: 8080 }], withUid({ ready: false, serving: true, terminating: true }))
  await gone
  const answers = await Promise.all(Array.from({ length: 20 }, () => network.node.connect('10.99.0.30', 80)))
  assert.deepEqual([...new Set(answers.map(answer => answer.slice(0, 1)))], ['b'])
})

/** What happens soon, but not at once. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 1000; !(await holds()); left--) {
    assert.ok(left > 0, 'it did not come to hold')
    await sleep(systemClock(), 10)
  }
}
