import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, it } from 'node:test'
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
  Watch,
} from '@kubernetes/client-node'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** The JavaScript client of the Kubernetes project against a cluster of the library. */
describe('@kubernetes/client-node', async () => {
  const opened = await sharedLibraryCluster({ nodes: 1 })
  const config = new KubeConfig()
  config.loadFromFile(opened.kubeconfig)
  const core = config.makeApiClient(CoreV1Api)
  const apps = config.makeApiClient(AppsV1Api)
  const namespace = 'default'
  const metadata = { name: 'web', labels: { app: 'web' } }
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } }

  it('creates, reads, replaces, patches, lists and deletes', async () => {
    assert.match((await config.makeApiClient(VersionApi).getCode()).gitVersion, /^v1\.36\./)
    const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'c' }, data: { a: '1' } } })
    assert.ok(made.metadata?.creationTimestamp instanceof Date)
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'c', body: { ...made, data: { a: '2' } } })
    assert.equal(replaced.data?.a, '2')
    await assert.rejects(core.replaceNamespacedConfigMap({ namespace, name: 'c', body: { ...made, data: { a: '3' } } }), { code: 409 })
    const patches = [
      [PatchStrategy.JsonPatch, [{ op: 'replace', path: '/data/a', value: '4' }], '4'],
      [PatchStrategy.MergePatch, { data: { a: '5' } }, '5'],
      [PatchStrategy.StrategicMergePatch, { data: { a: '6' } }, '6'],
    ] as const
    for (const [strategy, body, expected] of patches) {
      const patched = await core.patchNamespacedConfigMap({ namespace, name: 'c', body }, setHeaderOptions('Content-Type', strategy))
      assert.equal(patched.data?.a, expected)
    }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { b: '7' } }
    const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply)
    const applied = await core.patchNamespacedConfigMap({ namespace, name: 'c', body, fieldManager: 'client-node' }, apply)
    assert.deepEqual(applied.data, { a: '6', b: '7' })
    assert.ok(applied.metadata?.managedFields?.some(({ manager, operation }) => manager === 'client-node' && operation === 'Apply'))
    const list = await core.listNamespacedConfigMap({ namespace, labelSelector: '!nosuch', fieldSelector: 'metadata.name=c' })
    assert.deepEqual(
      list.items.map(item => item.metadata?.name),
      ['c'],
    )
    assert.equal((await core.deleteNamespacedConfigMap({ namespace, name: 'c' })).status, 'Success')
    await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'c' }), { code: 404 })
  })

  it('runs a deployment and a job, and scales', async () => {
    await apps.createNamespacedDeployment({
      namespace,
      body: { metadata, spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } },
    })
    await eventually(
      'the deployment is there',
      10_000,
      () => apps.readNamespacedDeployment({ namespace, name: 'web' }),
      ({ status }) => status?.availableReplicas === 2,
    )
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' })
    assert.equal(scale.status?.replicas, 2)
    await apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body: { ...scale, spec: { replicas: 1 } } })
    await eventually(
      'one pod is left',
      10_000,
      () => core.listNamespacedPod({ namespace, labelSelector: 'app=web' }),
      ({ items }) => items.length === 1,
    )
    const batch = config.makeApiClient(BatchV1Api)
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'j', image: 'busybox' }] } } }
    await batch.createNamespacedJob({ namespace, body: { metadata: { name: 'j' }, spec } })
    await eventually(
      'the job runs',
      10_000,
      () => batch.readNamespacedJob({ namespace, name: 'j' }),
      ({ status }) => status?.active === 1,
    )
  })

  it('handles objects of any kind by their own words', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace }, stringData: { a: 'b' } }
    const made = (await objects.create(secret)) as { data?: Record<string, string> }
    assert.equal(made.data?.a, Buffer.from('b').toString('base64'))
    await objects.delete(secret)
    await assert.rejects(objects.read({ ...secret, metadata: { name: 's', namespace } }), { code: 404 })
  })

  it('an informer follows through watches that end, without gap or repeat', async () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`
    const informer = makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace, labelSelector: 'follow=me' }), 'follow=me')
    const events: string[] = []
    informer.on('add', ({ metadata }) => events.push(`add ${metadata?.name}`))
    informer.on('delete', ({ metadata }) => events.push(`delete ${metadata?.name}`))
    // It stops at an error; a program starts it again.
    let stopped = false
    informer.on('error', () => void (stopped || informer.start()))
    await informer.start()
    const labels = { follow: 'me' }
    for (const name of ['f1', 'f2', 'f3']) {
      await core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels } } })
      await eventually(
        `${name} is seen`,
        5000,
        async () => events,
        seen => seen.includes(`add ${name}`),
      )
      await informer.stop()
      await informer.start()
    }
    await core.deleteNamespacedConfigMap({ namespace, name: 'f2' })
    await eventually(
      'f2 is seen to go',
      5000,
      async () => events,
      seen => seen.includes('delete f2'),
    )
    assert.deepEqual(
      informer
        .list()
        .map(({ metadata }) => metadata?.name)
        .sort(),
      ['f1', 'f3'],
    )
    stopped = true
    await informer.stop()
  })

  it('a watch ends by its own timeout, and goes on from where it was', async () => {
    const seen: string[] = []
    const watch = new Watch(config)
    const { metadata: from } = await core.listNamespacedSecret({ namespace })
    const follow = (resourceVersion: string | undefined) =>
      new Promise<void>((resolve, reject) => {
        const query = { resourceVersion, timeoutSeconds: 1, allowWatchBookmarks: true }
        watch
          .watch(
            `/api/v1/namespaces/${namespace}/secrets`,
            query,
            (type, object) => seen.push(`${type} ${object.metadata?.name}`),
            () => resolve(),
          )
          .catch(reject)
      })
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: 'w1' } } })
    await follow(from?.resourceVersion)
    assert.deepEqual(
      seen.filter(one => !one.startsWith('BOOKMARK')),
      ['ADDED w1'],
    )
  })

  it('exec into a container that only pretends says so', async () => {
    const pod = (await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items[0]
    const exec = new Exec(config)
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
    const running = exec.exec(namespace, pod?.metadata?.name ?? '', 'web', ['ls'], sink, sink, null, false)
    await assert.rejects(
      Promise.resolve(running).then(() => assert.fail('exec was accepted')),
      (error: unknown) => !(error instanceof assert.AssertionError),
    )
    const told = await opened.send('POST', `/api/v1/namespaces/${namespace}/pods/${pod?.metadata?.name}/exec?command=ls&stdout=true`)
    assert.ok(told.status >= 400, told.text)
    const logs = await opened.send('GET', `/api/v1/namespaces/${namespace}/pods/${pod?.metadata?.name}/log`)
    assert.match(logs.text, /simulated/)
  })
})
