import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { createLogger } from '../../base/logger.ts'
import { createMetrics } from '../../base/metrics.ts'
import { openStorage } from '../../storage/index.ts'
import type { Storage } from '../../storage/storage.ts'
import { type DevServer, startDevServer } from '../dev.test-support.ts'
import { type Send, sender } from '../https-connection.test-support.ts'

/** Addresses as older releases took them stay where they are; nobody can add another. */
let storage: Storage
let dev: DevServer
let send: Send
before(async () => {
  const clock = systemClock()
  const logger = createLogger({ clock, level: 'warn', write: line => void process.stderr.write(line) })
  storage = await openStorage({ clock, logger, metrics: createMetrics(), clusterId: 'loose' })
  const put = ([key, value]: readonly [string, object]) => ({ type: 'put' as const, key, value: Buffer.from(JSON.stringify(value)) })
  await storage.commit([], Object.entries({ ...stored, ...others }).map(put), { user: '', userAgent: '' })
  dev = await startDevServer({ storage })
  send = sender(dev.url)
})
after(async () => {
  await dev.close()
  await storage.close()
})

const metadata = (name: string, namespace?: string) => ({ name, namespace, uid: name, creationTimestamp: '2026-01-01T00:00:00Z' })
const loose = {
  type: 'LoadBalancer',
  ports: [{ port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30080 }],
  selector: { app: 'web' },
  clusterIP: '10.043.0.70',
  clusterIPs: ['10.043.0.70'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
  sessionAffinity: 'None',
  externalTrafficPolicy: 'Cluster',
  internalTrafficPolicy: 'Cluster',
  allocateLoadBalancerNodePorts: true,
  externalIPs: ['::ffff:192.0.2.7'],
  loadBalancerSourceRanges: ['192.168.0.5/24', ' 010.0.0.0/08'],
}
const stored = {
  '/registry/core/services/default/loose': {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: metadata('loose', 'default'),
    spec: loose,
    status: { loadBalancer: { ingress: [{ ip: '192.0.002.9', ipMode: 'VIP' }] } },
  },
  '/registry/core/nodes/loose': {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: metadata('loose'),
    spec: { podCIDR: '10.42.1.7/24', podCIDRs: ['10.42.1.7/24'] },
  },
}
const others = {
  '/registry/core/endpoints/default/loose': {
    kind: 'Endpoints',
    apiVersion: 'v1',
    metadata: metadata('loose', 'default'),
    subsets: [{ addresses: [{ ip: '192.0.2.010' }], ports: [{ port: 80, protocol: 'TCP' }] }],
  },
  '/registry/networking.k8s.io/networkpolicies/default/loose': {
    kind: 'NetworkPolicy',
    apiVersion: 'networking.k8s.io/v1',
    metadata: metadata('loose', 'default'),
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { cidr: '::ffff:192.168.0.0/112', except: ['192.168.1.7/24'] } }] }],
    },
  },
  '/registry/core/pods/default/loose': {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: metadata('loose', 'default'),
    spec: { containers: [{ name: 'c', image: 'i' }] },
    status: { podIP: '10.042.0.1', podIPs: [{ ip: '10.042.0.1' }] },
  },
}
const service = '/api/v1/namespaces/default/services/loose'
const node = '/api/v1/nodes/loose'
const merge = { 'content-type': 'application/merge-patch+json' }
const patch = async (path: string, body: object) => {
  const answer = await send('PATCH', path, body, merge)
  return { ...answer, message: (JSON.parse(answer.text) as { message?: string }).message }
}

describe('loosely written addresses', () => {
  it('stay in a service that is updated, and are warned of', async () => {
    const answer = await patch(service, { metadata: { labels: { a: 'b' } } })
    assert.equal(answer.status, 200, answer.text)
    const warnings = String(answer.headers.warning)
    for (const expected of [
      'spec.clusterIPs[0]: non-standard IP address \\"10.043.0.70\\" will be considered invalid in a future Kubernetes release: use \\"10.43.0.70\\"',
      'spec.externalIPs is deprecated',
      'spec.externalIPs[0]: non-standard IP address \\"::ffff:192.0.2.7\\" will be considered invalid in a future Kubernetes release: use \\"192.0.2.7\\"',
      'spec.loadBalancerSourceRanges[0]: CIDR value \\"192.168.0.5/24\\" is ambiguous in this context (should be \\"192.168.0.0/24\\" or \\"192.168.0.5/32\\"?)',
    ])
      assert.ok(warnings.includes(`"${expected}"`), `${expected} in ${warnings}`)
  })

  it('are not added to a service, nor to another field of it', async () => {
    const cases: readonly (readonly [change: object, message: RegExp])[] = [
      [
        { externalIPs: ['::ffff:192.0.2.7', '192.0.2.010'] },
        /spec\.externalIPs\[1\]: Invalid value: "192\.0\.2\.010": must not have leading 0s$/,
      ],
      [{ externalIPs: ['10.043.0.70'] }, /spec\.externalIPs\[0\]: Invalid value: "10\.043\.0\.70": must not have leading 0s$/],
      [
        { loadBalancerSourceRanges: ['192.168.0.5/24', '192.168.0.6/24'] },
        /spec\.LoadBalancerSourceRanges\[1\]: Invalid value: "192\.168\.0\.6\/24": must not have bits set beyond the prefix length$/,
      ],
    ]
    for (const [change, message] of cases) {
      const answer = await patch(service, { spec: change })
      assert.equal(answer.status, 422, answer.text)
      assert.match(answer.message ?? '', message)
    }
  })

  it('are not found in a new service', async () => {
    const spec = { ports: [{ port: 80 }], externalIPs: ['::ffff:c000:0207'] }
    const answer = await send('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'new' }, spec })
    assert.equal(answer.status, 422)
    assert.match(answer.text, /must not be an IPv4-mapped IPv6 address/)
  })

  it('stay taken', async () => {
    const spec = { ports: [{ port: 80 }], clusterIP: '10.43.0.70' }
    const answer = await send('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'thief' }, spec })
    assert.match(answer.text, /failed to allocate IP 10\.43\.0\.70: provided IP is already allocated/)
  })

  it('stay in the status of a load balancer', async () => {
    const ingress = (...ips: string[]) => ({ status: { loadBalancer: { ingress: ips.map(ip => ({ ip, ipMode: 'VIP' })) } } })
    assert.equal((await patch(`${service}/status`, ingress('192.0.002.9', '192.0.2.10'))).status, 200)
    assert.match(
      (await patch(`${service}/status`, ingress('192.0.002.8'))).message ?? '',
      /ingress\[0\]\.ip: Invalid value: "192\.0\.002\.8"/,
    )
  })

  it('stay in a node, whose status can be reported', async () => {
    const answer = await patch(node, { metadata: { labels: { a: 'b' } } })
    assert.equal(answer.status, 200, answer.text)
    assert.match(String(answer.headers.warning), /spec\.podCIDRs\[0\]: CIDR value .* is ambiguous in this context/)
    assert.equal((await patch(`${node}/status`, { status: { capacity: { cpu: '1' } } })).status, 200)
    const made = await send('POST', '/api/v1/nodes', { metadata: { name: 'new' }, spec: { podCIDRs: ['10.42.1.7/24'] } })
    assert.match(made.text, /must not have bits set beyond the prefix length/)
  })

  it('stay in endpoints, policies and the status of pods', async () => {
    const labelled = { metadata: { labels: { a: 'b' } } }
    const endpoints = '/api/v1/namespaces/default/endpoints/loose'
    assert.equal((await patch(endpoints, labelled)).status, 200)
    const moved = [{ addresses: [{ ip: '192.0.2.011' }], ports: [{ port: 80, protocol: 'TCP' }] }]
    assert.match((await patch(endpoints, { subsets: moved })).message ?? '', /must not have leading 0s/)

    const policy = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/loose'
    const relabelled = await patch(policy, labelled)
    assert.equal(relabelled.status, 200, relabelled.text)
    assert.match(String(relabelled.headers.warning), /cidr: non-standard CIDR value .* use \\"192\.168\.0\.0\/16\\"/)
    const other = { spec: { ingress: [{ from: [{ ipBlock: { cidr: '192.168.0.9/16' } }] }] } }
    assert.match((await patch(policy, other)).message ?? '', /must not have bits set beyond the prefix length/)

    const pod = '/api/v1/namespaces/default/pods/loose/status'
    assert.equal((await patch(pod, { status: { message: 'here' } })).status, 200)
    assert.match((await patch(pod, { status: { podIPs: [{ ip: '10.042.0.2' }] } })).message ?? '', /must not have leading 0s/)
  })
})
