import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isStatusError } from '../../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { ResourceQuota } from '../../apis/core/resource-quota.ts'
import { create, resourceOf, startTestCluster, type TestCluster } from './test-cluster.test-support.ts'

describe('ResourceQuota', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await startTestCluster()
  })
  after(() => cluster.close())

  const call = (
    verb: 'get' | 'update' | 'delete',
    resource: string,
    namespace: string,
    name: string,
    body?: object,
    subresource?: string,
  ) => cluster.admin.call({ verb, resource: resourceOf(resource), namespace, name, subresource, body })

  /** A namespace with a quota whose status says that nothing is in use yet, as the controller would. */
  async function quota(namespace: string, spec: object, used?: object): Promise<() => Promise<ResourceQuota['status']>> {
    await cluster.create('namespaces', { metadata: { name: namespace } })
    await cluster.create('serviceaccounts', { metadata: { name: 'default', namespace } })
    const made = (await cluster.create('resourcequotas', { metadata: { name: 'quota', namespace }, spec })) as ResourceQuota
    const hard = made.spec?.hard ?? {}
    const status = { hard, used: used ?? Object.fromEntries(Object.keys(hard).map(name => [name, '0'])) }
    await call('update', 'resourcequotas', namespace, 'quota', { ...made, status }, 'status')
    return async () => ((await call('get', 'resourcequotas', namespace, 'quota')) as ResourceQuota).status
  }

  const configMap = (namespace: string, name: string) => ({ metadata: { name, namespace } })
  const pod = (namespace: string, name: string, resources: object = {}, spec: object = {}) => ({
    metadata: { name, namespace },
    spec: { containers: [{ name: 'main', image: 'image', resources }], ...spec },
  })
  const refused = (work: Promise<unknown>, message: string) => assert.rejects(work, { reason: 'Forbidden', message })

  it('charges in the same revision as the write, and refuses what exceeds', async () => {
    const status = await quota('counted', { hard: { configmaps: '1', 'count/configmaps': '5' } })
    const made = await create(cluster.admin, 'configmaps', configMap('counted', 'a'))
    assert.deepEqual((await status())?.used, { configmaps: '1', 'count/configmaps': '1' })
    assert.equal((await call('get', 'resourcequotas', 'counted', 'quota')).metadata.resourceVersion, made.metadata.resourceVersion)
    await refused(
      create(cluster.admin, 'configmaps', configMap('counted', 'b')),
      'configmaps "b" is forbidden: exceeded quota: quota, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    )
  })

  it('lets exactly as many through as are allowed, however many come at once', async () => {
    const status = await quota('crowd', { hard: { 'count/configmaps': '700' } })
    const results = await Promise.allSettled(
      Array.from({ length: 1000 }, (_, index) => create(cluster.admin, 'configmaps', configMap('crowd', `c${index}`))),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 700)
    const refusals = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []))
    assert.ok(refusals.every(error => isStatusError(error, 'Forbidden') && error.message.includes('exceeded quota')))
    assert.deepEqual((await status())?.used, { 'count/configmaps': '700' })
  })

  it('charges nothing for a write that fails or only tries', async () => {
    const status = await quota('free', { hard: { configmaps: '2' } })
    await cluster.create('configmaps', configMap('free', 'a'))
    await assert.rejects(cluster.create('configmaps', configMap('free', 'a')), /already exists/)
    const dryRun = { verb: 'create', resource: resourceOf('configmaps'), namespace: 'free', options: { dryRun: true } } as const
    await cluster.admin.call({ ...dryRun, body: configMap('free', 'b') })
    assert.deepEqual((await status())?.used, { configmaps: '1' })
    await cluster.create('configmaps', configMap('free', 'c'))
    await refused(
      cluster.admin.call({ ...dryRun, body: configMap('free', 'd') }),
      'configmaps "d" is forbidden: exceeded quota: quota, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    )
  })

  it('counts what pods ask for, and wants it said', async () => {
    const hard = { pods: '3', 'requests.cpu': '1', 'limits.memory': '1Gi', 'requests.example.com/gpu': '1' }
    const status = await quota('compute', { hard })
    await refused(
      cluster.create('pods', pod('compute', 'silent', {}, { initContainers: [{ name: 'init', image: 'image' }] })),
      'pods "silent" is forbidden: failed quota: quota: must specify limits.memory for: init,main; requests.cpu for: init,main',
    )
    const resources = { requests: { cpu: '600m', 'example.com/gpu': '1' }, limits: { memory: '512Mi', 'example.com/gpu': '1' } }
    await cluster.create('pods', pod('compute', 'one', resources))
    assert.deepEqual((await status())?.used, {
      pods: '1',
      'requests.cpu': '600m',
      'limits.memory': '512Mi',
      'requests.example.com/gpu': '1',
    })
    await refused(
      cluster.create('pods', pod('compute', 'two', resources)),
      'pods "two" is forbidden: exceeded quota: quota, requested: requests.cpu=600m,requests.example.com/gpu=1, used: requests.cpu=600m,requests.example.com/gpu=1, limited: requests.cpu=1,requests.example.com/gpu=1',
    )
  })

  it('counts node ports and load balancers, also when a service changes', async () => {
    const status = await quota('ports', { hard: { services: '5', 'services.nodeports': '2', 'services.loadbalancers': '0' } })
    const service = (name: string, type: string, ...ports: number[]) => ({
      metadata: { name, namespace: 'ports' },
      spec: { type, ports: ports.map(port => ({ name: `p${port}`, port })) },
    })
    const made = await cluster.create('services', service('web', 'ClusterIP', 80, 81))
    assert.deepEqual((await status())?.used, { services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' })
    const changed = { ...made, spec: { ...(made as { spec?: object }).spec, type: 'NodePort' } }
    await call('update', 'services', 'ports', 'web', changed)
    assert.deepEqual((await status())?.used, { services: '1', 'services.nodeports': '2', 'services.loadbalancers': '0' })
    await refused(
      cluster.create('services', service('more', 'LoadBalancer', 80)),
      'services "more" is forbidden: exceeded quota: quota, requested: services.loadbalancers=1,services.nodeports=1, used: services.loadbalancers=0,services.nodeports=2, limited: services.loadbalancers=0,services.nodeports=2',
    )
  })

  const bestEffort = {}
  const burstable = { requests: { cpu: '1' } }
  const scopes: readonly (readonly [scope: object, counted: object, notCounted: object])[] = [
    [{ scopes: ['BestEffort'] }, pod('N', 'p', bestEffort), pod('N', 'q', burstable)],
    [{ scopes: ['NotBestEffort'] }, pod('N', 'p', burstable), pod('N', 'q', bestEffort)],
    [{ scopes: ['Terminating'] }, pod('N', 'p', {}, { activeDeadlineSeconds: 5 }), pod('N', 'q')],
    [{ scopes: ['NotTerminating'] }, pod('N', 'p'), pod('N', 'q', {}, { activeDeadlineSeconds: 5 })],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      pod('N', 'p', {}, { priorityClassName: 'high' }),
      pod('N', 'q'),
    ],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } },
      pod('N', 'p'),
      pod('N', 'q', {}, { priorityClassName: 'high' }),
    ],
    [
      { scopes: ['CrossNamespacePodAffinity'] },
      pod('N', 'p', {}, { affinity: affinity({ namespaceSelector: {} }) }),
      pod('N', 'q', {}, { affinity: affinity({}) }),
    ],
  ]
  function affinity(term: object): object {
    return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: {}, ...term }] } }
  }
  for (const [index, [scope, counted, notCounted]] of scopes.entries()) {
    it(`of ${JSON.stringify(scope)} counts what is in scope`, async () => {
      const namespace = `scope-${index}`
      if (index === 0) await cluster.create('priorityclasses', { metadata: { name: 'high' }, value: 10 })
      const status = await quota(namespace, { hard: { pods: '5' }, ...scope })
      const inNamespace = (object: object) => ({ ...object, metadata: { ...(object as KubernetesObject).metadata, namespace } })
      await cluster.create('pods', inNamespace(notCounted))
      assert.deepEqual((await status())?.used, { pods: '0' })
      await cluster.create('pods', inNamespace(counted))
      assert.deepEqual((await status())?.used, { pods: '1' })
      await cluster.create('configmaps', configMap(namespace, 'a'))
    })
  }

  it('refuses while nobody knows what is in use', async () => {
    await quota('unknown', { hard: { configmaps: '2' } }, {})
    await refused(
      cluster.create('configmaps', configMap('unknown', 'a')),
      'configmaps "a" is forbidden: status unknown for quota: quota, resources: configmaps',
    )
  })
})
