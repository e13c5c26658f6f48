import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type KubectlVersion, kubectlVersions } from '../support/kubectl-versions.ts'
import { forever, pod, shell } from '../support/pods.ts'
import {
  cannotRunContainers,
  eventually,
  fetchText,
  noteRealContainers,
  patiently,
  type RealCluster,
  runProgram,
  startProgram,
  startRealCluster,
} from '../support/real-cluster.ts'

/** The streams of kubectl before 1.31 are SPDY, later ones WebSockets unless they are told otherwise. */
const spdyAgain = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }

interface Client {
  readonly label: string
  readonly kubectl: KubectlVersion
  readonly environment: Readonly<Record<string, string>>
}

const clientsOf = (versions: readonly KubectlVersion[]): Client[] =>
  versions.flatMap(kubectl => [
    { label: `kubectl ${kubectl.version}`, kubectl, environment: {} },
    ...(kubectl.version === '1.33' ? [{ label: `kubectl ${kubectl.version} over SPDY`, kubectl, environment: spdyAgain }] : []),
  ])

describe('kubectl of many years', { skip: cannotRunContainers ?? false }, () => {
  let cluster: RealCluster
  const work = mkdtempSync(join(tmpdir(), 'proa-clients-test-'))
  before(async () => {
    cluster = await startRealCluster('clients', ['busybox', 'nginx'])
  })
  after(async () => {
    await cluster?.remove()
    rmSync(work, { recursive: true, force: true })
  })

  describe('each', { concurrency: 4 }, () => {
    for (const { label, kubectl, environment } of cannotRunContainers ? [] : clientsOf(kubectlVersions()))
      test(label, { skip: 'missing' in kubectl ? kubectl.missing : false }, async context => {
        if ('missing' in kubectl) return
        const namespace = label.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()
        await useLikeAPerson({ path: kubectl.path, environment, namespace })
        noteRealContainers(context)
      })
  })

  /** What a day with a cluster is made of: apply, look, exec, copy, attach, forward, delete. */
  async function useLikeAPerson({
    path,
    environment,
    namespace,
  }: {
    path: string
    environment: Record<string, string>
    namespace: string
  }) {
    const env = { ...process.env, ...environment, HOME: work }
    const words = ['--kubeconfig', cluster.kubeconfig, '-n', namespace]
    const attempt = (...more: string[]) => runProgram(path, [...words, ...more], { env })
    const run = async (...more: string[]) => {
      const { status, stdout, stderr } = await attempt(...more)
      assert.equal(status, 0, `kubectl ${more.join(' ')}: ${stdout}${stderr}`)
      return stdout
    }
    await run('create', 'namespace', namespace)
    const manifest = join(work, `${namespace}.json`)
    const service = { selector: { app: 'web' }, ports: [{ port: 80 }] }
    const items = [
      pod('works', [shell('main', forever)], {}, { labels: { app: 'works' } }),
      pod('listens', [shell('main', 'echo awaiting; cat', { stdin: true })]),
      pod('web', [{ name: 'main', image: 'nginx:1.22', imagePullPolicy: 'IfNotPresent' }], {}, { labels: { app: 'web' } }),
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: service },
    ]
    writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    assert.match(await run('apply', '-f', manifest), /pod\/works created\n[\s\S]*service\/web created/)
    await run('wait', '--for=condition=Ready', 'pod', '--all', patiently)
    assert.match(await run('apply', '-f', manifest), /pod\/works unchanged\n[\s\S]*service\/web unchanged/)
    assert.match(await run('get', 'pods', '-o', 'wide'), /^NAME +READY +STATUS +RESTARTS +AGE +IP[\s\S]*\nworks +1\/1 +Running +0 /m)
    assert.match(await run('describe', 'pod', 'works'), /Status: +Running[\s\S]*Scheduled[\s\S]*Started/)
    assert.match(await run('describe', 'service', 'web'), /Endpoints: +\d+\.\d+\.\d+\.\d+:80/)
    assert.match(await run('explain', 'pod.spec.restartPolicy'), /restartPolicy/)

    const failed = await attempt('exec', 'works', '--', 'sh', '-c', 'echo out; echo err >&2; exit 42')
    assert.deepEqual([failed.status, failed.stdout, failed.stderr.split('\n')[0]], [42, 'out\n', 'err'])
    const counted = await runProgram(path, [...words, 'exec', '-i', 'works', '--', 'wc', '-c'], { input: 'x'.repeat(100_000), env })
    assert.equal(counted.stdout.trim(), '100000')
    const back = join(work, `${namespace}.back`)
    await run('cp', manifest, 'works:/tmp/manifest')
    await run('cp', 'works:/tmp/manifest', back)
    assert.equal(readFileSync(back, 'utf8'), readFileSync(manifest, 'utf8'))

    const attached = startProgram(path, [...words, 'attach', '-i', 'listens'], env)
    try {
      attached.write('over there\n')
      await eventually(
        'the attached program answers',
        20_000,
        async () => attached.output(),
        text => text.includes('over there'),
      )
    } finally {
      await attached.stop()
    }
    assert.match(await run('logs', 'listens'), /^awaiting\nover there\n/)

    for (const target of ['pod/web', 'service/web']) {
      const forward = startProgram(path, [...words, 'port-forward', target, ':80'], env)
      try {
        const line = await eventually(
          'port-forward listens',
          20_000,
          async () => forward.output(),
          text => /127\.0\.0\.1:(\d+)/.test(text),
        )
        const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1]
        const pages = await Promise.all([1, 2, 3].map(() => fetchText(`http://127.0.0.1:${port}/`)))
        for (const page of pages) assert.match(page, /Welcome to nginx/)
      } finally {
        await forward.stop()
      }
    }
    assert.match(await run('delete', '-f', manifest, patiently), /pod "web".* deleted/)
    assert.equal(await run('get', 'pods', '-o', 'name'), '')
    await run('delete', 'namespace', namespace, patiently)
  }
})
