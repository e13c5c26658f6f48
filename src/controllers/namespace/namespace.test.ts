import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { configMapKind } from '../../apis/core/config-map.ts'
import { namespaceKind } from '../../apis/core/namespace.ts'
import { podKind } from '../../apis/core/pod.ts'
import { serviceAccountKind } from '../../apis/core/service-account.ts'
import type { RunningControllers } from '../index.ts'
import { fastClock, openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'

const clock = fastClock(100)
let cluster: TestCluster
let controllers: RunningControllers
let kubelet: ReturnType<typeof runSimulatedKubelet>

before(async () => {
  cluster = await openTestCluster({ clock })
  controllers = cluster.start()
  kubelet = runSimulatedKubelet(cluster.client, clock, () => 'ready')
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
})

const gone = (name: string) => cluster.until(namespaceKind, all => all.get(undefined, name) === undefined, `the end of ${name}`)
const conditionOf = (name: string, type: string) =>
  cluster.client
    .informer(namespaceKind)
    .get(undefined, name)
    ?.status?.conditions?.find(condition => condition.type === type)

describe('the controllers of namespaces', () => {
  it('give each its service account and the certificate of the API server, again if they are lost', async () => {
    await cluster.client.create(namespaceKind, { metadata: { name: 'fresh' } })
    await cluster.until(serviceAccountKind, all => all.get('fresh', 'default') !== undefined, 'a service account')
    const certificate = () => cluster.client.informer(configMapKind).get('fresh', 'kube-root-ca.crt')
    await cluster.until(configMapKind, () => certificate()?.data?.['ca.crt'] === 'certificate', 'a certificate')
    await cluster.client.patch(configMapKind, 'fresh', 'kube-root-ca.crt', { type: 'merge', body: { data: { 'ca.crt': 'other' } } })
    await cluster.until(configMapKind, () => certificate()?.data?.['ca.crt'] === 'certificate', 'the certificate again')
    const { uid } = (await cluster.client.get(serviceAccountKind, 'fresh', 'default')).metadata
    await cluster.client.delete(serviceAccountKind, 'fresh', 'default')
    const current = () => cluster.client.informer(serviceAccountKind).get('fresh', 'default')?.metadata.uid
    await cluster.until(serviceAccountKind, () => current() !== undefined && current() !== uid, 'the service account again')
  })

  it('empty one that is deleted, and let it go', async () => {
    await cluster.client.create(namespaceKind, { metadata: { name: 'ending' } })
    await cluster.until(serviceAccountKind, all => all.get('ending', 'default') !== undefined, 'a service account')
    await cluster.client.create(configMapKind, { metadata: { name: 'one', namespace: 'ending' } })
    const spec = { containers: [{ name: 'main', image: 'one' }] }
    await cluster.client.create(podKind, { metadata: { name: 'one', namespace: 'ending' }, spec })
    await cluster.until(podKind, all => all.get('ending', 'one')?.status?.phase === 'Running', 'a running pod')
    await cluster.client.delete(namespaceKind, undefined, 'ending')
    await gone('ending')
    assert.deepEqual(cluster.client.informer(podKind).list('ending'), [])
    assert.deepEqual(cluster.client.informer(configMapKind).list('ending'), [])
  })

  it('say what holds a namespace back', async () => {
    await cluster.client.create(namespaceKind, { metadata: { name: 'held' } })
    await cluster.client.create(configMapKind, { metadata: { name: 'one', namespace: 'held', finalizers: ['example.com/held'] } })
    await cluster.client.delete(namespaceKind, undefined, 'held')
    await cluster.until(
      namespaceKind,
      () =>
        conditionOf('held', 'NamespaceContentRemaining')?.message === 'Some resources are remaining: configmaps. has 1 resource instances',
      'what remains',
    )
    assert.equal(
      conditionOf('held', 'NamespaceFinalizersRemaining')?.message,
      'Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances',
    )
    await cluster.client.patch(configMapKind, 'held', 'one', { type: 'merge', body: { metadata: { finalizers: null } } })
    await gone('held')
  })
})
