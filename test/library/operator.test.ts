import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ApiextensionsV1Api,
  type KubernetesObject as ClientObject,
  CoreV1Api,
  CustomObjectsApi,
  type Informer,
  KubeConfig,
  type KubernetesListObject,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node'
import { isEstablished } from '../support/custom-resources.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

interface Lighthouse extends ClientObject {
  spec: { lamps: number; color?: string }
  status?: { lit?: number; observedGeneration?: number; conditions?: { type: string; status: string }[] }
}

const group = 'coast.example.com'
const names = { group, version: 'v1', namespace: 'default', plural: 'lighthouses' }
const finalizer = 'coast.example.com/keeper'
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

/**
 * An operator as people write them: it follows its resource, makes a ConfigMap for each object, tells in the status what
 * there is, and lets an object go only when it has cleaned up elsewhere.
 */
function startOperator(config: KubeConfig) {
  const custom = config.makeApiClient(CustomObjectsApi)
  const core = config.makeApiClient(CoreV1Api)
  const lit = new Map<string, number>()
  const errors: unknown[] = []
  const known = new Map<string, Lighthouse>()
  let work = Promise.resolve()

  const ensureConfigMap = async ({ metadata, spec }: Lighthouse) => {
    const ownerReferences = [
      { apiVersion: `${group}/v1`, kind: 'Lighthouse', name: metadata?.name ?? '', uid: metadata?.uid ?? '', controller: true },
    ]
    const body = {
      metadata: { name: `${metadata?.name}-light`, ownerReferences },
      data: { lamps: String(spec.lamps), color: spec.color ?? '' },
    }
    const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply)
    await core.patchNamespacedConfigMap(
      {
        namespace: 'default',
        name: body.metadata.name,
        body: { apiVersion: 'v1', kind: 'ConfigMap', ...body },
        fieldManager: 'keeper',
        force: true,
      },
      apply,
    )
  }
  const reconcile = async (name: string) => {
    const lighthouse = known.get(name)
    if (!lighthouse) return
    const { metadata, spec, status } = lighthouse
    const finalizers = metadata?.finalizers ?? []
    if (metadata?.deletionTimestamp) {
      lit.delete(name)
      const body = { metadata: { finalizers: finalizers.filter(one => one !== finalizer), resourceVersion: metadata.resourceVersion } }
      if (finalizers.includes(finalizer)) await custom.patchNamespacedCustomObject({ ...names, name, body }, merge)
      return
    }
    if (!finalizers.includes(finalizer)) {
      const body = { metadata: { finalizers: [...finalizers, finalizer], resourceVersion: metadata?.resourceVersion } }
      await custom.patchNamespacedCustomObject({ ...names, name, body }, merge)
      return
    }
    await ensureConfigMap(lighthouse)
    lit.set(name, spec.lamps)
    if (status?.observedGeneration === metadata?.generation) return
    const conditions = [{ type: 'Lit', status: spec.lamps > 0 ? 'True' : 'False' }]
    const body = { ...lighthouse, status: { lit: spec.lamps, observedGeneration: metadata?.generation, conditions } }
    await custom.replaceNamespacedCustomObjectStatus({ ...names, name, body })
  }
  const changed = (lighthouse: Lighthouse, gone = false) => {
    const name = lighthouse.metadata?.name ?? ''
    if (gone) known.delete(name)
    else known.set(name, lighthouse)
    work = work
      .then(() => reconcile(name))
      .catch(error => {
        // Somebody was faster: their change brings the object back here.
        if ((error as { code?: number }).code !== 409) errors.push(error)
      })
  }
  const informer: Informer<Lighthouse> = makeInformer<Lighthouse>(
    config,
    `/apis/${group}/v1/namespaces/default/lighthouses`,
    async () => (await custom.listNamespacedCustomObject(names)) as KubernetesListObject<Lighthouse>,
  )
  informer.on('add', one => changed(one))
  informer.on('update', one => changed(one))
  informer.on('delete', one => changed(one, true))
  const close = async () => {
    await informer.stop()
    await work
  }
  return { informer, lit, errors, close }
}

describe('an operator written with client-node', async () => {
  const opened = await sharedLibraryCluster()
  const config = new KubeConfig()
  config.loadFromFile(opened.kubeconfig)
  const custom = config.makeApiClient(CustomObjectsApi)
  const core = config.makeApiClient(CoreV1Api)
  const extensions = config.makeApiClient(ApiextensionsV1Api)
  let operator: ReturnType<typeof startOperator>
  const lighthouse = (name: string, spec: object) => ({ apiVersion: `${group}/v1`, kind: 'Lighthouse', metadata: { name }, spec })
  const read = async (name: string) => (await custom.getNamespacedCustomObject({ ...names, name })) as Lighthouse

  before(async () => {
    const integer = { type: 'integer', format: 'int64' }
    await extensions.createCustomResourceDefinition({
      body: {
        metadata: { name: `lighthouses.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural: 'lighthouses', kind: 'Lighthouse' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              subresources: { status: {} },
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: {
                      type: 'object',
                      required: ['lamps'],
                      properties: { lamps: { ...integer, minimum: 0 }, color: { type: 'string', _default: 'white' } },
                    },
                    status: {
                      type: 'object',
                      properties: {
                        lit: integer,
                        observedGeneration: integer,
                        conditions: {
                          type: 'array',
                          x_kubernetes_list_type: 'map',
                          x_kubernetes_list_map_keys: ['type'],
                          items: {
                            type: 'object',
                            required: ['type', 'status'],
                            properties: { type: { type: 'string' }, status: { type: 'string' } },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          ],
        },
      },
    })
    await eventually(
      'the definition is established',
      5000,
      () => extensions.readCustomResourceDefinition({ name: `lighthouses.${group}` }),
      one => isEstablished(one as never),
    )
    operator = startOperator(config)
    await operator.informer.start()
  })
  after(() => operator.close())

  it('makes what is asked for and says so', async () => {
    await custom.createNamespacedCustomObject({ ...names, body: lighthouse('eddystone', { lamps: 2 }) })
    const told = await eventually(
      'the status tells',
      10_000,
      () => read('eddystone'),
      one => one.status?.lit === 2,
    )
    assert.deepEqual([told.spec.color, told.status?.observedGeneration, told.metadata?.finalizers], ['white', 1, [finalizer]])
    const made = await core.readNamespacedConfigMap({ namespace: 'default', name: 'eddystone-light' })
    assert.deepEqual(made.data, { lamps: '2', color: 'white' })
  })

  it('follows changes', async () => {
    await custom.patchNamespacedCustomObject({ ...names, name: 'eddystone', body: { spec: { lamps: 5, color: 'red' } } }, merge)
    const told = await eventually(
      'the status follows',
      10_000,
      () => read('eddystone'),
      one => one.status?.lit === 5,
    )
    assert.equal(told.status?.observedGeneration, told.metadata?.generation)
    assert.equal((await core.readNamespacedConfigMap({ namespace: 'default', name: 'eddystone-light' })).data?.color, 'red')
  })

  it('cleans up before an object may go, and what the object owned goes with it', async () => {
    await custom.deleteNamespacedCustomObject({ ...names, name: 'eddystone' })
    await assert.doesNotReject(
      eventually(
        'it is gone',
        10_000,
        async () =>
          read('eddystone').then(
            () => 'there',
            () => 'gone',
          ),
        state => state === 'gone',
      ),
    )
    assert.equal(operator.lit.has('eddystone'), false)
    await eventually(
      'its ConfigMap is collected',
      10_000,
      () =>
        core.readNamespacedConfigMap({ namespace: 'default', name: 'eddystone-light' }).then(
          () => 'there',
          () => 'gone',
        ),
      state => state === 'gone',
    )
    assert.deepEqual(operator.errors, [])
  })

  it('empties a namespace that is deleted', async () => {
    const namespace = 'reef'
    await core.createNamespace({ body: { metadata: { name: namespace } } })
    await custom.createNamespacedCustomObject({ ...names, namespace, body: lighthouse('bell', { lamps: 1 }) })
    await core.deleteNamespace({ name: namespace })
    await eventually(
      'the namespace is gone',
      10_000,
      () =>
        core.readNamespace({ name: namespace }).then(
          () => 'there',
          () => 'gone',
        ),
      state => state === 'gone',
    )
  })
})
