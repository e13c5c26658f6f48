import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { AdmissionStep } from '../types.ts'
import { choosePlugins } from './choose-plugins.ts'
import { create, resourceOf, startTestCluster, type TestCluster } from './test-cluster.test-support.ts'

describe('which plugins act', () => {
  const steps: readonly AdmissionStep[] = ['Priority', 'AlwaysPullImages', 'RBACEscalation', 'ResourceQuota'].map(name => ({
    name,
    handles: () => true,
  }))
  const names = (enable?: string, disable?: string) => choosePlugins(steps, { enable, disable }).map(({ name }) => name)
  it('are the default ones, those that are asked for, and not those that are not wanted', () => {
    assert.deepEqual(names(), ['Priority', 'RBACEscalation', 'ResourceQuota'])
    assert.deepEqual(names('AlwaysPullImages, ResourceQuota'), ['Priority', 'AlwaysPullImages', 'RBACEscalation', 'ResourceQuota'])
    assert.deepEqual(names('AlwaysPullImages', 'Priority,ResourceQuota'), ['AlwaysPullImages', 'RBACEscalation'])
  })
  it('have names that are known, each in one list', () => {
    assert.throws(() => names('Nope'), /enable-admission-plugins plugin "Nope" is unknown; there are AlwaysPullImages, Priority, Resource/)
    assert.throws(() => names(undefined, 'RBACEscalation'), /disable-admission-plugins plugin "RBACEscalation" is unknown/)
    assert.throws(() => names('Priority', 'Priority'), /Priority in enable-admission-plugins and disable-admission-plugins overlapped/)
  })
})

describe('plugins that are off by default', () => {
  let cluster: TestCluster
  before(async () => {
    const enable = 'AlwaysPullImages,DenyServiceExternalIPs,OwnerReferencesPermissionEnforcement'
    cluster = await startTestCluster({}, { enable, disable: 'LimitRanger' })
    await cluster.create('namespaces', { metadata: { name: 'default' } })
    await cluster.create('serviceaccounts', { metadata: { name: 'default', namespace: 'default' } })
  })
  after(() => cluster.close())

  it('AlwaysPullImages has every image pulled', async () => {
    const containers = [{ name: 'main', image: 'image:1', imagePullPolicy: 'Never' }]
    const pod = (await cluster.create('pods', { metadata: { name: 'pod', namespace: 'default' }, spec: { containers } })) as Pod
    assert.equal(pod.spec?.containers[0]?.imagePullPolicy, 'Always')
  })

  it('DenyServiceExternalIPs refuses addresses of others', async () => {
    const service = { metadata: { name: 'web', namespace: 'default' }, spec: { ports: [{ port: 80 }], externalIPs: ['8.8.8.8'] } }
    await assert.rejects(cluster.create('services', service), {
      message: 'services "web" is forbidden: Use of external IPs is denied by admission control',
    })
  })

  it('OwnerReferencesPermissionEnforcement asks for the rights to delete and to finalize', async () => {
    const rules = [{ verbs: ['create', 'update', 'get', 'patch'], apiGroups: [''], resources: ['configmaps', 'pods'] }]
    await cluster.create('clusterroles', { metadata: { name: 'editor' }, rules })
    const bind = (name: string, role: string, user: string) =>
      cluster.create('clusterrolebindings', {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
      })
    await bind('alice', 'editor', 'alice')
    await bind('bob', 'editor', 'bob')
    const more = [{ verbs: ['delete'], apiGroups: [''], resources: ['configmaps'] }]
    await cluster.create('clusterroles', { metadata: { name: 'deleter' }, rules: more })
    await bind('bob-deletes', 'deleter', 'bob')
    const owner = (blockOwnerDeletion: boolean) => [{ apiVersion: 'v1', kind: 'Pod', name: 'pod', uid: '1', blockOwnerDeletion }]
    const configMap = (name: string, ownerReferences?: object) => ({ metadata: { name, namespace: 'default', ownerReferences } })
    const [alice, bob] = [cluster.as('alice'), cluster.as('bob')]
    const made: KubernetesObject = await create(alice, 'configmaps', configMap('free', owner(false)))
    assert.equal(made.metadata.ownerReferences?.length, 1, 'what is new may have owners')
    await assert.rejects(create(alice, 'configmaps', configMap('held', owner(true))), {
      message:
        'configmaps "held" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can\'t set finalizers on: , <nil>',
    })
    const update = { verb: 'update', resource: resourceOf('configmaps'), namespace: 'default', name: 'free' } as const
    await assert.rejects(alice.call({ ...update, body: configMap('free') }), {
      message: 'configmaps "free" is forbidden: cannot set an ownerRef on a resource you can\'t delete: , <nil>',
    })
    await bob.call({ ...update, body: configMap('free') })
  })

  it('and one that is on can be turned off', async () => {
    const limits = [{ type: 'Container', max: { cpu: '1' } }]
    await cluster.create('limitranges', { metadata: { name: 'limits', namespace: 'default' }, spec: { limits } })
    const containers = [{ name: 'main', image: 'image' }]
    const pod = (await cluster.create('pods', { metadata: { name: 'unlimited', namespace: 'default' }, spec: { containers } })) as Pod
    assert.deepEqual(pod.spec?.containers[0]?.resources, {})
  })
})
