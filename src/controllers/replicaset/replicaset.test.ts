import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { type ReplicaSet, type ReplicaSetSpec, replicaSetKind } from '../../apis/apps/replica-set.ts'
import { eventKind } from '../../apis/core/event.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { replicationControllerKind } from '../../apis/core/replication-controller.ts'
import { serviceAccountKind } from '../../apis/core/service-account.ts'
import { controllerOf } from '../../client/index.ts'
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

const spec = { containers: [{ name: 'main', image: 'one' }] }
const create = (name: string, changes: Partial<ReplicaSetSpec>): Promise<ReplicaSet> =>
  cluster.client.create(replicaSetKind, {
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec }, ...changes },
  })
const scale = (name: string, replicas: number) =>
  cluster.client.patch(replicaSetKind, 'default', name, { type: 'merge', body: { spec: { replicas } } })
const podsOf = (name: string) =>
  cluster.client
    .informer(podKind)
    .list('default')
    .filter(pod => controllerOf(pod)?.name === name)
const statusWith = (name: string, counts: object) =>
  cluster.until(
    replicaSetKind,
    all => {
      const status = all.get('default', name)?.status as Record<string, unknown> | undefined
      return status !== undefined && Object.entries(counts).every(([field, count]) => (status[field] ?? 0) === count)
    },
    `${name} with ${JSON.stringify(counts)}`,
  )
const eventsOf = async (name: string, reason: string, count: number) => {
  const found = () =>
    cluster.client
      .informer(eventKind)
      .list('default')
      .filter(event => event.involvedObject?.name === name && event.reason === reason)
  await cluster.until(eventKind, () => found().length >= count, `${count} events ${reason}`)
  return found().map(event => event.message ?? '')
}

describe('the replica set controller', () => {
  it('makes pods, counts them, and gives them up', async () => {
    await create('plain', { replicas: 5 })
    await statusWith('plain', { replicas: 5, readyReplicas: 5, availableReplicas: 5, fullyLabeledReplicas: 5, observedGeneration: 1 })
    const created = await eventsOf('plain', 'SuccessfulCreate', 5)
    assert.ok(created.every(message => /^Created pod: plain-[a-z0-9]{5}$/.test(message)))
    await scale('plain', 2)
    await statusWith('plain', { replicas: 2, readyReplicas: 2, terminatingReplicas: 0, observedGeneration: 2 })
    assert.equal((await eventsOf('plain', 'SuccessfulDelete', 3)).length, 3)
    await cluster.until(podKind, () => podsOf('plain').length === 2, 'two pods')
  })

  it('replaces pods that failed or were deleted', async () => {
    await create('lasting', { replicas: 2 })
    await statusWith('lasting', { readyReplicas: 2 })
    const [first] = podsOf('lasting')
    await cluster.client.delete(podKind, 'default', first?.metadata.name as string)
    await cluster.until(podKind, () => podsOf('lasting').length === 2 && !podsOf('lasting').includes(first as Pod), 'another pod')
    await statusWith('lasting', { replicas: 2, readyReplicas: 2 })
  })

  it('adopts orphans instead of making pods, and gives up the surplus', async () => {
    for (const name of ['stray-1', 'stray-2', 'stray-3'])
      await cluster.client.create(podKind, { metadata: { name, namespace: 'default', labels: { app: 'adopting' } }, spec })
    await create('adopting', { replicas: 2 })
    await statusWith('adopting', { replicas: 2, readyReplicas: 2 })
    assert.ok(podsOf('adopting').every(pod => pod.metadata.name?.startsWith('stray-')))
    const reference = podsOf('adopting')[0]?.metadata.ownerReferences?.[0]
    assert.deepEqual([reference?.controller, reference?.blockOwnerDeletion, reference?.apiVersion], [true, true, 'apps/v1'])
  })

  it('counts pods as available once they have been ready for long enough', async () => {
    await create('slow', { replicas: 1, minReadySeconds: 60 })
    await statusWith('slow', { readyReplicas: 1, availableReplicas: 0 })
    await statusWith('slow', { readyReplicas: 1, availableReplicas: 1 })
    const since = podsOf('slow')[0]?.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime
    assert.ok(clock.now() - Date.parse(since as string) >= 60_000)
  })

  it('says why it can not make pods, and goes on when it can', async () => {
    const template = { metadata: { labels: { app: 'refused' } }, spec: { ...spec, serviceAccountName: 'robot' } }
    await create('refused', { replicas: 2, template })
    await cluster.until(
      replicaSetKind,
      all => all.get('default', 'refused')?.status?.conditions?.[0]?.reason === 'FailedCreate',
      'a failure',
    )
    const [message] = await eventsOf('refused', 'FailedCreate', 1)
    assert.match(message as string, /^Error creating: pods "refused-.*" is forbidden: error looking up service account default\/robot/)
    await cluster.client.create(serviceAccountKind, { metadata: { name: 'robot', namespace: 'default' } })
    await statusWith('refused', { readyReplicas: 2 })
    await cluster.until(replicaSetKind, all => !all.get('default', 'refused')?.status?.conditions?.length, 'no condition')
  })
})

describe('the replication controller', () => {
  it('does the same for the older kind, by a plain map of labels', async () => {
    const labels = { app: 'older' }
    await cluster.client.create(podKind, { metadata: { name: 'older-stray', namespace: 'default', labels }, spec })
    await cluster.client.create(replicationControllerKind, {
      metadata: { name: 'older', namespace: 'default' },
      spec: { replicas: 3, template: { metadata: { labels }, spec } },
    })
    const statusIs = (counts: object) =>
      cluster.until(
        replicationControllerKind,
        all => {
          const status = all.get('default', 'older')?.status as Record<string, unknown> | undefined
          return status !== undefined && Object.entries(counts).every(([field, count]) => (status[field] ?? 0) === count)
        },
        `older with ${JSON.stringify(counts)}`,
      )
    await statusIs({ replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1 })
    const reference = podsOf('older').find(pod => pod.metadata.name === 'older-stray')?.metadata.ownerReferences?.[0]
    assert.deepEqual([reference?.kind, reference?.apiVersion, reference?.controller], ['ReplicationController', 'v1', true])
    await cluster.client.patch(podKind, 'default', 'older-stray', { type: 'merge', body: { metadata: { labels: { app: 'other' } } } })
    await cluster.until(podKind, all => !all.get('default', 'older-stray')?.metadata.ownerReferences, 'the stray was released')
    await statusIs({ replicas: 3, readyReplicas: 3 })
    await cluster.client.patch(replicationControllerKind, 'default', 'older', { type: 'merge', body: { spec: { replicas: 1 } } })
    await statusIs({ replicas: 1, readyReplicas: 1, observedGeneration: 2 })
  })
})
