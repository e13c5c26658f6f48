import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { configMapKind } from '../../apis/core/config-map.ts'
import { namespaceKind } from '../../apis/core/namespace.ts'
import { podKind } from '../../apis/core/pod.ts'
import { type ResourceQuota, type ResourceQuotaSpec, resourceQuotaKind } from '../../apis/core/resource-quota.ts'
import { serviceKind } from '../../apis/core/service.ts'
import { serviceAccountKind } from '../../apis/core/service-account.ts'
import type { RunningControllers } from '../index.ts'
import { openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'

describe('the controller of resource quotas', () => {
  let cluster: TestCluster
  let controllers: RunningControllers
  before(async () => {
    cluster = await openTestCluster()
    controllers = cluster.start()
  })
  after(async () => {
    await controllers.close()
    await cluster.close()
  })

  const statusOf = (namespace: string) => cluster.client.informer(resourceQuotaKind).get(namespace, 'quota')?.status
  const used = (namespace: string, amounts: ResourceQuotaSpec['hard']) =>
    cluster.until(
      resourceQuotaKind,
      () => JSON.stringify(sorted(statusOf(namespace)?.used)) === JSON.stringify(sorted(amounts)),
      `use of ${JSON.stringify(amounts)}`,
    )
  const sorted = (amounts: ResourceQuotaSpec['hard']) => Object.entries(amounts ?? {}).sort()

  async function namespaceOf(name: string): Promise<void> {
    await cluster.client.create(namespaceKind, { metadata: { name } })
    await cluster.until(serviceAccountKind, all => all.get(name, 'default') !== undefined, 'a service account')
    await cluster.until(configMapKind, all => all.get(name, 'kube-root-ca.crt') !== undefined, 'a certificate')
  }
  const quota = (namespace: string, hard: ResourceQuotaSpec['hard']): Promise<ResourceQuota> =>
    cluster.client.create(resourceQuotaKind, { metadata: { name: 'quota', namespace }, spec: { hard } })

  it('counts what is there, and gives back what goes', async () => {
    await namespaceOf('things')
    await cluster.client.create(configMapKind, { metadata: { name: 'before', namespace: 'things' } })
    await quota('things', { configmaps: '5', 'count/deployments.apps': '1', 'count/ships.example.com': '1' })
    await used('things', { configmaps: '2', 'count/deployments.apps': '0' })
    await cluster.client.create(configMapKind, { metadata: { name: 'later', namespace: 'things' } })
    await used('things', { configmaps: '3', 'count/deployments.apps': '0' })
    await cluster.client.delete(configMapKind, 'things', 'before')
    await used('things', { configmaps: '2', 'count/deployments.apps': '0' })
  })

  it('follows what is allowed, whoever else writes the status', async () => {
    await namespaceOf('changing')
    const made = await quota('changing', { pods: '1' })
    await used('changing', { pods: '0' })
    await cluster.client.patch(resourceQuotaKind, 'changing', 'quota', {
      type: 'merge',
      body: { spec: { hard: { pods: '2', services: '1' } } },
    })
    await used('changing', { pods: '0', services: '0' })
    const current = await cluster.client.get(resourceQuotaKind, 'changing', made.metadata.name ?? '')
    await cluster.client.updateStatus(resourceQuotaKind, { ...current, status: { hard: { pods: '9' } } })
    await cluster.until(resourceQuotaKind, () => statusOf('changing')?.hard?.services === '1', 'the status that follows from the spec')
    assert.deepEqual(statusOf('changing'), { hard: { pods: '2', services: '1' }, used: { pods: '0', services: '0' } })
  })

  it('gives back what a pod used once it is over, and a service its node ports', async () => {
    await namespaceOf('ending')
    await quota('ending', { pods: '5', 'count/pods': '5', 'requests.cpu': '1', 'services.nodeports': '3' })
    await used('ending', { pods: '0', 'count/pods': '0', 'requests.cpu': '0', 'services.nodeports': '0' })
    const containers = [{ name: 'main', image: 'image', resources: { requests: { cpu: '250m' } } }]
    const pod = await cluster.client.create(podKind, { metadata: { name: 'pod', namespace: 'ending' }, spec: { containers } })
    const ports = [{ name: 'a', port: 80 }]
    const service = { metadata: { name: 'web', namespace: 'ending' }, spec: { type: 'NodePort', ports } }
    await cluster.client.create(serviceKind, service)
    await used('ending', { pods: '1', 'count/pods': '1', 'requests.cpu': '250m', 'services.nodeports': '1' })
    await cluster.client.updateStatus(podKind, { ...pod, status: { ...pod.status, phase: 'Succeeded' } })
    await cluster.client.patch(serviceKind, 'ending', 'web', { type: 'merge', body: { spec: { type: 'ClusterIP' } } })
    await used('ending', { pods: '0', 'count/pods': '1', 'requests.cpu': '0', 'services.nodeports': '0' })
  })
})
