import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { testImageArchive } from '../images/build.ts'
import { writeDockerArchive } from '../support/docker-archive.ts'
import { processesOf, type TracedCluster, tracesOf } from '../support/machine.ts'
import { containerOf, forever, type ObservedPod, observePods, type PodObserver, pod, shell } from '../support/pods.ts'
import {
  cannotRunContainers,
  eventually,
  noteRealContainers,
  type RealCluster,
  repository,
  runProgram,
  startProgram,
  startRealCluster,
} from '../support/real-cluster.ts'

interface Status {
  readonly name: string
  readonly state: string
  readonly version: string
  readonly apiAddress: string
  readonly kubeconfig: string
  readonly dataDirectory: string
  readonly nodes: readonly { readonly name: string; readonly ready: boolean }[]
  readonly processes: readonly { readonly component: string; readonly pid: number }[]
}

const parts = ['containerd', 'server', 'agent']
const namespace = 'default'

describe('the life of a cluster', { skip: cannotRunContainers ?? false }, () => {
  let cluster: RealCluster
  let pods: PodObserver
  const work = mkdtempSync(join(tmpdir(), 'proa-lifecycle-test-'))
  before(async () => {
    cluster = await startRealCluster('lifecycle-main', ['busybox'])
    pods = observePods(cluster, namespace)
  })
  after(async () => {
    await cluster?.remove()
    rmSync(work, { recursive: true, force: true })
  })

  const real = (name: string, run: (context: TestContext) => Promise<void>) =>
    test(name, async context => {
      await run(context)
      noteRealContainers(context)
    })
  const status = async (of: RealCluster = cluster) => JSON.parse((await of.proa('status', '-o', 'json')).stdout) as Status
  const ok = async (...words: string[]) => {
    const outcome = await cluster.proa(...words)
    assert.equal(outcome.status, 0, `proa ${words.join(' ')}: ${outcome.stdout}${outcome.stderr}`)
    return outcome.stdout
  }
  const apply = (...objects: object[]) => cluster.applyObjects([], objects)

  /** Pods for the tests below: one with data, one that may not restart, one that is done. */
  const volumes = { volumes: [{ name: 'data', emptyDir: {} }] }
  const volumeMounts = [{ name: 'data', mountPath: '/data' }]
  const lasting = () => [
    pod('steady', [shell('main', forever, { volumeMounts }), shell('side', forever, { volumeMounts })], volumes),
    pod('once', [shell('main', forever)], { restartPolicy: 'Never' }),
    pod('done', [shell('main', 'exit 0')], { restartPolicy: 'Never' }),
  ]
  const started = async () => {
    await cluster.read('delete', 'pods', '--all')
    await apply(...lasting(), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' }, data: { key: 'value' } })
    await Promise.all([pods.ready('steady'), pods.ready('once'), pods.phase('done', 'Succeeded')])
    await cluster.read('exec', 'steady', '-c', 'main', '--', 'sh', '-c', 'echo kept > /data/file')
  }
  const containersOf = (observed: ObservedPod) =>
    observed.status.containerStatuses?.map(({ name, containerID, restartCount, state }) => ({ name, containerID, restartCount, state }))

  test('up on a running cluster does nothing and says so', async () => {
    const before = await status()
    assert.match(await ok('up'), /^cluster lifecycle-main is running already: https:\/\/127\.0\.0\.1:\d+/)
    assert.deepEqual(await status(), before)
  })

  test('status tells what runs, and every process of it', async () => {
    const { processes, ...rest } = await status()
    const node = (await cluster.read('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
    assert.match(rest.version, /^v1\.36\.\d+\+proa$/)
    assert.match(rest.apiAddress, /^https:\/\/127\.0\.0\.1:\d+$/)
    const { name, state, kubeconfig, dataDirectory, nodes } = rest
    assert.deepEqual(
      { name, state, kubeconfig, dataDirectory, nodes },
      {
        name: cluster.name,
        state: 'running',
        kubeconfig: cluster.kubeconfig,
        dataDirectory: cluster.dataDirectory,
        nodes: [{ name: node, ready: true }],
      },
    )
    assert.deepEqual(processes.map(({ component }) => component).sort(), [...parts, ...parts.map(part => `supervisor-${part}`)].sort())
    const listed = new Set(processes.map(({ pid }) => String(pid)))
    const shimsAndPods = (line: string) => line.includes('containerd-shim') || !line.includes(cluster.dataDirectory)
    const unlisted = processesOf(traced()).filter(line => !listed.has(line.split(/[ :]/)[1] as string) && !shimsAndPods(line))
    assert.deepEqual(unlisted, [])
    const text = (await cluster.proa('status')).stdout
    for (const { component, pid } of processes) assert.match(text, new RegExp(`${component} \\(${pid}\\)`))
  })

  test('a wrong call gets a suggestion, every command its help with examples', async () => {
    const proa = (...words: string[]) => runProgram(join(repository, 'proa'), words)
    const refused = async (pattern: RegExp, ...words: string[]) => {
      const outcome = await proa(...words)
      assert.equal(outcome.status, 2, words.join(' '))
      assert.match(outcome.stderr, pattern)
    }
    await refused(/unknown flag --nmae; did you mean "--name"\?/, 'up', '--nmae', 'x')
    await refused(/unknown flag --kubconfig; did you mean "--kubeconfig"\?/, 'up', '--kubconfig=x')
    await refused(/unknown command "stauts"; did you mean "status"\?/, 'stauts')
    await refused(/must be one of containerd, simulated.*did you mean "containerd"\?/, 'up', '--runtime', 'contanerd')
    await refused(/unknown component "sever"; did you mean "server"\?/, 'logs', 'sever', '--name', cluster.name)
    await refused(/a cluster's name/, 'up', '--name', 'No_Name')
    const commands = [...(await proa('--help')).stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(match => match[1] as string)
    assert.ok(commands.length >= 10, commands.join(' '))
    for (const command of commands.filter(one => one !== 'test')) {
      const help = command === 'kubectl' ? await proa('help') : await proa(command, '--help')
      assert.equal(help.status, 0, command)
      if (command !== 'kubectl') assert.match(help.stdout, /Usage:\n.*\n[\s\S]*Examples:\n {2}.*proa/)
    }
    const absent = await proa('kubectl', '--name', 'no-such-cluster', 'get', 'pods')
    assert.equal(absent.status, 1)
    assert.match(absent.stderr, /find cluster "no-such-cluster": there is none\nWhat to do: start it with `proa up --name no-such-cluster`/)
  })

  test('kubectl runs against the cluster, logs show what its parts said', async () => {
    const through = await runProgram(join(repository, 'proa'), ['kubectl', '--name', cluster.name, 'get', 'namespaces', '-o', 'name'])
    assert.match(through.stdout, /^namespace\/kube-system$/m)
    assert.match(await ok('logs', 'server'), /API server of cluster lifecycle-main listens on port \d+/)
    assert.match(await ok('logs'), /^agent: .*node .* is Ready/m)
    const followed = startProgram(join(repository, 'proa'), ['logs', 'agent', '-f', '--name', cluster.name])
    await eventually(
      'what was said before',
      10_000,
      async () => followed.output(),
      text => text.includes('is Ready'),
    )
    await followed.stop()
  })

  test('status answers while the API does not', async () => {
    const { processes } = await status()
    const stop = (component: string, signal: 'SIGSTOP' | 'SIGCONT') =>
      process.kill(processes.find(one => one.component === component)?.pid as number, signal)
    stop('server', 'SIGSTOP')
    try {
      const silent = await cluster.proa('status', '-o', 'json')
      assert.equal(silent.status, 1, silent.stderr)
      const { state, nodes } = JSON.parse(silent.stdout) as Status
      assert.deepEqual([state, nodes], ['degraded', undefined])
    } finally {
      stop('server', 'SIGCONT')
    }
    await eventually('the cluster goes on', 15_000, status, ({ state }) => state === 'running')
  })

  real('images come from archives of docker and OCI tools', async () => {
    const archive = await testImageArchive('busybox')
    const docker = join(work, 'docker.tar')
    writeDockerArchive(archive, 'from-docker:v1', docker)
    assert.match(await ok('image', 'load', docker), /^loaded docker\.io\/library\/from-docker:v1$/m)
    assert.match(await ok('image', 'load', archive), /^loaded docker\.io\/library\/busybox:1\.35$/m)
    const listed = await ok('image', 'ls')
    for (const name of ['from-docker:v1', 'busybox:1.35'])
      assert.match(listed, new RegExp(`^docker\\.io/library/${name} .* \\d+\\.\\d MiB$`, 'm'))
    await apply(
      pod('from-archive', [shell('main', 'exit 0', { image: 'from-docker:v1', imagePullPolicy: 'Never' })], { restartPolicy: 'Never' }),
    )
    await pods.phase('from-archive', 'Succeeded')
    const broken = join(work, 'broken.tar')
    writeFileSync(broken, 'this is no archive')
    for (const [path, pattern] of [
      [broken, /broken\.tar/],
      [join(work, 'absent.tar'), /there is no such file/],
    ] as const) {
      const outcome = await cluster.proa('image', 'load', path)
      assert.equal(outcome.status, 1)
      assert.match(outcome.stderr, pattern)
    }
  })

  real('whatever process is killed comes back, and containers never notice', async () => {
    await started()
    // A supervisor before its component, so that the component then has one that adopted it.
    for (const component of parts.flatMap(part => [`supervisor-${part}`, part])) {
      const { processes } = await status()
      const killed = processes.find(process => process.component === component)
      assert.ok(killed, `${component} runs`)
      const before = containersOf(await pods.get('steady'))
      const mark = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `before-${component}` }, data: { acknowledged: 'yes' } }
      await apply(mark)
      process.kill(killed.pid, 'SIGKILL')
      await eventually(
        `${component} is back`,
        15_000,
        () => status(),
        ({ state, processes: now }) => state === 'running' && now.some(one => one.component === component && one.pid !== killed.pid),
      )
      await eventually(
        'the API answers',
        15_000,
        () => cluster.look<typeof mark>(`/api/v1/namespaces/${namespace}/configmaps/${mark.metadata.name}`),
        ({ data }) => data.acknowledged === 'yes',
      )
      // The node takes on new pods, and its server finds the old ones.
      const name = `after-${component}`
      await apply(pod(name, [shell('main', 'exit 0')], { restartPolicy: 'Never' }))
      await pods.phase(name, 'Succeeded', 30_000)
      assert.equal(await cluster.read('exec', 'steady', '-c', 'side', '--', 'cat', '/data/file'), 'kept\n')
      assert.deepEqual(containersOf(await pods.get('steady')), before, `containers after ${component} was killed`)
    }
    const { processes } = await status()
    assert.equal(processes.length, 6)
    assert.equal(await cluster.read('get', 'configmap', 'kept', '-o', 'jsonpath={.data.key}'), 'value')
  })

  real('down and up are a reboot: the same pods, one restart more', async () => {
    await started()
    const before = await pods.get('steady')
    const service = await cluster.read('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}')
    await ok('down')
    const left = tracesOf(traced()).filter(line => !line.startsWith('file '))
    assert.deepEqual(left, [], 'nothing runs in between')
    const stopped = await cluster.proa('status', '-o', 'json')
    assert.deepEqual([stopped.status, (JSON.parse(stopped.stdout) as Status).state], [1, 'stopped'])
    await ok('down')
    await ok('up')
    const again = await pods.until(
      'steady',
      'runs again',
      one => one.status.containerStatuses?.every(({ ready, restartCount }) => ready && restartCount === 1) ?? false,
    )
    assert.equal(again.metadata.uid, before.metadata.uid)
    assert.match(again.status.podIP ?? '', new RegExp(`^${range().replaceAll('.', '\\.')}`))
    assert.equal(await cluster.read('exec', 'steady', '-c', 'side', '--', 'cat', '/data/file'), 'kept\n')
    assert.equal((await pods.phase('once', 'Failed')).status.phase, 'Failed')
    const { phase, containerStatuses } = (await pods.get('done')).status
    assert.deepEqual([phase, containerStatuses?.[0]?.restartCount], ['Succeeded', 0])
    assert.equal(await cluster.read('get', 'configmap', 'kept', '-o', 'jsonpath={.data.key}'), 'value')
    assert.equal(await cluster.read('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}'), service)
    assert.ok(containerOf(again, 'main').lastState.terminated, 'the life before the reboot is told')
  })

  real('two clusters live side by side; purging one leaves nothing of it and the other alone', async () => {
    await started()
    const before = containersOf(await pods.get('steady'))
    // A name that begins the other's, so that whoever removes by prefix removes too much.
    const second = await startRealCluster('lifecycle', ['busybox'])
    const trace = configurationOf(second)
    try {
      const theirs = observePods(second, namespace)
      await second.applyObjects([], [pod('steady', [shell('main', forever)])])
      const { status: other } = await theirs.ready('steady')
      const [mine, its] = [await status(), await status(second)]
      assert.notEqual(mine.apiAddress, its.apiAddress)
      assert.notEqual(trace.podCidr, traced().podCidr)
      assert.notEqual(other.podIP, (await pods.get('steady')).status.podIP)
      assert.deepEqual(
        its.processes.map(({ pid }) => pid).filter(pid => mine.processes.some(process => process.pid === pid)),
        [],
      )
      assert.ok(
        tracesOf(trace).some(line => line.startsWith('route ')),
        'the traces show the pod while it runs',
      )
      assert.ok(
        tracesOf(trace).some(line => line.startsWith('table ')),
        'and the service proxy',
      )
    } finally {
      await second.remove()
    }
    assert.deepEqual(tracesOf(trace), [])
    assert.equal((await status()).state, 'running')
    assert.deepEqual(containersOf(await pods.get('steady')), before)
    assert.ok(
      tracesOf(traced()).some(line => line.startsWith('table ')),
      'the other service proxy is still there',
    )
    assert.match(
      await cluster.read('exec', 'steady', '-c', 'main', '--', 'nslookup', 'kubernetes.default.svc.cluster.local'),
      /Address.*10\./,
    )
  })

  real('down --purge leaves nothing, and a cluster of that name begins anew', async () => {
    await started()
    const trace = traced()
    const kubeconfig = cluster.kubeconfig
    await ok('down', '--purge')
    assert.deepEqual(tracesOf(trace), [])
    assert.doesNotMatch(readFileSync(kubeconfig, 'utf8'), /lifecycle-main/)
    assert.match(await ok('down', '--purge'), /there is no cluster lifecycle-main/)
    const absent = JSON.parse((await cluster.proa('status', '-o', 'json')).stdout) as Status
    assert.deepEqual([absent.state, absent.processes], ['absent', []])
    await ok('up', '--data-dir', cluster.dataDirectory, '--kubeconfig', kubeconfig)
    assert.equal(await cluster.read('get', 'pods', '-o', 'name'), '')
  })

  real('a cluster that lost its configuration while it ran is purged all the same', async () => {
    // The cluster that was begun anew above; its images went with the old one, so it has no pods.
    const trace = traced()
    rmSync(join(cluster.dataDirectory, 'cluster.json'))
    assert.match(await ok('down', '--purge'), /cluster lifecycle-main is gone/)
    assert.deepEqual(tracesOf(trace), [])
  })

  const configurationOf = (of: RealCluster): TracedCluster =>
    JSON.parse(readFileSync(join(of.dataDirectory, 'cluster.json'), 'utf8')) as TracedCluster
  const traced = () => configurationOf(cluster)
  /** The pod range's first two numbers. */
  const range = () => traced().podCidr.split('.').slice(0, 2).join('.')
})
