import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { controllerRevisionKind } from '../../apis/apps/controller-revision.ts'
import { type DaemonSet, type DaemonSetSpec, daemonSetKind } from '../../apis/apps/daemon-set.ts'
import { nodeKind } from '../../apis/core/node.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { controllerOf } from '../../client/index.ts'
import { withSortedKeys } from '../hash.ts'
import type { RunningControllers } from '../index.ts'
import { fastClock, openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { type Fate, runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'

const clock = fastClock(100)
let cluster: TestCluster
let controllers: RunningControllers
let kubelet: ReturnType<typeof runSimulatedKubelet>
let fateOf: (pod: Pod) => Fate = () => 'ready'

before(async () => {
  cluster = await openTestCluster({ clock })
  controllers = cluster.start()
  kubelet = runSimulatedKubelet(cluster.client, clock, pod => fateOf(pod))
  for (const name of ['a', 'b', 'c'])
    await cluster.client.create(nodeKind, { metadata: { name, labels: { disk: name === 'c' ? 'hdd' : 'ssd' } } })
  for (const name of ['a', 'b', 'c']) await taint(name, [])
})
afterEach(() => {
  fateOf = () => 'ready'
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
})

const taint = (node: string, taints: readonly object[]) =>
  cluster.client.patch(nodeKind, undefined, node, { type: 'merge', body: { spec: { taints } } })
const container = (image: string) => ({ name: 'main', image })
const create = (name: string, changes: Partial<DaemonSetSpec> = {}, podSpec: object = {}) =>
  cluster.client.create(daemonSetKind, {
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container('one')], ...podSpec } },
      ...changes,
    },
  })
const change = (name: string, spec: object) => cluster.client.patch(daemonSetKind, 'default', name, { type: 'merge', body: { spec } })
const image = (value: string) => ({ template: { spec: { containers: [container(value)] } } })
const get = (name: string): DaemonSet | undefined => cluster.client.informer(daemonSetKind).get('default', name)
const podsOf = (name: string) =>
  cluster.client
    .informer(podKind)
    .list('default')
    .filter(one => controllerOf(one)?.name === name)
const nodesOf = (name: string) =>
  podsOf(name)
    .map(({ spec }) => spec?.nodeName ?? '')
    .sort()
    .join()
const untilStatus = (name: string, counts: object) =>
  cluster.until(
    daemonSetKind,
    () => {
      const { metadata, status } = get(name) ?? { metadata: {} }
      if (status?.observedGeneration !== metadata.generation) return false
      return Object.entries(counts).every(([field, count]) => ((status as unknown as Record<string, unknown>)[field] ?? 0) === count)
    },
    `${name} with ${JSON.stringify(counts)}`,
  )
const untilNodes = (name: string, nodes: string) => cluster.until(podKind, () => nodesOf(name) === nodes, `pods of ${name} on ${nodes}`)

describe('the daemon set controller', () => {
  it('keeps a pod on each node, on new ones too, and makes those again that were deleted', async () => {
    await create('agent')
    await untilStatus('agent', {
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
    })
    assert.equal(nodesOf('agent'), 'a,b,c')
    const [first] = podsOf('agent')
    assert.match(first?.metadata.name ?? '', /^agent-[a-z0-9]{5}$/)
    assert.equal(first?.metadata.labels?.['pod-template-generation'], '1')
    assert.ok(
      first.spec?.tolerations?.some(
        ({ key, effect, tolerationSeconds }) =>
          key === 'node.kubernetes.io/not-ready' && effect === 'NoExecute' && tolerationSeconds === undefined,
      ),
    )
    await cluster.client.delete(podKind, 'default', first.metadata.name as string)
    await cluster.until(
      podKind,
      () => nodesOf('agent') === 'a,b,c' && !podsOf('agent').some(({ metadata }) => metadata.uid === first.metadata.uid),
      'another pod',
    )
    await cluster.client.create(nodeKind, { metadata: { name: 'd' } })
    await taint('d', [])
    await untilNodes('agent', 'a,b,c,d')
    await cluster.client.delete(nodeKind, undefined, 'd')
    await untilStatus('agent', { desiredNumberScheduled: 3, numberReady: 3 })
  })

  it('goes by labels and taints of nodes, as they change', async () => {
    await create('chosen', {}, { nodeSelector: { disk: 'ssd' } })
    await untilNodes('chosen', 'a,b')
    await cluster.client.patch(nodeKind, undefined, 'b', { type: 'merge', body: { metadata: { labels: { disk: 'hdd' } } } })
    await untilNodes('chosen', 'a')
    await cluster.client.patch(nodeKind, undefined, 'b', { type: 'merge', body: { metadata: { labels: { disk: 'ssd' } } } })
    await untilNodes('chosen', 'a,b')
    await taint('a', [{ key: 'own', value: 'x', effect: 'NoSchedule' }])
    await untilStatus('chosen', { desiredNumberScheduled: 1, numberMisscheduled: 1 })
    assert.equal(nodesOf('chosen'), 'a,b')
    await taint('a', [{ key: 'own', value: 'x', effect: 'NoExecute' }])
    await untilNodes('chosen', 'b')
    await taint('a', [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }])
    await untilNodes('chosen', 'a,b')
    await taint('a', [])
  })

  it('replaces old pods, as many at once as may be missing, and keeps the history', async () => {
    await create('rolled')
    await untilStatus('rolled', { numberAvailable: 3 })
    let most = 0
    const unsubscribe = cluster.client.informer(podKind).onChange(() => {
      const ready = podsOf('rolled').filter(
        pod => !pod.metadata.deletionTimestamp && pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      most = Math.max(most, 3 - ready.length)
    })
    await change('rolled', image('two'))
    await untilStatus('rolled', { updatedNumberScheduled: 3, numberAvailable: 3 })
    unsubscribe()
    assert.equal(most, 1)
    assert.ok(
      podsOf('rolled').every(
        ({ spec, metadata }) => spec?.containers[0]?.image === 'two' && metadata.labels?.['pod-template-generation'] === '2',
      ),
    )
    const revisions = cluster.client
      .informer(controllerRevisionKind)
      .list('default')
      .filter(one => controllerOf(one)?.name === 'rolled')
    assert.deepEqual(revisions.map(({ revision }) => revision).sort(), [1, 2])
    assert.ok(revisions.every(({ metadata }) => metadata.labels?.app === 'rolled'))
    // Clients compare bytes with a patch of their own, whose keys are in order.
    const { data } = revisions.find(({ revision }) => revision === 2) ?? {}
    assert.equal(JSON.stringify(data), JSON.stringify(withSortedKeys(data)))
    const wanted = { spec: { template: { ...get('rolled')?.spec?.template, $patch: 'replace' } } }
    assert.equal(JSON.stringify(data), JSON.stringify(withSortedKeys(wanted)))
  })

  it('adds a new pod before it takes the old one, if so asked', async () => {
    await create('surging', { updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } })
    await untilStatus('surging', { numberAvailable: 3 })
    let least = 3
    const unsubscribe = cluster.client.informer(podKind).onChange(() => {
      const ready = podsOf('surging').filter(
        pod => !pod.metadata.deletionTimestamp && pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      least = Math.min(least, ready.length)
    })
    await change('surging', image('two'))
    await cluster.until(
      podKind,
      () => podsOf('surging').length === 3 && podsOf('surging').every(({ spec }) => spec?.containers[0]?.image === 'two'),
      'new pods alone',
    )
    unsubscribe()
    assert.equal(least, 3)
  })

  it('leaves old pods until somebody deletes them, if so asked', async () => {
    await create('patient', { updateStrategy: { type: 'OnDelete' } })
    await untilStatus('patient', { numberAvailable: 3 })
    await change('patient', image('two'))
    await untilStatus('patient', { numberAvailable: 3, updatedNumberScheduled: 0 })
    await cluster.client.delete(podKind, 'default', podsOf('patient')[0]?.metadata.name as string)
    await untilStatus('patient', { numberAvailable: 3, updatedNumberScheduled: 1 })
  })

  it('replaces pods that failed, ever more slowly', async () => {
    let failures = 0
    fateOf = pod => (pod.metadata.labels?.app === 'failing' && nodesOf('failing') !== '' && failures++ < 3 ? { exitCode: 1 } : 'ready')
    const started = clock.now()
    await create('failing', {}, { nodeSelector: { disk: 'hdd' }, restartPolicy: 'Always' })
    await untilStatus('failing', { desiredNumberScheduled: 1, numberReady: 1 })
    assert.ok(failures >= 3)
    assert.ok(clock.now() - started >= 1000)
  })

  it('adopts pods that match, and gives up what is beyond one a node', async () => {
    const labels = { app: 'adopting' }
    for (const name of ['stray-1', 'stray-2']) {
      await cluster.client.create(podKind, {
        metadata: { name, namespace: 'default', labels },
        spec: { nodeName: 'a', containers: [container('one')] },
      })
    }
    await create('adopting')
    await untilNodes('adopting', 'a,b,c')
    assert.equal(podsOf('adopting').filter(({ metadata }) => metadata.name?.startsWith('stray-')).length, 1)
  })
})
