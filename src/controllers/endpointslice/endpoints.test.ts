import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Endpoints, endpointsKind } from '../../apis/core/endpoints.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { type ServiceSpec, serviceKind } from '../../apis/core/service.ts'
import { type EndpointSlice, endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import { systemClock } from '../../base/index.ts'
import type { RunningControllers } from '../index.ts'
import { openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { type Fate, runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'

let cluster: TestCluster
let controllers: RunningControllers
let kubelet: ReturnType<typeof runSimulatedKubelet>
const fateOf = (pod: Pod): Fate => (pod.metadata.name?.startsWith('unready') ? 'unready' : 'ready')

before(async () => {
  cluster = await openTestCluster()
  controllers = cluster.start()
  kubelet = runSimulatedKubelet(cluster.client, systemClock(), fateOf)
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
  assert.deepEqual(cluster.warnings, [])
})

const namespace = 'default'
const createPod = (name: string, app: string, port = 8080, more: object = {}) =>
  cluster.client.create(podKind, {
    metadata: { name, namespace, labels: { app } },
    spec: { containers: [{ name: 'main', image: 'one', ports: [{ name: 'web', containerPort: port }] }], ...more },
  } as Pod)
const createService = (name: string, spec: Partial<ServiceSpec>, labels?: Record<string, string>) =>
  cluster.client.create(serviceKind, { metadata: { name, namespace, ...(labels && { labels }) }, spec: spec as ServiceSpec })

const slicesOf = (service: string): readonly EndpointSlice[] =>
  cluster.client
    .informer(endpointSliceKind)
    .list(namespace)
    .filter(slice => slice.metadata.labels?.['kubernetes.io/service-name'] === service)
const endpointsOf = (service: string) => slicesOf(service).flatMap(slice => slice.endpoints ?? [])
const legacyOf = (service: string): Endpoints | undefined => cluster.client.informer(endpointsKind).get(namespace, service)
const readyNames = (service: string) =>
  endpointsOf(service)
    .filter(({ conditions }) => conditions?.ready)
    .map(({ targetRef }) => targetRef?.name)
    .sort()
const slices = (holds: () => boolean, what: string) => cluster.until(endpointSliceKind, holds, what)
const legacy = (holds: () => boolean, what: string) => cluster.until(endpointsKind, holds, what)

describe('the controllers of endpoints', () => {
  it('list ready and other pods, with ports as each pod names them', async () => {
    await createPod('plain-1', 'plain')
    await createPod('plain-2', 'plain', 9090)
    await createPod('unready-plain', 'plain')
    await createService('plain', { selector: { app: 'plain' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] }, { tier: 'front' })
    await slices(() => readyNames('plain').join() === 'plain-1,plain-2' && endpointsOf('plain').length === 3, 'three endpoints, two ready')
    assert.deepEqual(
      slicesOf('plain')
        .map(slice => slice.ports?.[0]?.port)
        .sort(),
      [8080, 9090],
    )
    const [slice] = slicesOf('plain')
    assert.equal(slice?.addressType, 'IPv4')
    assert.equal(slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by'], 'endpointslice-controller.k8s.io')
    assert.equal(slice?.metadata.labels?.tier, 'front')
    assert.equal(slice?.metadata.ownerReferences?.[0]?.kind, 'Service')
    assert.match(slice?.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'] ?? '', /Z$/)
    const unready = endpointsOf('plain').find(({ targetRef }) => targetRef?.name === 'unready-plain')
    assert.deepEqual(unready?.conditions, { ready: false, serving: false, terminating: false })
    assert.equal(unready?.nodeName, 'simulated')
    await legacy(() => legacyOf('plain')?.subsets?.length === 2, 'two subsets')
    const subset = legacyOf('plain')?.subsets?.find(one => one.ports?.[0]?.port === 8080)
    assert.deepEqual([subset?.addresses?.length, subset?.notReadyAddresses?.length], [1, 1])
    assert.equal(subset?.addresses?.[0]?.targetRef?.name, 'plain-1')
  })

  it('follow pods that come, lose their labels, and go', async () => {
    await createPod('moving-1', 'moving')
    await createService('moving', { selector: { app: 'moving' }, ports: [{ port: 80 }] })
    await slices(() => readyNames('moving').join() === 'moving-1', 'the first pod')
    await createPod('moving-2', 'moving')
    await slices(() => readyNames('moving').length === 2, 'two pods')
    assert.equal(slicesOf('moving').length, 1)
    await cluster.client.patch(podKind, namespace, 'moving-1', { type: 'merge', body: { metadata: { labels: { app: 'elsewhere' } } } })
    await slices(() => readyNames('moving').join() === 'moving-2', 'the second pod')
    await cluster.client.delete(podKind, namespace, 'moving-2')
    await slices(() => endpointsOf('moving').length === 0, 'no pods')
    await legacy(() => !legacyOf('moving')?.subsets?.length, 'no subsets')
  })

  it('show pods of headless services by their names, ready or not if the service says so', async () => {
    await createPod('unready-head', 'headless', 8080, { hostname: 'one', subdomain: 'headless' })
    await createService('headless', { clusterIP: 'None', publishNotReadyAddresses: true, selector: { app: 'headless' } })
    await slices(() => readyNames('headless').join() === 'unready-head', 'the pod')
    assert.equal(endpointsOf('headless')[0]?.hostname, 'one')
    assert.equal(slicesOf('headless')[0]?.metadata.labels?.['service.kubernetes.io/headless'], '')
    await legacy(() => legacyOf('headless')?.subsets?.[0]?.addresses?.[0]?.hostname === 'one', 'the name')
  })

  it('go with their service, and leave what others keep', async () => {
    await createService('short', { selector: { app: 'none' }, ports: [{ port: 80 }] })
    await slices(() => slicesOf('short').length === 1, 'an empty slice')
    await legacy(() => legacyOf('short') !== undefined, 'empty endpoints')
    await cluster.client.delete(serviceKind, namespace, 'short')
    await slices(() => slicesOf('short').length === 0, 'no slice')
    await legacy(() => legacyOf('short') === undefined, 'no endpoints')
  })

  it('mirror Endpoints of services without a selector', async () => {
    await createService('external', { ports: [{ name: 'db', port: 5432 }] })
    const subsets = [
      { addresses: [{ ip: '192.0.2.1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ name: 'db', port: 5432, protocol: 'TCP' }] },
    ]
    await cluster.client.create(endpointsKind, { metadata: { name: 'external', namespace }, subsets })
    await slices(() => endpointsOf('external').length === 2, 'two endpoints')
    const [slice] = slicesOf('external')
    assert.equal(slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by'], 'endpointslicemirroring-controller.k8s.io')
    assert.equal(slice?.metadata.ownerReferences?.[0]?.kind, 'Endpoints')
    assert.deepEqual(
      slice?.endpoints?.map(({ addresses, conditions }) => [addresses[0], conditions?.ready]),
      [
        ['192.0.2.1', true],
        ['192.0.2.2', false],
      ],
    )
    const settled = slice?.metadata.resourceVersion
    await cluster.client.patch(endpointsKind, namespace, 'external', {
      type: 'merge',
      body: { subsets: [{ ...subsets[0], addresses: [{ ip: '192.0.2.3' }] }] },
    })
    await slices(() => endpointsOf('external').some(({ addresses }) => addresses[0] === '192.0.2.3'), 'the new address')
    assert.notEqual(slicesOf('external')[0]?.metadata.resourceVersion, settled)
    assert.equal(slicesOf('external')[0]?.metadata.name, slice?.metadata.name)
    await cluster.client.delete(endpointsKind, namespace, 'external')
    await slices(() => slicesOf('external').length === 0, 'no slice')
  })
})
