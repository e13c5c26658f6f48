/**
 * How long `./proa up` takes until its API is ready, its node is Ready, and a first pod runs that resolves a service by DNS:
 * with an empty data directory, then once more with its data. Watched from outside, by a client of the benchmark's own.
 * `node bench/start.ts [--image-archive busybox.tar] [--image docker.io/library/busybox:1.35] [--rounds 3]`
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { systemClock } from '../src/base/index.ts'
import { clusterPaths } from '../src/cluster/configuration.ts'
import { readConfiguration } from '../src/cluster/lifecycle/instance.ts'
import { readPkiUser } from '../src/cluster/pki.ts'
import { type Api, openApi } from './load/api.ts'
import { pause } from './load/bench.ts'
import { watchPods } from './load/pod-watch.ts'
import { rounded } from './load/statistics.ts'

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'bench-start' },
    'image-archive': { type: 'string' },
    image: { type: 'string', default: 'docker.io/library/busybox:1.35' },
    rounds: { type: 'string', default: '3' },
  },
})
const clock = systemClock()
const proa = join(import.meta.dirname, '../proa')
const { name, image } = values
const poll_ms = 10
const readyLimit_ms = 60_000

const rounds = []
for (let round = 0; round < Number(values.rounds); round++) rounds.push(await measureRound(round))
process.stdout.write(`${JSON.stringify({ rounds })}\n`)

async function measureRound(round: number) {
  const directory = mkdtempSync(join(tmpdir(), 'proa-bench-start-'))
  const up = ['up', '--yes', '--data-dir', join(directory, 'data'), '--kubeconfig', join(directory, 'kubeconfig')]
  try {
    const empty = await measureStart(join(directory, 'data'), up, async api => {
      // An image can only be loaded once there is a cluster; the pod's time is then its own.
      const archive = values['image-archive']
      if (!archive) return {}
      await run('image', 'load', archive)
      return { pod_by_itself: await measurePod(api, `empty-${round}`, clock.monotonic()) }
    })
    await run('down')
    const withData = await measureStart(join(directory, 'data'), up, async (api, began) =>
      values['image-archive'] ? { pod: await measurePod(api, `data-${round}`, began) } : {},
    )
    return { empty, with_data: withData }
  } finally {
    await run('down', '--purge')
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measureStart<T extends object>(
  dataDirectory: string,
  up: readonly string[],
  firstPod: (api: Api, began: number) => Promise<T>,
) {
  const began = clock.monotonic()
  const startedAt = clock.now()
  const since = () => rounded((clock.monotonic() - began) / 1000)
  const finished = runUp(up).then(since)
  const api = await untilReady(dataDirectory, finished)
  const api_ready_s = since()
  try {
    const nodeReady = untilNodeReady(api, startedAt).then(since)
    // The pod is created at once and waits for its node, as one applied right after the start would.
    const pod = firstPod(api, began)
    const [node_ready_s, up_returned_s, figures] = await Promise.all([nodeReady, finished, pod])
    return { api_ready_s, node_ready_s, up_returned_s, ...figures }
  } finally {
    api.close()
  }
}

function runUp(words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(proa, [...words, '--name', name], { stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('error', reject)
    child.on('exit', code => (code === 0 ? resolve() : reject(new Error(`proa up ended with ${code}`))))
  })
}

function run(...words: string[]) {
  return promisify(execFile)(proa, [...words, '--name', name])
}

/** Asks as soon as the port and the administrator's certificate are written, until /readyz says ok. */
async function untilReady(dataDirectory: string, failed: Promise<unknown>): Promise<Api> {
  let broken: unknown
  failed.catch(error => {
    broken = error
  })
  let reason: unknown
  const deadline = clock.monotonic() + readyLimit_ms
  while (clock.monotonic() < deadline) {
    if (broken !== undefined) throw broken
    // Files are half written or the port is refused until the server listens: then it is asked again.
    const api = await tryOpen(dataDirectory).catch(error => {
      reason = error
      return undefined
    })
    const reply = await api?.send('GET', '/readyz').catch(() => undefined)
    if (api && reply?.status === 200) return api
    api?.close()
    await pause(clock, poll_ms)
  }
  throw new Error(`wait for the API of ${name}: not ready after ${readyLimit_ms / 1000} s`, { cause: reason })
}

async function tryOpen(dataDirectory: string): Promise<Api | undefined> {
  const configuration = readConfiguration(dataDirectory)
  if (!configuration) return undefined
  const { pki } = clusterPaths(name, dataDirectory)
  if (!existsSync(join(pki, 'admin.crt'))) return undefined
  const { authority, certificate, key } = readPkiUser(pki, 'admin')
  const access = {
    server: `https://127.0.0.1:${configuration.apiPort}`,
    certificateAuthority: authority,
    clientCertificate: certificate,
    clientKey: key,
    token: undefined,
    insecure: false,
    serverName: undefined,
  }
  return openApi(access, clock, 1)
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
  }[]
}

/** What a node said before the start doesn't count: its lease must have been renewed since. */
async function untilNodeReady(api: Api, startedAt: number): Promise<void> {
  for (;;) {
    const { status, body } = await api.send('GET', '/api/v1/nodes')
    const { items } = status === 200 ? (JSON.parse(body.toString()) as NodeList) : { items: [] }
    const ready = items.find(node => node.status?.conditions?.some(one => one.type === 'Ready' && one.status === 'True'))
    if (ready && (await renewedAt(api, ready.metadata.name)) >= startedAt) return
    await pause(clock, poll_ms)
  }
}

async function renewedAt(api: Api, node: string): Promise<number> {
  const { status, body } = await api.send('GET', `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`)
  if (status !== 200) return 0
  const lease = JSON.parse(body.toString()) as { readonly spec?: { readonly renewTime?: string } }
  return Date.parse(lease.spec?.renewTime ?? '') || 0
}

/** A pod that ends once the name of a service has been resolved. */
async function measurePod(api: Api, suffix: string, began: number): Promise<{ running_s: number; resolved_s: number }> {
  const pods = await watchPods(api, clock, 'default')
  const pod = `first-${suffix}`
  const script = 'until nslookup kubernetes.default.svc.cluster.local >/dev/null 2>&1; do sleep 0.05; done; sleep 0.2'
  const container = { name: 'c', image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script] }
  try {
    await untilCreated(api, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod },
      spec: { restartPolicy: 'Never', containers: [container] },
    })
    const [running, succeeded] = await Promise.all([pods.running(pod), pods.succeeded(pod)])
    // The last 0.2 s only make sure that Running is seen.
    return { running_s: rounded((running - began) / 1000), resolved_s: rounded((succeeded - began - 200) / 1000) }
  } finally {
    pods.close()
  }
}

/** Refused until the default service account is there. */
async function untilCreated(api: Api, pod: object): Promise<void> {
  for (;;) {
    const { status, body } = await api.send('POST', '/api/v1/namespaces/default/pods', { body: pod })
    if (status === 201) return
    if (status !== 403) throw new Error(`create the first pod: answered ${status} ${body}`)
    await pause(clock, poll_ms)
  }
}
