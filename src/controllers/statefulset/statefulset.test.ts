import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { controllerRevisionKind } from '../../apis/apps/controller-revision.ts'
import { type StatefulSet, type StatefulSetSpec, statefulSetKind } from '../../apis/apps/stateful-set.ts'
import { eventKind } from '../../apis/core/event.ts'
import { persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { controllerOf } from '../../client/index.ts'
import type { RunningControllers } from '../index.ts'
import { fastClock, openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { type Fate, runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'

const clock = fastClock(100)
let cluster: TestCluster
let controllers: RunningControllers
let kubelet: ReturnType<typeof runSimulatedKubelet>
let fateOf: (pod: Pod) => Fate = () => 'ready'
/** Names of pods in the order of their making and of their going, as the informer tells. */
let story: string[] = []

before(async () => {
  cluster = await openTestCluster({ clock })
  controllers = cluster.start()
  kubelet = runSimulatedKubelet(cluster.client, clock, pod => fateOf(pod))
  cluster.client.informer(podKind).onChange((old, current) => {
    if (!old && current) story.push(`+${current.metadata.name}`)
    if (current?.metadata.deletionTimestamp && !old?.metadata.deletionTimestamp) story.push(`-${current.metadata.name}`)
  })
})
afterEach(() => {
  fateOf = () => 'ready'
  story = []
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
})

const container = (image: string) => ({ name: 'main', image })
const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const create = (name: string, changes: Partial<StatefulSetSpec> = {}, image = 'one') =>
  cluster.client.create(statefulSetKind, {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 3,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container(image)] } },
      ...changes,
    },
  })
const change = (name: string, spec: object) => cluster.client.patch(statefulSetKind, 'default', name, { type: 'merge', body: { spec } })
const image = (value: string) => ({ template: { spec: { containers: [container(value)] } } })
const get = (name: string): StatefulSet | undefined => cluster.client.informer(statefulSetKind).get('default', name)
const pod = (name: string): Pod | undefined => cluster.client.informer(podKind).get('default', name)
const podsOf = (name: string) =>
  cluster.client
    .informer(podKind)
    .list('default')
    .filter(one => controllerOf(one)?.name === name)
const imagesOf = (name: string) => Object.fromEntries(podsOf(name).map(({ metadata, spec }) => [metadata.name, spec?.containers[0]?.image]))
const untilStatus = (name: string, counts: object) =>
  cluster.until(
    statefulSetKind,
    () => {
      const { metadata, status } = get(name) ?? { metadata: {} }
      if (status?.observedGeneration !== metadata.generation) return false
      return Object.entries(counts).every(([field, count]) => ((status as unknown as Record<string, unknown>)[field] ?? 0) === count)
    },
    `${name} with ${JSON.stringify(counts)}`,
  )
const done = async (name: string, replicas: number) => {
  await untilStatus(name, { replicas, readyReplicas: replicas, updatedReplicas: replicas, currentReplicas: replicas })
  await cluster.until(podKind, () => podsOf(name).length === replicas, `${replicas} pods`)
}
const claimNamed = (name: string) => cluster.client.informer(persistentVolumeClaimKind).get('default', name)
const revisionsOf = (name: string) =>
  cluster.client
    .informer(controllerRevisionKind)
    .list('default')
    .filter(one => controllerOf(one)?.name === name)
    .sort((left, right) => left.revision - right.revision)

describe('the stateful set controller', () => {
  it('makes pods one after another, with names, labels and a host name of their own, and takes them away from the end', async () => {
    await create('ordered')
    await done('ordered', 3)
    assert.deepEqual(story, ['+ordered-0', '+ordered-1', '+ordered-2'])
    const { metadata, spec } = pod('ordered-1') as Pod
    assert.deepEqual([spec?.hostname, spec?.subdomain], ['ordered-1', 'ordered'])
    assert.deepEqual(
      [metadata.labels?.['statefulset.kubernetes.io/pod-name'], metadata.labels?.['apps.kubernetes.io/pod-index']],
      ['ordered-1', '1'],
    )
    assert.equal(metadata.labels?.['controller-revision-hash'], get('ordered')?.status?.updateRevision)
    await change('ordered', { replicas: 1 })
    await done('ordered', 1)
    assert.deepEqual(story.slice(3), ['-ordered-2', '-ordered-1'])
  })

  it('waits for a pod that is not ready before it goes on', async () => {
    fateOf = one => (one.metadata.name === 'stuck-1' ? 'unready' : 'ready')
    await create('stuck')
    await untilStatus('stuck', { replicas: 2, readyReplicas: 1 })
    assert.equal(pod('stuck-2'), undefined)
    await cluster.client.delete(podKind, 'default', 'stuck-1')
    fateOf = () => 'ready'
    await done('stuck', 3)
  })

  it('makes all at once, if it may', async () => {
    fateOf = one => (one.metadata.name?.startsWith('parallel') ? 'unready' : 'ready')
    await create('parallel', { podManagementPolicy: 'Parallel' })
    await untilStatus('parallel', { replicas: 3, readyReplicas: 0 })
    await change('parallel', { replicas: 0 })
    await cluster.until(podKind, () => podsOf('parallel').length === 0, 'no pods')
  })

  it('makes a failed pod again', async () => {
    await create('failing', { replicas: 1 })
    await done('failing', 1)
    const before = pod('failing-0')
    await cluster.client.updateStatus(podKind, { ...(before as Pod), status: { ...before?.status, phase: 'Failed', conditions: [] } })
    await cluster.until(
      podKind,
      () => pod('failing-0') !== undefined && pod('failing-0')?.metadata.uid !== before?.metadata.uid,
      'another pod',
    )
    await done('failing', 1)
    await cluster.until(
      eventKind,
      all =>
        all.list('default').some(({ reason, involvedObject }) => reason === 'RecreatingFailedPod' && involvedObject?.name === 'failing'),
      'an event',
    )
  })

  it('updates pods from the end, one at a time, and goes back to an old revision by its number', async () => {
    await create('updated')
    await done('updated', 3)
    const [first] = revisionsOf('updated')
    story = []
    await change('updated', image('two'))
    await done('updated', 3)
    assert.deepEqual(story, ['-updated-2', '+updated-2', '-updated-1', '+updated-1', '-updated-0', '+updated-0'])
    assert.deepEqual(imagesOf('updated'), { 'updated-0': 'two', 'updated-1': 'two', 'updated-2': 'two' })
    const second = revisionsOf('updated').at(-1)
    assert.deepEqual([first?.revision, second?.revision], [1, 2])
    assert.equal(get('updated')?.status?.currentRevision, second?.metadata.name)
    await change('updated', image('one'))
    await done('updated', 3)
    const revisions = revisionsOf('updated')
    assert.deepEqual(
      revisions.map(({ metadata, revision }) => [metadata.name, revision]),
      [
        [second?.metadata.name, 2],
        [first?.metadata.name, 3],
      ],
    )
    assert.deepEqual(imagesOf('updated'), { 'updated-0': 'one', 'updated-1': 'one', 'updated-2': 'one' })
  })

  it('leaves pods below the partition as they are, also when they are made again', async () => {
    await create('canary', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } })
    await done('canary', 3)
    await change('canary', image('two'))
    await untilStatus('canary', { readyReplicas: 3, updatedReplicas: 1, currentReplicas: 2 })
    await cluster.client.delete(podKind, 'default', 'canary-0')
    await cluster.until(podKind, () => story.filter(line => line === '+canary-0').length === 2, 'the first pod again')
    await untilStatus('canary', { readyReplicas: 3, updatedReplicas: 1, currentReplicas: 2 })
    assert.deepEqual(imagesOf('canary'), { 'canary-0': 'one', 'canary-1': 'one', 'canary-2': 'two' })
    await change('canary', { updateStrategy: { rollingUpdate: { partition: 0 } } })
    await done('canary', 3)
    assert.deepEqual(imagesOf('canary'), { 'canary-0': 'two', 'canary-1': 'two', 'canary-2': 'two' })
  })

  it('replaces pods only once somebody deletes them, if so asked', async () => {
    await create('patient', { replicas: 2, updateStrategy: { type: 'OnDelete' } })
    await untilStatus('patient', { readyReplicas: 2 })
    await change('patient', image('two'))
    await untilStatus('patient', { readyReplicas: 2, updatedReplicas: 0 })
    await cluster.client.delete(podKind, 'default', 'patient-1')
    await untilStatus('patient', { readyReplicas: 2, updatedReplicas: 1 })
    assert.deepEqual(imagesOf('patient'), { 'patient-0': 'one', 'patient-1': 'two' })
  })

  it('gives each pod its claims, and keeps them', async () => {
    const mounts = {
      metadata: { labels: { app: 'stored' } },
      spec: { containers: [{ ...container('one'), volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
    }
    await create('stored', { replicas: 2, volumeClaimTemplates: [claim], template: mounts })
    await done('stored', 2)
    assert.deepEqual(pod('stored-1')?.spec?.volumes?.[0], { name: 'data', persistentVolumeClaim: { claimName: 'data-stored-1' } })
    assert.deepEqual(claimNamed('data-stored-1')?.metadata.labels, { app: 'stored' })
    const before = claimNamed('data-stored-1')?.metadata.uid
    await change('stored', { replicas: 1 })
    await done('stored', 1)
    await change('stored', { replicas: 2 })
    await done('stored', 2)
    assert.equal(claimNamed('data-stored-1')?.metadata.uid, before)
    assert.equal(claimNamed('data-stored-1')?.metadata.ownerReferences, undefined)
  })

  it('lets claims go with their pods or with the set, if so asked', async () => {
    await create('fleeting', {
      replicas: 2,
      volumeClaimTemplates: [claim],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    })
    await done('fleeting', 2)
    await cluster.until(
      persistentVolumeClaimKind,
      () => claimNamed('data-fleeting-0')?.metadata.ownerReferences?.[0]?.kind === 'StatefulSet',
      'an owner',
    )
    await change('fleeting', { replicas: 1 })
    await cluster.until(persistentVolumeClaimKind, () => claimNamed('data-fleeting-1') === undefined, 'the second claim went')
    assert.ok(claimNamed('data-fleeting-0'))
    await cluster.client.delete(statefulSetKind, 'default', 'fleeting', { propagationPolicy: 'Background' })
    await cluster.until(persistentVolumeClaimKind, () => claimNamed('data-fleeting-0') === undefined, 'the first claim went')
  })

  it('numbers pods from where it is told, and keeps as many revisions as it should', async () => {
    await create('shifted', { replicas: 1, ordinals: { start: 5 }, revisionHistoryLimit: 1 })
    await done('shifted', 1)
    assert.ok(pod('shifted-5'))
    for (const value of ['two', 'three', 'four']) {
      await change('shifted', image(value))
      await done('shifted', 1)
      await cluster.until(podKind, () => imagesOf('shifted')['shifted-5'] === value, `pods of ${value}`)
    }
    await cluster.until(controllerRevisionKind, () => revisionsOf('shifted').length === 2, 'two revisions')
    assert.deepEqual(
      revisionsOf('shifted').map(({ revision }) => revision),
      [3, 4],
    )
  })

  it('counts pods as available once they have been ready for long enough, and takes in no pods of other names', async () => {
    await cluster.client.create(podKind, {
      metadata: { name: 'stray', namespace: 'default', labels: { app: 'slow' } },
      spec: { containers: [container('one')] },
    })
    await create('slow', { replicas: 1, minReadySeconds: 60 })
    await untilStatus('slow', { readyReplicas: 1, availableReplicas: 0 })
    await untilStatus('slow', { readyReplicas: 1, availableReplicas: 1 })
    assert.equal(pod('stray')?.metadata.ownerReferences, undefined)
  })
})
