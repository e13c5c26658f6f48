import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { bootstrapClusterRoles } from '../../apis/rbac/bootstrap.ts'
import type { ClusterRole } from '../../apis/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '../../apis/rbac/cluster-role-binding.ts'
import { eventually, rbacGroup, resourceOf, startTestCluster, type TestCluster } from '../admission/test-cluster.test-support.ts'
import { followAggregation, reconcileBootstrapPolicy } from './index.ts'

describe('bootstrap policy', () => {
  let cluster: TestCluster
  beforeEach(async () => {
    cluster = await startTestCluster()
    await reconcileBootstrapPolicy(cluster.admin)
  })
  afterEach(() => cluster.close())

  const get = <T extends KubernetesObject>(resource: string, name: string) =>
    cluster.admin.call({ verb: 'get', resource: resourceOf(resource), name }) as Promise<T>
  const patch = (resource: string, name: string, body: object) =>
    cluster.admin.call({ verb: 'patch', patchType: 'merge', resource: resourceOf(resource), name, body })
  const revisionOfAll = async () =>
    Promise.all(
      ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(async resource => {
        const list = await cluster.admin.call({ verb: 'list', resource: resourceOf(resource) })
        return (list as unknown as { items: KubernetesObject[] }).items.map(item => item.metadata.resourceVersion)
      }),
    )

  it('writes nothing where everything is there', async () => {
    const before = await revisionOfAll()
    assert.equal(before[0]?.length, bootstrapClusterRoles.length)
    await reconcileBootstrapPolicy(cluster.admin)
    assert.deepEqual(await revisionOfAll(), before)
  })

  it('restores what was taken away and keeps what was added', async () => {
    await patch('clusterroles', 'system:discovery', { rules: [{ verbs: ['get'], nonResourceURLs: ['/mine'] }] })
    await patch('clusterrolebindings', 'system:basic-user', { subjects: [{ kind: 'User', apiGroup: rbacGroup, name: 'eve' }] })
    await cluster.admin.call({ verb: 'delete', resource: resourceOf('clusterroles'), name: 'view' })
    await reconcileBootstrapPolicy(cluster.admin)
    const { rules = [] } = await get<ClusterRole>('clusterroles', 'system:discovery')
    const urls = rules.flatMap(rule => rule.nonResourceURLs ?? [])
    assert.ok(urls.includes('/mine') && urls.includes('/apis/*'))
    const { subjects = [] } = await get<ClusterRoleBinding>('clusterrolebindings', 'system:basic-user')
    assert.deepEqual(
      subjects.map(({ name }) => name),
      ['eve', 'system:authenticated'],
    )
    await get('clusterroles', 'view')
  })

  it('leaves alone what says so', async () => {
    const metadata = { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } }
    await patch('clusterroles', 'system:discovery', { metadata, rules: [] })
    await reconcileBootstrapPolicy(cluster.admin)
    assert.equal((await get<ClusterRole>('clusterroles', 'system:discovery')).rules?.length ?? 0, 0)
  })

  it('makes a binding to another role anew', async () => {
    await cluster.admin.call({ verb: 'delete', resource: resourceOf('clusterrolebindings'), name: 'system:discovery' })
    const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name: 'cluster-admin' }
    await cluster.create('clusterrolebindings', { metadata: { name: 'system:discovery' }, roleRef, subjects: [] })
    await reconcileBootstrapPolicy(cluster.admin)
    assert.equal((await get<ClusterRoleBinding>('clusterrolebindings', 'system:discovery')).roleRef.name, 'system:discovery')
  })

  it('lets anonymous users see health and version only', async () => {
    const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
    const asked = (path: string) =>
      cluster.rbac.authorize(anonymous, {
        isResourceRequest: false,
        verb: 'get',
        path,
        group: '',
        version: '',
        resource: '',
        subresource: '',
        namespace: '',
        name: '',
      }).allowed
    for (const path of ['/healthz', '/livez', '/readyz', '/version', '/version/']) assert.equal(asked(path), true, path)
    for (const path of ['/api', '/apis', '/metrics', '/openapi/v2', '/']) assert.equal(asked(path), false, path)
  })

  it('gathers rules of roles by their labels, again after each change', async () => {
    const aggregation = followAggregation(cluster.admin, cluster.rbacViews)
    const resourcesOf = (name: string) =>
      ((cluster.rbacViews.clusterRoles.get(undefined, name) as ClusterRole | undefined)?.rules ?? []).flatMap(rule => rule.resources ?? [])
    // Edit takes over view by its label, and admin edit.
    await eventually(() => resourcesOf('admin').includes('pods/log') && resourcesOf('admin').includes('roles'))
    assert.ok(!resourcesOf('view').includes('secrets') && resourcesOf('edit').includes('secrets'))
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    const rules = [{ verbs: ['get'], apiGroups: ['example.com'], resources: ['boats'] }]
    await cluster.create('clusterroles', { metadata: { name: 'boats', labels }, rules })
    await eventually(() => resourcesOf('view').includes('boats') && resourcesOf('admin').includes('boats'))
    await cluster.admin.call({ verb: 'delete', resource: resourceOf('clusterroles'), name: 'boats' })
    await eventually(() => !resourcesOf('view').includes('boats') && !resourcesOf('admin').includes('boats'))
    aggregation.close()
  })
})
