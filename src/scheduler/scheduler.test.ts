import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeKind } from '../apis/core/node.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import { podDisruptionBudgetKind } from '../apis/policy/pod-disruption-budget.ts'
import { createMetrics, silentLogger, systemClock, systemRandom } from '../base/index.ts'
import type { Client, Informer } from '../client/index.ts'
import { createManualClock } from '../storage/manual-clock.ts'
import { listPods, openSchedulingCluster, type SchedulingCluster } from './cluster.test-support.ts'
import type { FilterPlugin } from './framework.ts'
import { startScheduler } from './index.ts'
import { testNode, testPod } from './objects.test-support.ts'
import { filterPlugins, scorePlugins } from './plugins/index.ts'

const isBound = (pod: Pod) => Boolean(pod.spec?.nodeName)
const scheduled = (pod: Pod) => pod.status?.conditions?.find(condition => condition.type === 'PodScheduled')
const isRefused = (pod: Pod) => scheduled(pod)?.status === 'False'
const saying = (message: string) => (pod: Pod) => scheduled(pod)?.message === message
const small = { requests: { cpu: '100m', memory: '64Mi' } }

/** Runs a test on a cluster of its own; a wait that never ends fails it. */
const clusterTest = (name: string, run: (cluster: SchedulingCluster) => Promise<void>) =>
  test(name, { timeout: 20_000 }, async () => {
    const cluster = await openSchedulingCluster()
    try {
      await run(cluster)
      assert.deepEqual(cluster.logged, [])
    } finally {
      await cluster.close()
    }
  })

clusterTest('a pod is bound, and says so', async cluster => {
  await cluster.addNode(testNode('n1'))
  cluster.startScheduler()
  await cluster.addPod(testPod('web', small))
  const pod = await cluster.pod('web', isBound)
  assert.equal(pod.spec?.nodeName, 'n1')
  assert.deepEqual([scheduled(pod)?.status, scheduled(pod)?.reason], ['True', undefined])
  const [event] = await cluster.events('web', 'Scheduled')
  assert.deepEqual(
    [event?.type, event?.message, event?.source?.component],
    ['Normal', 'Successfully assigned default/web to n1', 'default-scheduler'],
  )
})

clusterTest('a pod that fits nowhere says why, in its condition and in an event, and waits for room', async cluster => {
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '2', memory: '2Gi', pods: '10' } }))
  cluster.startScheduler()
  await cluster.addPod(testPod('big', { requests: { cpu: '3', memory: '3Gi' } }))
  const pod = await cluster.pod('big', isRefused)
  const message =
    '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. no new claims to deallocate, ' +
    'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'
  assert.deepEqual([scheduled(pod)?.reason, scheduled(pod)?.message], ['Unschedulable', message])
  const [event] = await cluster.events('big', 'FailedScheduling')
  assert.deepEqual([event?.type, event?.message], ['Warning', message])
  await cluster.addNode(testNode('n2'))
  assert.equal((await cluster.pod('big', isBound)).spec?.nodeName, 'n2')
})

clusterTest('without nodes there is nothing to choose from, until there is one', async cluster => {
  cluster.startScheduler()
  await cluster.addPod(testPod('early', small))
  await cluster.pod('early', saying('no nodes available to schedule pods'))
  await cluster.addNode(testNode('n1'))
  await cluster.pod('early', isBound)
})

clusterTest('a pod that leaves makes room, whether deleted or done', async cluster => {
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }))
  cluster.startScheduler()
  const half = { requests: { cpu: '600m' } }
  await cluster.addPod(testPod('first', half))
  await cluster.pod('first', isBound)
  await cluster.addPod(testPod('second', half))
  await cluster.pod('second', isRefused)
  await cluster.client.delete(podKind, 'default', 'first', { gracePeriodSeconds: 0 })
  await cluster.pod('second', isBound)
  await cluster.addPod(testPod('third', half))
  await cluster.pod('third', isRefused)
  const done = { type: 'merge', body: { status: { phase: 'Succeeded' } } } as const
  await cluster.client.patch(podKind, 'default', 'second', done, { subresource: 'status' })
  await cluster.pod('third', isBound)
})

clusterTest('host ports, taints, cordons, selectors and anti-affinity each keep a pod waiting until they allow it', async cluster => {
  await cluster.addNode(testNode('n1', { labels: { disk: 'hdd' } }))
  cluster.startScheduler()
  const port = { containers: [{ ports: [{ containerPort: 80, hostPort: 80 }] }] }
  await cluster.addPod(testPod('port-1', port))
  await cluster.pod('port-1', isBound)
  await cluster.addPod(testPod('port-2', port))
  assert.match(
    scheduled(await cluster.pod('port-2', isRefused))?.message ?? '',
    /1 node\(s\) didn't have free ports for the requested pod ports/,
  )
  await cluster.addPod(testPod('ssd', { nodeSelector: { disk: 'ssd' } }))
  assert.match(scheduled(await cluster.pod('ssd', isRefused))?.message ?? '', /1 node\(s\) didn't match Pod's node affinity\/selector/)
  const alone = {
    labels: { app: 'db' },
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } },
        ],
      },
    },
  }
  await cluster.addPod(testPod('db-1', alone))
  await cluster.pod('db-1', isBound)
  await cluster.addPod(testPod('db-2', alone))
  assert.match(scheduled(await cluster.pod('db-2', isRefused))?.message ?? '', /1 node\(s\) didn't match pod anti-affinity rules/)

  await cluster.changeNode('n1', node => ({ ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, disk: 'ssd' } } }))
  await cluster.pod('ssd', isBound)
  await cluster.client.delete(podKind, 'default', 'port-1', { gracePeriodSeconds: 0 })
  await cluster.pod('port-2', isBound)
  await cluster.client.delete(podKind, 'default', 'db-1', { gracePeriodSeconds: 0 })
  await cluster.pod('db-2', isBound)

  await cluster.changeNode('n1', node => ({ ...node, spec: { ...node.spec, unschedulable: true } }))
  await cluster.addPod(testPod('late', small))
  assert.match(scheduled(await cluster.pod('late', isRefused))?.message ?? '', /1 node\(s\) were unschedulable/)
  await cluster.changeNode('n1', node => ({ ...node, spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }))
  await cluster.pod('late', pod => /1 node\(s\) had untolerated taint\(s\)/.test(scheduled(pod)?.message ?? ''))
  const tolerations = [
    ...((await cluster.client.get(podKind, 'default', 'late')).spec?.tolerations ?? []),
    { key: 'gpu', operator: 'Exists' },
  ]
  await cluster.client.patch(podKind, 'default', 'late', { type: 'merge', body: { spec: { tolerations } } })
  await cluster.pod('late', isBound)
})

clusterTest('gated pods and those of other schedulers are left alone until they are ours', async cluster => {
  await cluster.addNode(testNode('n1'))
  cluster.startScheduler()
  await cluster.addPod(testPod('gated', { ...small, schedulingGates: [{ name: 'example.com/wait' }] }))
  await cluster.addPod(testPod('foreign', { ...small, schedulerName: 'other' }))
  await cluster.addPod(testPod('ours', small))
  await cluster.pod('ours', isBound)
  const gated = await cluster.pod('gated', () => true)
  assert.deepEqual([isBound(gated), scheduled(gated)?.reason], [false, 'SchedulingGated'])
  assert.equal(isBound(await cluster.pod('foreign', () => true)), false)
  assert.match(cluster.metrics.render(), /^scheduler_pending_pods\{queue="gated"\} 1$/m)
  await cluster.client.patch(podKind, 'default', 'gated', { type: 'merge', body: { spec: { schedulingGates: null } } })
  await cluster.pod('gated', isBound)
  cluster.startScheduler({ schedulerName: 'other' })
  await cluster.pod('foreign', isBound)
})

clusterTest('a pod that is being deleted is not placed', async cluster => {
  await cluster.addPod(testPod('leaving', { ...small, metadata: { finalizers: ['example.com/keep'] } }))
  await cluster.client.delete(podKind, 'default', 'leaving')
  await cluster.addNode(testNode('n1'))
  cluster.startScheduler()
  await cluster.addPod(testPod('staying', small))
  await cluster.pod('staying', isBound)
  assert.equal(isBound(await cluster.pod('leaving', () => true)), false)
})

clusterTest('the more important pod takes the room of a less important one', async cluster => {
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }))
  cluster.startScheduler()
  await cluster.addPod(testPod('low', { requests: { cpu: '800m' }, priority: 1 }))
  await cluster.pod('low', isBound)
  const high = await cluster.addPod(testPod('high', { requests: { cpu: '800m' }, priority: 1000 }))
  const victim = await cluster.pod('low', pod => pod.metadata.deletionTimestamp !== undefined)
  const target = victim.status?.conditions?.find(condition => condition.type === 'DisruptionTarget')
  assert.deepEqual(
    [target?.status, target?.reason, target?.message],
    ['True', 'PreemptionByScheduler', 'default-scheduler: preempting to accommodate a higher priority pod'],
  )
  const waiting = await cluster.pod('high', pod => pod.status?.nominatedNodeName === 'n1')
  assert.equal(scheduled(waiting)?.message, '0/1 nodes are available: 1 Insufficient cpu.')
  const [event] = await cluster.events('low', 'Preempted')
  assert.equal(event?.message, `Preempted by pod ${high.metadata.uid} on node n1`)
  await cluster.client.delete(podKind, 'default', 'low', { gracePeriodSeconds: 0 })
  await cluster.pod('high', isBound)
})

clusterTest('a promise of room is kept over a restart', async cluster => {
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }))
  await cluster.addNode(testNode('n2', { allocatable: { cpu: '100m', memory: '1Gi', pods: '10' } }))
  await cluster.addPod(testPod('promised', { requests: { cpu: '900m' }, priority: 10, schedulingGates: [{ name: 'example.com/wait' }] }))
  const promise = { type: 'merge', body: { status: { nominatedNodeName: 'n1' } } } as const
  await cluster.client.patch(podKind, 'default', 'promised', promise, { subresource: 'status' })
  await cluster.addPod(testPod('other', { requests: { cpu: '500m' } }))
  // Both wait when the scheduler starts; the promised one is tried when its gate is gone.
  await cluster.client.patch(podKind, 'default', 'promised', { type: 'merge', body: { spec: { schedulingGates: null } } })
  cluster.startScheduler()
  assert.equal((await cluster.pod('promised', isBound)).spec?.nodeName, 'n1')
  await cluster.pod('other', isRefused)
})

/** Every binding that the API accepted, by pod. */
const countBindings = (client: Client, bound: Map<string, number>): Client => ({
  ...client,
  async createSubresource(kind, namespace, name, subresource, body, options) {
    const result = await client.createSubresource(kind, namespace, name, subresource, body, options)
    if (subresource === 'binding') bound.set(name, (bound.get(name) ?? 0) + 1)
    return result as never
  },
})

const expectAllOnce = async (cluster: SchedulingCluster, bound: ReadonlyMap<string, number>, count: number) => {
  for (let index = 0; index < count; index++) await cluster.pod(`p${index}`, isBound)
  assert.deepEqual(
    [...bound.values()].filter(times => times !== 1),
    [],
  )
  const perNode = new Map<string, number>()
  for (const pod of await listPods(cluster.client)) perNode.set(pod.spec?.nodeName ?? '', (perNode.get(pod.spec?.nodeName ?? '') ?? 0) + 1)
  for (const [node, pods] of perNode) assert.ok(pods <= 10, `${node} holds ${pods} pods, more than its 10`)
}

clusterTest('a scheduler that ends while it binds leaves nothing bound twice and no node overfull', async cluster => {
  for (let index = 0; index < 10; index++)
    await cluster.addNode(testNode(`n${index}`, { allocatable: { cpu: '64', memory: '64Gi', pods: '10' } }))
  const bound = new Map<string, number>()
  const wrap = (client: Client) => countBindings(client, bound)
  const first = cluster.startScheduler({ wrap })
  await Promise.all(Array.from({ length: 100 }, (_, index) => cluster.addPod(testPod(`p${index}`, small))))
  await cluster.pod('p0', isBound)
  await first.close()
  cluster.startScheduler({ wrap })
  await expectAllOnce(cluster, bound, 100)
})

test('two schedulers that race for the same pods bind each once', { timeout: 20_000 }, async () => {
  const cluster = await openSchedulingCluster()
  const bound = new Map<string, number>()
  const wrap = (client: Client) => countBindings(client, bound)
  for (let index = 0; index < 10; index++) await cluster.addNode(testNode(`n${index}`))
  cluster.startScheduler({ wrap })
  cluster.startScheduler({ wrap })
  await Promise.all(Array.from({ length: 60 }, (_, index) => cluster.addPod(testPod(`p${index}`, { requests: { cpu: '10m' } }))))
  for (let index = 0; index < 60; index++) await cluster.pod(`p${index}`, isBound)
  assert.deepEqual(
    [...bound.values()].filter(times => times !== 1),
    [],
  )
  await cluster.close()
})

clusterTest('a pod that is created again under its name is a new pod', async cluster => {
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }))
  cluster.startScheduler()
  for (let round = 0; round < 5; round++) {
    await cluster.addPod(testPod('again', { requests: { cpu: '1' } }))
    await cluster.pod('again', isBound)
    await cluster.client.delete(podKind, 'default', 'again', { gracePeriodSeconds: 0 })
    await cluster.gone('again')
  }
})

clusterTest('a node that leaves takes its room along', async cluster => {
  await cluster.addNode(testNode('n1'))
  cluster.startScheduler()
  await cluster.addPod(testPod('a', small))
  await cluster.pod('a', isBound)
  await cluster.client.delete(nodeKind, undefined, 'n1')
  await cluster.addPod(testPod('b', small))
  await cluster.pod('b', saying('no nodes available to schedule pods'))
})

const attempts = (cluster: SchedulingCluster, result: string) =>
  Number(
    new RegExp(`^scheduler_schedule_attempts_total\\{profile="default-scheduler",result="${result}"\\} (\\d+)$`, 'm').exec(
      cluster.metrics.render(),
    )?.[1] ?? 0,
  )

clusterTest('what cannot help a waiting pod does not wake it', async cluster => {
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }))
  cluster.startScheduler()
  await cluster.addPod(testPod('big', { requests: { cpu: '2' } }))
  await cluster.pod('big', isRefused)
  await cluster.changeNode('n1', node => ({ ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, new: 'label' } } }))
  const heartbeat = { status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:00:00Z' }] } }
  await cluster.client.patch(nodeKind, undefined, 'n1', { type: 'strategic', body: heartbeat }, { subresource: 'status' })
  await cluster.client.patch(podKind, 'default', 'big', { type: 'merge', body: { metadata: { annotations: { a: 'b' } } } })
  await cluster.addPod(testPod('small', small))
  await cluster.pod('small', isBound)
  assert.deepEqual([attempts(cluster, 'unschedulable'), attempts(cluster, 'scheduled')], [1, 1])
  const more = { status: { allocatable: { cpu: '4', memory: '1Gi', pods: '10' } } }
  await cluster.client.patch(nodeKind, undefined, 'n1', { type: 'merge', body: more }, { subresource: 'status' })
  await cluster.pod('big', isBound)
  assert.deepEqual([attempts(cluster, 'unschedulable'), attempts(cluster, 'scheduled')], [1, 2])
})

/** A client whose bindings go through `binding`. */
const withBinding =
  (binding: (bind: () => Promise<unknown>) => Promise<unknown>) =>
  (client: Client): Client => ({
    ...client,
    createSubresource: (kind, namespace, name, subresource, body, options) =>
      binding(() => client.createSubresource(kind, namespace, name, subresource, body, options)) as never,
  })

test('a binding that fails is tried again after a pause, and the pod says so', { timeout: 20_000 }, async () => {
  const cluster = await openSchedulingCluster()
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }))
  const clock = createManualClock()
  let failures = 1
  const wrap = withBinding(bind => (failures-- > 0 ? Promise.reject(new Error('connection reset')) : bind()))
  cluster.startScheduler({ wrap, clock })
  await cluster.addPod(testPod('unlucky', { requests: { cpu: '1' } }))
  const pod = await cluster.pod('unlucky', isRefused)
  assert.deepEqual([scheduled(pod)?.reason, scheduled(pod)?.message], ['SchedulerError', 'binding rejected: connection reset'])
  assert.match(cluster.logged.join(''), /bind pod default\/unlucky to node n1: connection reset; trying again/)
  clock.advance(1000)
  assert.equal((await cluster.pod('unlucky', isBound)).spec?.nodeName, 'n1')
  await cluster.close()
})

clusterTest('a binding whose answer is lost is not done again', async cluster => {
  await cluster.addNode(testNode('n1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }))
  let bindings = 0
  const wrap = withBinding(async bind => {
    bindings++
    await bind()
    if (bindings === 1) throw new Error('connection reset')
  })
  cluster.startScheduler({ wrap })
  await cluster.addPod(testPod('first', { requests: { cpu: '600m' } }))
  await cluster.pod('first', isBound)
  await cluster.addPod(testPod('second', { requests: { cpu: '300m' } }))
  await cluster.pod('second', isBound)
  await cluster.addPod(testPod('third', { requests: { cpu: '300m' } }))
  await cluster.pod('third', isRefused)
  assert.equal(bindings, 2)
})

test('a plugin that fails on one pod keeps nobody else waiting', { timeout: 20_000 }, async () => {
  const cluster = await openSchedulingCluster()
  await cluster.addNode(testNode('n1'))
  const faulty: FilterPlugin = {
    name: 'Faulty',
    helpedBy: [],
    prepare(info) {
      if (info.pod.metadata.name === 'odd') throw new Error('odd pod')
      return undefined
    },
  }
  cluster.startScheduler({ profile: { filters: [faulty, ...filterPlugins], scores: scorePlugins } })
  await cluster.addPod(testPod('odd', small))
  await cluster.addPod(testPod('even', small))
  await cluster.pod('even', isBound)
  const odd = await cluster.pod('odd', isRefused)
  assert.deepEqual([scheduled(odd)?.reason, scheduled(odd)?.message], ['SchedulerError', 'odd pod'])
  await cluster.close()
})

clusterTest('the more important of two preemptors gets the room, the other looks elsewhere', async cluster => {
  const room = { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }
  await cluster.addNode(testNode('n1', room))
  cluster.startScheduler()
  await cluster.addPod(testPod('victim', { requests: { cpu: '800m' }, priority: 1 }))
  await cluster.pod('victim', isBound)
  await cluster.addPod(testPod('middle', { requests: { cpu: '800m' }, priority: 10 }))
  await cluster.pod('middle', pod => pod.status?.nominatedNodeName === 'n1')
  await cluster.addPod(testPod('top', { requests: { cpu: '800m' }, priority: 100 }))
  await cluster.pod('top', pod => pod.status?.nominatedNodeName === 'n1')
  await cluster.pod('middle', pod => pod.status?.nominatedNodeName === undefined)
  await cluster.client.delete(podKind, 'default', 'victim', { gracePeriodSeconds: 0 })
  await cluster.pod('top', isBound)
  await cluster.addNode(testNode('n2', room))
  assert.equal((await cluster.pod('middle', isBound)).spec?.nodeName, 'n2')
})

clusterTest('a pod that a disruption budget guards is spared where another can go', async cluster => {
  const room = { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }
  await cluster.addNode(testNode('n1', room))
  cluster.startScheduler()
  await cluster.addPod(testPod('guarded', { requests: { cpu: '500m' }, priority: 1, labels: { app: 'web' } }))
  await cluster.addPod(testPod('free', { requests: { cpu: '500m' }, priority: 10 }))
  for (const name of ['guarded', 'free']) await cluster.pod(name, isBound)
  const selector = { matchLabels: { app: 'web' } }
  await cluster.client.create(podDisruptionBudgetKind, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { minAvailable: 1, selector },
  })
  await cluster.addPod(testPod('top', { requests: { cpu: '500m' }, priority: 100 }))
  await cluster.pod('top', pod => pod.status?.nominatedNodeName === 'n1')
  await cluster.pod('free', pod => pod.metadata.deletionTimestamp !== undefined)
  assert.equal((await cluster.pod('guarded', () => true)).metadata.deletionTimestamp, undefined)
})

test('it closes even if it never got to see the cluster', async () => {
  const never = { synced: new Promise<void>(() => {}) } as unknown as Informer<never>
  const client = { informer: () => never } as unknown as Client
  const events = { record: () => assert.fail('nothing happened') }
  const options = { clock: systemClock(), random: systemRandom(), logger: silentLogger, metrics: createMetrics() }
  await startScheduler({ client, events, ...options }).close()
})
