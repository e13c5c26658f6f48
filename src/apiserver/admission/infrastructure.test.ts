import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { StatusError } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { PersistentVolumeClaim } from '../../apis/core/persistent-volume-claim.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Ingress } from '../../apis/networking/ingress.ts'
import { ingressClassKind } from '../../apis/networking/ingress-class.ts'
import { networkPolicyKind } from '../../apis/networking/network-policy.ts'
import type { AdmissionRequest } from '../types.ts'
import { kindsWithoutEffect } from './kinds-without-effect.ts'
import { resourceOf, startTestCluster, type TestCluster } from './test-cluster.test-support.ts'

const claim = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, namespace: 'default', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
})
const ingress = (name: string, spec: object = {}, annotations: object = {}) => ({
  metadata: { name, namespace: 'default', annotations },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, ...spec },
})
const pod = (name: string, spec: object) => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'image' }], ...spec },
})

async function forbidden(work: Promise<unknown>, message: string): Promise<void> {
  const error: unknown = await work.then(
    () => assert.fail('it was not refused'),
    reason => reason,
  )
  assert.ok(error instanceof StatusError, String(error))
  assert.deepEqual([error.code, error.message], [403, message])
}

describe('admission of storage, ingresses and runtime classes', () => {
  let cluster: TestCluster
  const create = (resource: string, object: object) => cluster.create(resource, object)
  const update = (resource: string, object: KubernetesObject, subresource?: string) => {
    const { namespace, name } = object.metadata
    return cluster.admin.call({ verb: 'update', resource: resourceOf(resource), subresource, namespace, name, body: object })
  }

  before(async () => {
    cluster = await startTestCluster()
    await create('namespaces', { metadata: { name: 'default' } })
    await create('serviceaccounts', { metadata: { name: 'default', namespace: 'default' } })
  })
  after(() => cluster.close())

  const isDefault = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }
  const classOf = async (name: string, spec: object = {}, metadata: object = {}) =>
    ((await create('persistentvolumeclaims', claim(name, spec, metadata))) as PersistentVolumeClaim).spec?.storageClassName

  it('DefaultStorageClass: claims get the newest default, unless they say something', async () => {
    await create('storageclasses', { metadata: { name: 'plain' }, provisioner: 'example.com/disk' })
    assert.equal(await classOf('none-there'), undefined)
    for (const name of ['b', 'a']) await create('storageclasses', { metadata: { name, ...isDefault }, provisioner: 'example.com/disk' })
    const [a, b] = await Promise.all(
      ['a', 'b'].map(
        name => cluster.admin.call({ verb: 'get', resource: resourceOf('storageclasses'), name }) as Promise<KubernetesObject>,
      ),
    )
    // Made in the same second, the first by name counts; else the newer one, which is a.
    assert.ok((a?.metadata.creationTimestamp ?? '') >= (b?.metadata.creationTimestamp ?? ''))
    assert.equal(await classOf('gets-one'), 'a')
    assert.equal(await classOf('wants-none', { storageClassName: '' }), '')
    assert.equal(await classOf('wants-other', { storageClassName: 'plain' }), 'plain')
    const annotations = { 'volume.beta.kubernetes.io/storage-class': 'plain' }
    assert.equal(await classOf('says-so-the-old-way', {}, { annotations }), undefined)
  })

  it('StorageObjectInUseProtection: storage is protected from the start', async () => {
    const finalizersOf = async (resource: string, object: object) => (await create(resource, object)).metadata.finalizers
    assert.deepEqual(await finalizersOf('persistentvolumeclaims', claim('protected')), ['kubernetes.io/pvc-protection'])
    const volume = {
      metadata: { name: 'disk', finalizers: ['example.com/mine'] },
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } },
    }
    assert.deepEqual(await finalizersOf('persistentvolumes', volume), ['example.com/mine', 'kubernetes.io/pv-protection'])
    const gold = { metadata: { name: 'gold' }, driverName: 'example.com', parameters: { iops: '5' } }
    assert.deepEqual(await finalizersOf('volumeattributesclasses', gold), ['kubernetes.io/vac-protection'])
  })

  it('PersistentVolumeClaimResize: only bound claims of a class that allows it grow', async () => {
    const grow = (object: KubernetesObject, storage: string) =>
      update('persistentvolumeclaims', {
        ...object,
        spec: { ...(object as PersistentVolumeClaim).spec, resources: { requests: { storage } } },
      } as KubernetesObject)
    const bound = async (name: string, storageClassName: string) => {
      const created = await create('persistentvolumeclaims', claim(name, { storageClassName, volumeName: 'disk' }))
      const status = { phase: 'Bound', capacity: { storage: '1Gi' } }
      return (await update('persistentvolumeclaims', { ...created, status } as KubernetesObject, 'status')) as KubernetesObject
    }
    await create('storageclasses', { metadata: { name: 'grows' }, provisioner: 'example.com/disk', allowVolumeExpansion: true })
    const why = 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
    await forbidden(grow(await bound('fixed', 'plain'), '2Gi'), `persistentvolumeclaims "fixed" is forbidden: ${why}`)
    await forbidden(grow(await bound('classless', ''), '2Gi'), `persistentvolumeclaims "classless" is forbidden: ${why}`)
    const grown = (await grow(await bound('growing', 'grows'), '2Gi')) as PersistentVolumeClaim
    assert.equal(grown.spec?.resources?.requests?.storage, '2Gi')
  })

  it('DefaultIngressClass: ingresses without a class get the default one', async () => {
    const classOfIngress = async (object: object) => ((await create('ingresses', object)) as Ingress).spec?.ingressClassName
    assert.equal(await classOfIngress(ingress('none-there')), undefined)
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
    await create('ingressclasses', { metadata: { name: 'main', annotations }, spec: { controller: 'example.com/ingress' } })
    assert.equal(await classOfIngress(ingress('gets-one')), 'main')
    assert.equal(await classOfIngress(ingress('wants-other', { ingressClassName: 'other' })), 'other')
    assert.equal(await classOfIngress(ingress('says-so-the-old-way', {}, { 'kubernetes.io/ingress.class': 'x' })), undefined)
  })

  describe('RuntimeClass', () => {
    const createPod = (name: string, spec: object) => create('pods', pod(name, spec)) as Promise<Pod>
    before(() =>
      create('runtimeclasses', {
        metadata: { name: 'sandboxed' },
        handler: 'kata',
        overhead: { podFixed: { cpu: '100m' } },
        scheduling: {
          nodeSelector: { sandbox: 'yes' },
          tolerations: [{ key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' }],
        },
      }),
    )

    it('gives a pod its overhead, and where it can run', async () => {
      const tolerations = [{ key: 'sandbox', operator: 'Equal', value: 'x', effect: 'NoSchedule' }]
      const { spec } = await createPod('complete', { runtimeClassName: 'sandboxed', nodeSelector: { disk: 'ssd' }, tolerations })
      assert.deepEqual([spec?.overhead, spec?.nodeSelector], [{ cpu: '100m' }, { disk: 'ssd', sandbox: 'yes' }])
      const own = spec?.tolerations?.filter(({ key }) => key === 'sandbox')
      assert.deepEqual(own, [{ key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' }], 'one that covers the other is enough')
    })

    it('refuses a class that is not there', () =>
      forbidden(createPod('lost', { runtimeClassName: 'gone' }), 'pods "lost" is forbidden: pod rejected: RuntimeClass "gone" not found'))

    it('refuses other overhead', () =>
      forbidden(
        createPod('heavy', { runtimeClassName: 'sandboxed', overhead: { cpu: '2' } }),
        `pods "heavy" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`,
      ))

    it('refuses overhead without a class', () =>
      forbidden(
        createPod('own', { overhead: { cpu: '2' } }),
        'pods "own" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      ))

    it('refuses nodes that the class does not have', () =>
      forbidden(
        createPod('elsewhere', { runtimeClassName: 'sandboxed', nodeSelector: { sandbox: 'no' } }),
        'pods "elsewhere" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no',
      ))
  })

  describe('PodTopologyLabels: a pod learns zone and region of its node', () => {
    const zone = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1' }
    const bind = (name: string, target: object, labels?: object) =>
      cluster.admin.call({
        verb: 'create',
        resource: resourceOf('pods'),
        subresource: 'binding',
        namespace: 'default',
        name,
        body: { metadata: { name, ...(labels && { labels }) }, target } as unknown as KubernetesObject,
      })
    const labelsOf = async (name: string) =>
      ((await cluster.admin.call({ verb: 'get', resource: resourceOf('pods'), namespace: 'default', name })) as Pod).metadata.labels

    before(async () => {
      await create('nodes', { metadata: { name: 'zoned', labels: { ...zone, 'topology.kubernetes.io/rack': '7', disk: 'ssd' } } })
      await create('nodes', { metadata: { name: 'plain' } })
    })

    it('when it is bound, over its own labels; the binding brings others', async () => {
      const own = { app: 'a', keeps: '1', 'topology.kubernetes.io/zone': 'dreamt' }
      await create('pods', { ...pod('bound', {}), metadata: { name: 'bound', namespace: 'default', labels: own } })
      await bind('bound', { kind: 'Node', name: 'zoned' }, { app: 'b' })
      assert.deepEqual(await labelsOf('bound'), { ...own, app: 'b', ...zone })
    })

    it('when it is created on a node', async () => {
      await create('pods', pod('placed', { nodeName: 'zoned' }))
      assert.deepEqual(await labelsOf('placed'), zone)
    })

    it('unless the node has none, is not there, or the binding does not call it a node', async () => {
      for (const [name, target] of [
        ['unzoned', { kind: 'Node', name: 'plain' }],
        ['nowhere', { kind: 'Node', name: 'absent' }],
        ['untold', { name: 'zoned' }],
      ] as const) {
        await create('pods', pod(name, {}))
        await bind(name, target)
        assert.equal(await labelsOf(name), undefined, name)
      }
    })
  })

  it('KindsWithoutEffect: whoever creates what nothing acts on is told', async () => {
    const warnings: string[] = []
    const ask = async (kind: Kind, operation: string, subresource = '') => {
      const request = {
        kind,
        operation,
        subresource,
        context: { warn: (text: string) => void warnings.push(text) },
      } as unknown as AdmissionRequest
      if (kindsWithoutEffect.handles(request)) await kindsWithoutEffect.validate?.(request)
    }
    await ask(networkPolicyKind as Kind, 'UPDATE')
    await ask(networkPolicyKind as Kind, 'CREATE', 'status')
    await ask(ingressClassKind as Kind, 'CREATE')
    assert.deepEqual(warnings, [])
    await ask(networkPolicyKind as Kind, 'CREATE')
    assert.deepEqual(warnings, ["Proa's pod network does not enforce network policies: a NetworkPolicy has no effect"])
  })
})
