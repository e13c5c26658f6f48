import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { observePods } from '../support/pods.ts'
import {
  cannotRunContainers,
  eventually,
  fetchText,
  loadOfNewConnections,
  noteRealContainers,
  patiently,
  type RealCluster,
  repository,
  startProgram,
  startRealCluster,
} from '../support/real-cluster.ts'

const manifests = join(repository, 'test/manifests/first-sail')
const inNamespace = ['-n', 'first-sail']
const core = '/api/v1/namespaces/first-sail'

describe('first sail: manifests as users bring them', { skip: cannotRunContainers ?? false }, () => {
  let cluster: RealCluster
  before(async () => {
    cluster = await startRealCluster('first-sail', ['busybox', 'nginx', 'redis', 'node'])
  })
  after(() => cluster?.remove())

  const kubectl = (...words: string[]) => cluster.read(...inNamespace, ...words)
  const page = (path = '/') => fetchText(`http://${cluster.nodeAddress}:30080${path}`)

  test('a web site of three replicas answers behind one address', async context => {
    await cluster.apply(join(manifests, '01-web.yaml'))
    await kubectl('rollout', 'status', 'deployment/web', patiently)
    assert.match(await eventually('the page', 10_000, page, text => text.includes('Hello')), /Hello from Proa/)
    const names = new Set<string>()
    await eventually(
      'three hostnames',
      20_000,
      async () => names.add(await page('/hostname')),
      seen => seen.size === 3,
    )
    noteRealContainers(context)
  })

  test('services answer inside the cluster by short and by full name', async context => {
    await kubectl('run', 'inside', '--image=busybox:1.35', '--restart=Never', '--', 'sleep', '3600')
    await kubectl('wait', '--for=condition=Ready', 'pod/inside', patiently)
    for (const url of ['http://web', 'http://web.first-sail.svc.cluster.local'])
      assert.match(await kubectl('exec', 'inside', '--', 'wget', '-qO-', url), /Hello from Proa/)
    noteRealContainers(context)
  })

  test('a changed ConfigMap shows in running pods', async context => {
    await kubectl('patch', 'configmap', 'site', '-p', JSON.stringify({ data: { 'index.html': '<h1>Changed</h1>\n' } }))
    await eventually('the changed page', 90_000, page, text => text.includes('Changed'))
    noteRealContainers(context)
  })

  test('update, undo and scale drop no connection', async context => {
    const load = loadOfNewConnections(`http://${cluster.nodeAddress}:30080/`)
    await kubectl('set', 'image', 'deployment/web', 'nginx=nginx:1.23')
    await kubectl('rollout', 'status', 'deployment/web', patiently)
    await kubectl('rollout', 'undo', 'deployment/web')
    await kubectl('rollout', 'status', 'deployment/web', patiently)
    await kubectl('scale', 'deployment/web', '--replicas=5')
    await kubectl('rollout', 'status', 'deployment/web', patiently)
    await kubectl('scale', 'deployment/web', '--replicas=2')
    await eventually(
      'two pods left',
      60_000,
      () => cluster.look<{ items: readonly unknown[] }>(`${core}/pods?labelSelector=app%3Dweb`),
      ({ items }) => items.length === 2,
    )
    const { requests, failures } = await load.stop()
    assert.ok(requests > 50, `only ${requests} requests were made`)
    assert.deepEqual(failures, [])
    assert.match(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'), /^nginx:1\.22$/)
    noteRealContainers(context)
  })

  test('an application of two tiers keeps its notes', async context => {
    await cluster.apply(join(manifests, '02-notes.yaml'))
    await kubectl('rollout', 'status', 'deployment/notes-redis', patiently)
    await kubectl('rollout', 'status', 'deployment/notes', patiently)
    const url = `http://${cluster.nodeAddress}:30081/`
    await eventually(
      'a note is taken',
      10_000,
      () => fetchText(url, { method: 'POST', body: 'one' }),
      text => text.includes('one'),
    )
    const pods = new Map<string, string>()
    await eventually(
      'both replicas answer',
      20_000,
      async () => {
        const answer = JSON.parse(await fetchText(url)) as { pod: string; greeting: string; notes: string[] }
        assert.deepEqual(answer.notes, ['one'])
        return pods.set(answer.pod, answer.greeting)
      },
      seen => seen.size === 2,
    )
    for (const [pod, greeting] of pods) assert.equal(greeting, `notes of ${pod}`)
    noteRealContainers(context)
  })

  test('exec, logs, cp and port-forward reach the pods', async context => {
    const pod = (await kubectl('get', 'pods', '-l', 'app=notes,tier=web', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
    assert.equal(await kubectl('exec', pod, '--', 'node', '-p', '6*7'), '42\n')
    await kubectl('cp', join(manifests, '03-batch.yaml'), `${pod}:/tmp/copied.yaml`)
    assert.match(await kubectl('exec', pod, '--', 'cat', '/tmp/copied.yaml'), /ten-times/)
    const forward = startProgram('kubectl', ['--kubeconfig', cluster.kubeconfig, ...inNamespace, 'port-forward', 'svc/notes', ':80'])
    try {
      const line = await eventually(
        'port-forward listens',
        15_000,
        async () => forward.output(),
        text => /127\.0\.0\.1:(\d+)/.test(text),
      )
      const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      assert.match(await fetchText(`http://127.0.0.1:${port}/`), /"notes":\["one"\]/)
    } finally {
      await forward.stop()
    }
    assert.match(await kubectl('logs', 'deployment/web'), /GET \/healthz/)
    noteRealContainers(context)
  })

  test('a killed container comes back with its emptyDir intact', async context => {
    const pod = (await kubectl('get', 'pods', '-l', 'tier=store', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
    await kubectl('exec', pod, '--', 'sh', '-c', 'echo kept > /data/kept; kill 1')
    await observePods(cluster, 'first-sail').until(pod, 'runs again', ({ status }) => {
      const container = status.containerStatuses?.[0]
      return container?.restartCount === 1 && container.ready
    })
    assert.equal(await kubectl('exec', pod, '--', 'cat', '/data/kept'), 'kept\n')
    noteRealContainers(context)
  })

  test('jobs complete: ten runs, three at once, and one after two restarts', async context => {
    await cluster.apply(join(manifests, '03-batch.yaml'))
    const job = '/apis/batch/v1/namespaces/first-sail/jobs/ten-times'
    let most = 0
    await eventually(
      'ten runs',
      60_000,
      async () => {
        const { status } = await cluster.look<{ status: { active?: number; succeeded?: number } }>(job)
        most = Math.max(most, status.active ?? 0)
        return status.succeeded
      },
      succeeded => succeeded === 10,
    )
    assert.ok(most <= 3 && most > 0, `${most} were active at once`)
    await kubectl('wait', '--for=condition=Complete', 'job/third-time-lucky', patiently)
    const restarts = await kubectl(
      'get',
      'pods',
      '-l',
      'job-name=third-time-lucky',
      '-o',
      'jsonpath={.items[0].status.containerStatuses[0].restartCount}',
    )
    assert.equal(restarts, '2')
    noteRealContainers(context)
  })

  test('pods that can not work say why', async context => {
    await cluster.apply(join(manifests, '04-trouble.yaml'))
    const rows = () => kubectl('get', 'pods', '--no-headers')
    const shows = (pod: string, status: string) =>
      eventually(`${pod} shows ${status}`, 90_000, rows, text => new RegExp(`^${pod}\\s+\\S+\\s+${status}`, 'm').test(text))
    await shows('missing-config', 'CreateContainerConfigError')
    await shows('no-such-image', '(ImagePullBackOff|ErrImagePull)')
    await shows('too-big', 'Pending')
    await shows('eats-memory', 'OOMKilled')
    await shows('crashes', 'CrashLoopBackOff')
    assert.match(await kubectl('describe', 'pod', 'missing-config'), /configmap "does-not-exist" not found/)
    assert.match(await kubectl('describe', 'pod', 'too-big'), /0\/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory/)
    assert.match(await kubectl('logs', 'crashes', '--previous'), /about to fail/)
    assert.match(
      await kubectl('get', 'pod', 'crashes', '-o', 'jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}'),
      /^3$/,
    )
    await observePods(cluster, 'first-sail').until(
      'unhealthy',
      'is restarted by its liveness probe',
      ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) >= 1,
      90_000,
    )
    assert.match(
      await kubectl('get', 'events', '--field-selector', 'involvedObject.name=unhealthy,reason=Unhealthy', '-o', 'name'),
      /event/,
    )
    noteRealContainers(context)
  })

  test('deleting the namespace leaves nothing behind', async context => {
    await cluster.read('delete', 'namespace', 'first-sail', patiently)
    const left = await cluster.read('get', 'pods', '-A', '-o', 'name')
    assert.equal(left, '')
    noteRealContainers(context)
  })
})
