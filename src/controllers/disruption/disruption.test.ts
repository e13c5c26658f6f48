import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { StatusError } from '../../apimachinery/api-errors.ts'
import { deploymentKind } from '../../apis/apps/deployment.ts'
import { replicaSetKind } from '../../apis/apps/replica-set.ts'
import { jobKind } from '../../apis/batch/job.ts'
import { eventKind } from '../../apis/core/event.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { type PodDisruptionBudget, type PodDisruptionBudgetSpec, podDisruptionBudgetKind } from '../../apis/policy/pod-disruption-budget.ts'
import { formatTime } from '../../base/index.ts'
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
})
afterEach(() => {
  fateOf = () => 'ready'
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
})

const container = { name: 'main', image: 'one' }
const template = (app: string) => ({ metadata: { labels: { app } }, spec: { containers: [container] } })
const workload = (name: string, replicas: number) => ({
  metadata: { name, namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name) },
})
const budget = (name: string, spec: PodDisruptionBudgetSpec) =>
  cluster.client.create(podDisruptionBudgetKind, {
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  })
const get = (name: string): PodDisruptionBudget | undefined => cluster.client.informer(podDisruptionBudgetKind).get('default', name)
const statusWith = (name: string, counts: object) =>
  cluster.until(
    podDisruptionBudgetKind,
    () => {
      const { metadata, status } = get(name) ?? { metadata: {} }
      const values = status as Readonly<Record<string, unknown>> | undefined
      if (values === undefined || status?.observedGeneration !== metadata.generation) return false
      return Object.entries(counts).every(([field, count]) => (values[field] ?? 0) === count)
    },
    `${name} with ${JSON.stringify(counts)}`,
  )
const podsOf = (name: string) =>
  cluster.client
    .informer(podKind)
    .list('default')
    .filter(pod => pod.metadata.labels?.app === name)
const ready = (name: string, count: number) =>
  cluster.until(
    podKind,
    () => podsOf(name).filter(pod => pod.status?.conditions?.some(one => one.type === 'Ready' && one.status === 'True')).length === count,
    `${count} ready pods of ${name}`,
  )
const evict = (pod: Pod | undefined) => {
  const { name = '' } = pod?.metadata ?? {}
  return cluster.client.createSubresource(podKind, 'default', name, 'eviction', {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
  })
}
const refusal = async (pod: Pod | undefined): Promise<StatusError['status']> => {
  const error = await evict(pod).then(
    () => assert.fail('the eviction was allowed'),
    (reason: StatusError) => reason,
  )
  return error.status
}

describe('disruption budgets', () => {
  it('follow the pods and the scale of what makes them', async () => {
    await cluster.client.create(deploymentKind, workload('web', 3))
    await ready('web', 3)
    await budget('web', { maxUnavailable: 1 })
    await statusWith('web', { expectedPods: 3, desiredHealthy: 2, currentHealthy: 3, disruptionsAllowed: 1 })
    const [condition] = get('web')?.status?.conditions ?? []
    assert.deepEqual([condition?.type, condition?.status, condition?.reason], ['DisruptionAllowed', 'True', 'SufficientPods'])
    await cluster.client.patch(deploymentKind, 'default', 'web', { type: 'merge', body: { spec: { replicas: 5 } } })
    await statusWith('web', { expectedPods: 5, desiredHealthy: 4, currentHealthy: 5, disruptionsAllowed: 1 })
    await cluster.client.patch(podDisruptionBudgetKind, 'default', 'web', { type: 'merge', body: { spec: { maxUnavailable: '50%' } } })
    await statusWith('web', { expectedPods: 5, desiredHealthy: 2, disruptionsAllowed: 3 })
  })

  it('hold evictions back until others are healthy again', async () => {
    await cluster.client.create(replicaSetKind, workload('held', 2))
    await ready('held', 2)
    await budget('held', { minAvailable: 2 })
    await statusWith('held', { currentHealthy: 2, disruptionsAllowed: 0 })
    const [pod] = podsOf('held')
    const status = await refusal(pod)
    assert.deepEqual([status.code, status.reason], [429, 'TooManyRequests'])
    assert.equal(status.message, "Cannot evict pod as it would violate the pod's disruption budget.")
    assert.deepEqual(status.details?.causes, [
      { reason: 'DisruptionBudget', message: 'The disruption budget held needs 2 healthy pods and has 2 currently' },
    ])
    assert.equal(podsOf('held').length, 2)
    await cluster.client.patch(podDisruptionBudgetKind, 'default', 'held', { type: 'merge', body: { spec: { minAvailable: 1 } } })
    await statusWith('held', { disruptionsAllowed: 1 })
    await evict(pod)
    await cluster.until(podKind, () => podsOf('held').every(one => one.metadata.uid !== pod?.metadata.uid), 'the pod went')
    await statusWith('held', { currentHealthy: 2, disruptionsAllowed: 1 })
  })

  it('are spent by one eviction at a time', async () => {
    fateOf = () => 'ready'
    await cluster.client.create(replicaSetKind, workload('raced', 4))
    await ready('raced', 4)
    await budget('raced', { minAvailable: 3 })
    await statusWith('raced', { disruptionsAllowed: 1 })
    // Pods that replace the evicted ones stay away, so what is granted is not filled up again.
    fateOf = pod => (pod.metadata.labels?.app === 'raced' ? 'pending' : 'ready')
    const results = await Promise.allSettled(podsOf('raced').map(evict))
    assert.equal(results.filter(result => result.status === 'fulfilled').length, 1)
    for (const result of results) if (result.status === 'rejected') assert.equal((result.reason as StatusError).code, 429)
  })

  it('let pods go that do no work, as their policy says', async () => {
    fateOf = pod => (pod.metadata.name === 'idle-sick' || pod.metadata.name === 'free-sick' ? 'unready' : 'ready')
    const sick = (app: string) => ({
      metadata: { name: `${app}-sick`, namespace: 'default', labels: { app } },
      spec: { containers: [container] },
    })
    await cluster.client.create(podKind, sick('idle'))
    await cluster.client.create(podKind, sick('free'))
    const isRunning = (name: string) => cluster.client.informer(podKind).get('default', name)?.status?.phase === 'Running'
    await cluster.until(podKind, () => isRunning('idle-sick') && isRunning('free-sick'), 'running pods')
    await budget('idle', { minAvailable: 1 })
    await statusWith('idle', { currentHealthy: 0, desiredHealthy: 1, expectedPods: 1 })
    assert.equal((await refusal(podsOf('idle')[0])).code, 429)
    await budget('free', { minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })
    await statusWith('free', { currentHealthy: 0, desiredHealthy: 1 })
    await evict(podsOf('free')[0])
    await cluster.until(podKind, () => podsOf('free').length === 0, 'the pod went')
  })

  it('say what they can not calculate, and allow nothing then', async () => {
    await cluster.client.create(jobKind, {
      metadata: { name: 'batch', namespace: 'default' },
      spec: { template: { metadata: { labels: { app: 'batch' } }, spec: { restartPolicy: 'Never', containers: [container] } } },
    })
    await ready('batch', 1)
    await budget('batch', { maxUnavailable: 1 })
    const failed = () => get('batch')?.status?.conditions?.[0]
    await cluster.until(podDisruptionBudgetKind, () => failed()?.reason === 'SyncFailed', 'a failure')
    assert.equal(failed()?.message, 'jobs.batch does not implement the scale subresource')
    const message = (await refusal(podsOf('batch')[0])).details?.causes?.[0]?.message
    assert.match(message ?? '', /^The disruption budget batch is still being processed by the server\./)
    const events = () =>
      cluster.client
        .informer(eventKind)
        .list('default')
        .filter(event => event.involvedObject?.name === 'batch')
    await cluster.until(eventKind, () => events().some(({ reason }) => reason === 'CalculateExpectedPodCountFailed'), 'an event')
  })

  it('are refused where a pod has several', async () => {
    await cluster.client.create(podKind, {
      metadata: { name: 'twice', namespace: 'default', labels: { app: 'twice' } },
      spec: { containers: [container] },
    })
    await ready('twice', 1)
    await budget('twice', { minAvailable: 0 })
    await cluster.client.create(podDisruptionBudgetKind, {
      metadata: { name: 'twice-2', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'twice' } } },
    })
    await statusWith('twice-2', {})
    const { code, message } = await refusal(podsOf('twice')[0])
    assert.deepEqual(
      [code, message],
      [500, 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'],
    )
  })

  it('take back what was granted and not used, and the mark from the pod', async () => {
    const name = 'spared'
    await cluster.client.create(podKind, {
      metadata: { name, namespace: 'default', labels: { app: name } },
      spec: { containers: [container] },
    })
    await ready(name, 1)
    await budget(name, { minAvailable: 0 })
    await statusWith(name, { disruptionsAllowed: 1 })
    const now = formatTime(clock.now())
    await cluster.client.patch(
      podKind,
      'default',
      name,
      {
        type: 'strategic',
        body: {
          status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', lastTransitionTime: now }] },
        },
      },
      { subresource: 'status' },
    )
    await cluster.client.patch(
      podDisruptionBudgetKind,
      'default',
      name,
      { type: 'merge', body: { status: { disruptedPods: { [name]: now } } } },
      { subresource: 'status' },
    )
    await statusWith(name, { currentHealthy: 0, disruptionsAllowed: 0 })
    await statusWith(name, { currentHealthy: 1, disruptionsAllowed: 1 })
    assert.equal(get(name)?.status?.disruptedPods, undefined)
    const mark = () => podsOf(name)[0]?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
    await cluster.until(podKind, () => mark()?.status === 'False', 'no mark')
    assert.ok(clock.now() - Date.parse(now) >= 120_000)
  })
})
