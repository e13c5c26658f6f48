import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { StatusError } from '../../apimachinery/api-errors.ts'
import type { ApiConnection } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Node } from '../../apis/core/node.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { PriorityClass } from '../../apis/scheduling/priority-class.ts'
import { create, resourceOf, startTestCluster, type TestCluster } from './test-cluster.test-support.ts'

const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'main', image: 'image' }], ...spec },
})

async function refusal(work: Promise<unknown>): Promise<{ code: number; reason: string; message: string; status: StatusError['status'] }> {
  const error: unknown = await work.then(
    () => assert.fail('it was not refused'),
    reason => reason,
  )
  assert.ok(error instanceof StatusError, String(error))
  return { code: error.code, reason: error.reason, message: error.message, status: error.status }
}

async function forbidden(work: Promise<unknown>, message: string): Promise<void> {
  const refused = await refusal(work)
  assert.deepEqual([refused.code, refused.message], [403, message])
}

describe('admission', () => {
  let cluster: TestCluster
  let admin: ApiConnection
  const update = (resource: string, object: KubernetesObject, subresource?: string) =>
    admin.call({
      verb: 'update',
      resource: resourceOf(resource),
      subresource,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      body: object,
    })
  const remove = (resource: string, name: string, namespace?: string) =>
    admin.call({ verb: 'delete', resource: resourceOf(resource), namespace, name, options: { gracePeriodSeconds: 0 } })

  before(async () => {
    cluster = await startTestCluster()
    admin = cluster.admin
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'leaving', 'other'])
      await cluster.create('namespaces', { metadata: { name } })
    for (const namespace of ['default', 'other']) await cluster.create('serviceaccounts', { metadata: { name: 'default', namespace } })
  })
  after(() => cluster.close())

  describe('NamespaceLifecycle', () => {
    it('refuses what has no namespace to be in', async () => {
      const refused = await refusal(cluster.create('configmaps', { metadata: { name: 'a', namespace: 'nowhere' } }))
      assert.deepEqual([refused.code, refused.message], [404, 'namespaces "nowhere" not found'])
      assert.deepEqual(refused.status.details, { name: 'nowhere', kind: 'namespaces' })
    })

    it('refuses new content of a namespace that leaves, and lets go of the old', async () => {
      await cluster.create('configmaps', { metadata: { name: 'old', namespace: 'leaving' } })
      await remove('namespaces', 'leaving')
      const refused = await refusal(cluster.create('configmaps', { metadata: { name: 'new', namespace: 'leaving' } }))
      assert.deepEqual(
        [refused.code, refused.message],
        [403, 'configmaps "new" is forbidden: unable to create new content in namespace leaving because it is being terminated'],
      )
      assert.deepEqual(refused.status.details?.causes, [
        { reason: 'NamespaceTerminating', message: 'namespace leaving is being terminated', field: 'metadata.namespace' },
      ])
      await remove('configmaps', 'old', 'leaving')
    })

    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
      it(`keeps ${name}`, () =>
        forbidden(remove('namespaces', name), `namespaces "${name}" is forbidden: this namespace may not be deleted`))
  })

  describe('ServiceAccount', () => {
    const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
    const spec = async (name: string, given: object = {}) => ((await cluster.create('pods', pod(name, given))) as Pod).spec ?? assert.fail()

    it('gives the default account and its token', async () => {
      const {
        serviceAccountName,
        serviceAccount,
        volumes = [],
        containers,
        initContainers,
      } = await spec('with-token', {
        initContainers: [{ name: 'init', image: 'image' }],
      })
      assert.deepEqual([serviceAccountName, serviceAccount], ['default', 'default'])
      assert.equal(volumes.length, 1)
      const [volume] = volumes
      assert.match(volume?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/)
      assert.deepEqual(volume?.projected, {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
        ],
      })
      const mount = { name: volume?.name, readOnly: true, mountPath }
      assert.deepEqual(containers?.[0]?.volumeMounts, [mount])
      assert.deepEqual(initContainers?.[0]?.volumeMounts, [mount])
    })

    it('mounts no token for who declines', async () => {
      assert.equal((await spec('declines', { automountServiceAccountToken: false })).volumes, undefined)
      await cluster.create('serviceaccounts', { metadata: { name: 'quiet', namespace: 'default' }, automountServiceAccountToken: false })
      assert.equal((await spec('quiet-account', { serviceAccountName: 'quiet' })).volumes, undefined)
      // The pod has the last word.
      assert.equal((await spec('insists', { serviceAccountName: 'quiet', automountServiceAccountToken: true })).volumes?.length, 1)
    })

    it('leaves alone a container that mounts something else there', async () => {
      const own = { name: 'own', mountPath }
      const { containers, volumes = [] } = await spec('own-mount', {
        volumes: [{ name: 'own', emptyDir: {} }],
        containers: [{ name: 'main', image: 'image', volumeMounts: [own] }],
      })
      assert.equal(volumes.length, 1)
      assert.deepEqual(
        containers?.[0]?.volumeMounts?.map(({ name }) => name),
        ['own'],
      )
    })

    it('takes over pull secrets where the pod has none', async () => {
      const imagePullSecrets = [{ name: 'registry' }]
      await cluster.create('serviceaccounts', { metadata: { name: 'pulls', namespace: 'default' }, imagePullSecrets })
      assert.deepEqual((await spec('pulls', { serviceAccountName: 'pulls' })).imagePullSecrets, imagePullSecrets)
      const own = [{ name: 'own' }]
      assert.deepEqual((await spec('pulls-own', { serviceAccountName: 'pulls', imagePullSecrets: own })).imagePullSecrets, own)
    })

    it('refuses an account that is not there', () =>
      forbidden(
        cluster.create('pods', pod('lost', { serviceAccountName: 'nobody' })),
        'pods "lost" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
      ))

    it('names a pod with a generated name by its beginning', () =>
      forbidden(
        cluster.create('pods', pod('', { serviceAccountName: 'nobody' }, { name: undefined, generateName: 'web-' })),
        'pods "web-" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
      ))

    it('waits for the default account of a new namespace', async () => {
      await cluster.create('namespaces', { metadata: { name: 'fresh' } })
      const created = cluster.create('pods', pod('early', {}, { namespace: 'fresh' }))
      await cluster.create('serviceaccounts', { metadata: { name: 'default', namespace: 'fresh' } })
      assert.equal(((await created) as Pod).spec?.serviceAccountName, 'default')
    })

    it('lets an account limit the secrets of its pods', async () => {
      const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
      const metadata = { name: 'strict', namespace: 'default', annotations }
      await cluster.create('serviceaccounts', { metadata, secrets: [{ name: 'ok' }], imagePullSecrets: [{ name: 'pull' }] })
      const env = (name: string) => [{ name: 'A', valueFrom: { secretKeyRef: { name, key: 'k' } } }]
      const container = (rest: object) => ({ name: 'main', image: 'image', ...rest })
      const volume = (secretName: string) => ({ volumes: [{ name: 'v', secret: { secretName } }] })
      const because = 'is not allowed because service account strict does not reference that'
      const cases: readonly [object, string][] = [
        [volume('no'), `volume with secret.secretName="no" ${because} secret`],
        [
          { containers: [container({ env: env('no') })] },
          `container main with envVar A referencing secret.secretName="no" ${because} secret`,
        ],
        [
          { initContainers: [{ ...container({ envFrom: [{ secretRef: { name: 'no' } }] }), name: 'first' }] },
          `init container first with envFrom referencing secret.secretName="no" ${because} secret`,
        ],
        [{ imagePullSecrets: [{ name: 'no' }] }, `imagePullSecrets[0].name="no" ${because} imagePullSecret`],
      ]
      for (const [given, message] of cases)
        await forbidden(spec('limited', { serviceAccountName: 'strict', ...given }), `pods "limited" is forbidden: ${message}`)
      await spec('limited', { serviceAccountName: 'strict', ...volume('ok'), containers: [container({ env: env('ok') })] })
    })

    it('gives mirror pods nothing and refuses what reaches into the API', async () => {
      const annotations = { 'kubernetes.io/config.mirror': 'hash' }
      const mirror = (await cluster.create('pods', pod('mirror', { nodeName: 'node-1' }, { annotations }))) as Pod
      assert.deepEqual([mirror.spec?.serviceAccountName, mirror.spec?.volumes], [undefined, undefined])
      const cases: readonly [object, string][] = [
        [{ serviceAccountName: 'default' }, 'a mirror pod may not reference service accounts'],
        [{ volumes: [{ name: 'v', secret: { secretName: 's' } }] }, 'a mirror pod may not reference secrets'],
        [
          { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }] },
          'a mirror pod may not use ServiceAccountToken volume projections',
        ],
      ]
      for (const [given, message] of cases)
        await forbidden(
          cluster.create('pods', pod('mirror-2', { nodeName: 'node-1', ...given }, { annotations })),
          `pods "mirror-2" is forbidden: ${message}`,
        )
    })
  })

  describe('Priority', () => {
    const priorityClass = (name: string, value: number, rest: object = {}) =>
      cluster.create('priorityclasses', { metadata: { name }, value, ...rest })
    const priorityOf = async (name: string, given: object = {}) => {
      const { spec } = (await cluster.create('pods', pod(name, given))) as Pod
      return [spec?.priorityClassName, spec?.priority, spec?.preemptionPolicy]
    }

    it('turns names into numbers', async () => {
      assert.deepEqual(await priorityOf('plain'), [undefined, 0, 'PreemptLowerPriority'])
      await priorityClass('high', 1000)
      await priorityClass('polite', 500, { preemptionPolicy: 'Never' })
      assert.deepEqual(await priorityOf('important', { priorityClassName: 'high' }), ['high', 1000, 'PreemptLowerPriority'])
      assert.deepEqual(await priorityOf('polite', { priorityClassName: 'polite' }), ['polite', 500, 'Never'])
      assert.deepEqual(await priorityOf('agrees', { priorityClassName: 'high', priority: 1000 }), ['high', 1000, 'PreemptLowerPriority'])
    })

    it('refuses numbers that differ and classes that are not there', async () => {
      await forbidden(
        priorityOf('own-number', { priority: 5 }),
        'pods "own-number" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
      )
      await forbidden(
        priorityOf('own-policy', { preemptionPolicy: 'Never' }),
        'pods "own-policy" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
      )
      await forbidden(
        priorityOf('no-class', { priorityClassName: 'none' }),
        'pods "no-class" is forbidden: no PriorityClass with name none was found',
      )
    })

    it('keeps the number when a client leaves it out', async () => {
      const { spec, ...rest } = (await cluster.create('pods', pod('replaced', { priorityClassName: 'high' }))) as Pod
      const { priority: _priority, preemptionPolicy: _policy, ...sparse } = spec ?? assert.fail()
      const updated = (await update('pods', { ...rest, spec: sparse } as KubernetesObject)) as Pod
      assert.deepEqual([updated.spec?.priority, updated.spec?.preemptionPolicy], [1000, 'PreemptLowerPriority'])
    })

    it('uses the default class, and keeps it the only one', async () => {
      const usual = (await priorityClass('usual', 10, { globalDefault: true })) as PriorityClass
      assert.deepEqual(await priorityOf('by-default'), ['usual', 10, 'PreemptLowerPriority'])
      const message = 'PriorityClass usual is already marked as default. Only one default can exist'
      await forbidden(
        priorityClass('second', 20, { globalDefault: true }),
        `priorityclasses.scheduling.k8s.io "second" is forbidden: ${message}`,
      )
      await update('priorityclasses', { ...usual, description: 'changed' } as KubernetesObject)
      await remove('priorityclasses', 'usual')
      assert.deepEqual(await priorityOf('plain-again'), [undefined, 0, 'PreemptLowerPriority'])
    })
  })

  describe('DefaultTolerationSeconds', () => {
    const tolerationsOf = async (name: string, tolerations: object[]) =>
      (((await cluster.create('pods', pod(name, { tolerations }))) as Pod).spec?.tolerations ?? []).map(
        ({ key, effect, tolerationSeconds }) => `${key ?? '*'}:${effect ?? '*'}:${tolerationSeconds ?? 'ever'}`,
      )
    const notReady = 'node.kubernetes.io/not-ready'
    const unreachable = 'node.kubernetes.io/unreachable'
    const five = (key: string) => `${key}:NoExecute:300`

    it('adds what is not said', async () => {
      assert.deepEqual(await tolerationsOf('t-none', []), [five(notReady), five(unreachable)])
      assert.deepEqual(await tolerationsOf('t-one', [{ key: notReady, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }]), [
        `${notReady}:NoExecute:5`,
        five(unreachable),
      ])
      assert.deepEqual(await tolerationsOf('t-all', [{ operator: 'Exists' }]), ['*:*:ever'])
      const schedule = { key: notReady, operator: 'Exists', effect: 'NoSchedule' }
      assert.deepEqual(await tolerationsOf('t-other', [schedule]), [`${notReady}:NoSchedule:ever`, five(notReady), five(unreachable)])
    })
  })

  describe('TaintNodesByCondition', () => {
    it('marks new nodes as not ready, once', async () => {
      const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
      const own = { key: 'own', effect: 'NoExecute' }
      const taintsOf = async (name: string, taints?: object[]) =>
        ((await cluster.create('nodes', { metadata: { name }, spec: { taints } })) as Node).spec?.taints
      assert.deepEqual(await taintsOf('new-1'), [notReady])
      assert.deepEqual(await taintsOf('new-2', [own]), [own, notReady])
      assert.deepEqual(await taintsOf('new-3', [notReady]), [notReady])
    })
  })

  it('admits what is created under an object too', async () => {
    await cluster.create('namespaces', { metadata: { name: 'ending' } })
    await cluster.create('serviceaccounts', { metadata: { name: 'default', namespace: 'ending' } })
    await cluster.create('pods', pod('waits', {}, { namespace: 'ending' }))
    await remove('namespaces', 'ending')
    const target = { kind: 'Node', name: 'node-1' }
    const binding = admin.call({
      verb: 'create',
      resource: resourceOf('pods'),
      subresource: 'binding',
      namespace: 'ending',
      name: 'waits',
      body: { metadata: { name: 'waits' }, target },
    })
    assert.match((await refusal(binding)).message, /because it is being terminated/)
  })

  describe('NodeRestriction', () => {
    let node: ApiConnection
    let nodeUid: string | undefined
    before(async () => {
      node = cluster.as('system:node:n1', 'system:nodes')
      nodeUid = (await create(node, 'nodes', { metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1', free: 'yes' } } }))
        .metadata.uid
      await cluster.create('nodes', { metadata: { name: 'n2' } })
      await cluster.create('pods', pod('on-n1', { nodeName: 'n1' }))
      await cluster.create('pods', pod('on-n2', { nodeName: 'n2' }))
    })
    const patch = (resource: string, name: string, body: object, subresource?: string, namespace?: string) =>
      node.call({ verb: 'patch', patchType: 'merge', resource: resourceOf(resource), subresource, namespace, name, body })
    const owner = (rest: object = {}) => ({ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: nodeUid, controller: true, ...rest })
    const mirror = (spec: object = {}, metadata: object = {}) =>
      create(
        node,
        'pods',
        pod(
          'static-n1',
          { nodeName: 'n1', automountServiceAccountToken: false, ...spec },
          { annotations: { 'kubernetes.io/config.mirror': 'hash' }, ownerReferences: [owner()], ...metadata },
        ),
      )

    it('lets it handle its own node', async () => {
      await patch('nodes', 'n1', {
        metadata: { labels: { free: 'no', 'topology.kubernetes.io/zone': 'z', 'node.kubernetes.io/instance-type': 't' } },
      })
      await patch('nodes', 'n1', { status: { phase: 'Running' } }, 'status')
    })

    it('refuses other nodes, reserved labels and taints', async () => {
      const cases: readonly [Promise<unknown>, string][] = [
        [
          patch('nodes', 'n2', { metadata: { labels: { a: 'b' } } }),
          'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
        ],
        [create(node, 'nodes', { metadata: { name: 'n3' } }), 'nodes "n3" is forbidden: node "n1" is not allowed to modify node "n3"'],
        [patch('nodes', 'n1', { spec: { taints: [] } }), 'nodes "n1" is forbidden: node "n1" is not allowed to modify taints'],
        ...['node-restriction.kubernetes.io/tier', 'node-role.kubernetes.io/control-plane', 'example.k8s.io/x'].map(
          (label): [Promise<unknown>, string] => [
            patch('nodes', 'n1', { metadata: { labels: { [label]: 'x' } } }),
            `nodes "n1" is forbidden: is not allowed to modify labels: ${label}`,
          ],
        ),
      ]
      for (const [work, message] of cases) await forbidden(work, message)
    })

    it('lets it report and delete its own pods only', async () => {
      await patch('pods', 'on-n1', { status: { phase: 'Running' } }, 'status', 'default')
      await forbidden(
        patch('pods', 'on-n2', { status: { phase: 'Running' } }, 'status', 'default'),
        'pods "on-n2" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself',
      )
      await forbidden(
        patch('pods', 'on-n1', { metadata: { labels: { a: 'b' } } }, 'status', 'default'),
        'pods "on-n1" is forbidden: node "n1" cannot update labels through pod status',
      )
      await forbidden(
        node.call({ verb: 'delete', resource: resourceOf('pods'), namespace: 'default', name: 'on-n2' }),
        'pods "on-n2" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself',
      )
      const evict = (name: string) =>
        node.call({
          verb: 'create',
          resource: resourceOf('pods'),
          subresource: 'eviction',
          namespace: 'default',
          name,
          body: { metadata: { name } },
        })
      await forbidden(evict('on-n2'), 'pods "on-n2" is forbidden: node n1 can only evict pods with spec.nodeName set to itself')
      await evict('on-n1')
    })

    it('lets it mirror what it runs, and create nothing else', async () => {
      await forbidden(
        create(node, 'pods', pod('own', { nodeName: 'n1' })),
        'pods "own" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
      )
      const cases: readonly [object, object, string][] = [
        [{ nodeName: 'n2' }, {}, 'can only create pods with spec.nodeName set to itself'],
        [{}, { ownerReferences: [] }, 'can only create pods with an owner reference set to itself'],
        [{}, { ownerReferences: [owner({ name: 'n2' })] }, 'can only create pods with an owner reference set to itself'],
        [{}, { ownerReferences: [owner({ controller: false })] }, 'can only create pods with a controller owner reference set to itself'],
        [{}, { ownerReferences: [owner({ blockOwnerDeletion: true })] }, 'must not set blockOwnerDeletion on an owner reference'],
        [{ volumes: [{ name: 'v', configMap: { name: 'c' } }] }, {}, 'can not create pods that reference configmaps'],
        [
          { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
          {},
          'can not create pods that reference persistentvolumeclaims',
        ],
      ]
      for (const [spec, metadata, message] of cases)
        await forbidden(mirror(spec, metadata), `pods "static-n1" is forbidden: node "n1" ${message}`)
      await forbidden(
        mirror({}, { ownerReferences: [owner({ uid: 'other' })] }),
        `pods "static-n1" is forbidden: node n1 UID mismatch: expected other got ${nodeUid}`,
      )
      assert.equal((await mirror()).metadata.name, 'static-n1')
    })

    it('lets it renew its own lease only', async () => {
      await create(node, 'leases', { metadata: { name: 'n1', namespace: 'kube-node-lease' } })
      await forbidden(
        create(node, 'leases', { metadata: { name: 'n1', namespace: 'default' } }),
        'leases.coordination.k8s.io is forbidden: User "system:node:n1" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default": can only access leases in the "kube-node-lease" system namespace',
      )
      await forbidden(
        create(node, 'leases', { metadata: { name: 'n2', namespace: 'kube-node-lease' } }),
        'leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node',
      )
    })
  })
})
