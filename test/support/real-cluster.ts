import { execFile, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type TestImageName, testImageArchive } from '../images/build.ts'

/** A cluster started by the commands that a user types, with kubectl (which we did not write) as its client. */
export interface RealCluster {
  readonly name: string
  readonly kubeconfig: string
  readonly dataDirectory: string
  /** The address under which node ports answer. */
  readonly nodeAddress: string
  proa(...words: string[]): Promise<Outcome>
  kubectl(...words: string[]): Promise<Outcome>
  /** kubectl's output; a failure of kubectl fails the test. */
  read(...words: string[]): Promise<string>
  /** `kubectl get ... -o json`, parsed. */
  getJson(...words: string[]): Promise<Record<string, never>>
  apply(manifest: string): Promise<string>
  /** Applies objects as they are; kubectl gets them as one list. */
  applyObjects(words: readonly string[], objects: readonly object[]): Promise<string>
  remove(): Promise<void>
}

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export const repository = join(import.meta.dirname, '../..')

/** Why real containers can't run here, or undefined where they can. */
export const cannotRunContainers: string | undefined =
  process.platform !== 'linux' ? 'real containers need Linux' : process.getuid?.() !== 0 ? 'real containers need root' : undefined

/** Tells the runner that this test ran real containers. */
export function noteRealContainers(test: { readonly name: string }): void {
  const path = process.env.PROA_REAL_CONTAINER_NOTES
  if (path) appendFileSync(path, `${test.name}\n`)
}

export function runProgram(
  command: string,
  words: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; timeout_ms?: number } = {},
): Promise<Outcome> {
  return new Promise(resolve => {
    const settings = { maxBuffer: 64 * 1024 * 1024, timeout: options.timeout_ms ?? 120_000, env: options.env ?? process.env }
    const child = execFile(command, words, settings, (error, stdout, stderr) => {
      resolve({ status: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr })
    })
    // A program may end before it has read its input; how it ended says enough.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input ?? '')
  })
}

export async function startRealCluster(
  name: string,
  images: readonly TestImageName[],
  flags: readonly string[] = [],
): Promise<RealCluster> {
  const kubectlPath = ensureKubectl()
  const directory = mkdtempSync(join(tmpdir(), `proa-${name}-`))
  const kubeconfig = join(directory, 'kubeconfig')
  const dataDirectory = join(directory, 'data')
  const archives = await Promise.all(images.map(testImageArchive))
  const proa = (...words: string[]) => runProgram(join(repository, 'proa'), [...words, '--name', name])
  const up = await proa('up', '--yes', '--data-dir', dataDirectory, '--kubeconfig', kubeconfig, ...flags)
  if (up.status !== 0) {
    const log = await proa('logs')
    await proa('down', '--purge')
    rmSync(directory, { recursive: true, force: true })
    throw new Error(`proa up failed with status ${up.status}:\n${up.stdout}${up.stderr}${log.stdout.slice(-4000)}`)
  }
  const kubectl = (...words: string[]) => runProgram(kubectlPath, ['--kubeconfig', kubeconfig, ...words])
  const read = async (...words: string[]) => {
    const outcome = await kubectl(...words)
    if (outcome.status !== 0)
      throw new Error(`kubectl ${words.join(' ')} failed with status ${outcome.status}:\n${outcome.stdout}${outcome.stderr}`)
    return outcome.stdout
  }
  const cluster: RealCluster = {
    name,
    kubeconfig,
    dataDirectory,
    nodeAddress: '',
    proa,
    kubectl,
    read,
    getJson: async (...words) => JSON.parse(await read('get', '-o', 'json', ...words)),
    apply: manifest => read('apply', '-f', manifest),
    async applyObjects(words, objects) {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      const outcome = await runProgram(kubectlPath, ['--kubeconfig', kubeconfig, ...words, 'apply', '-f', '-'], { input })
      if (outcome.status !== 0) throw new Error(`kubectl apply of ${input} failed with status ${outcome.status}:\n${outcome.stderr}`)
      return outcome.stdout
    },
    async remove() {
      const down = await proa('down', '--purge')
      rmSync(directory, { recursive: true, force: true })
      if (down.status !== 0) throw new Error(`proa down --purge failed with status ${down.status}:\n${down.stdout}${down.stderr}`)
    },
  }
  try {
    for (const archive of archives) {
      const load = await proa('image', 'load', archive)
      if (load.status !== 0) throw new Error(`proa image load failed:\n${load.stdout}${load.stderr}`)
    }
    const addresses = await read('get', 'nodes', '-o', "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}")
    return { ...cluster, nodeAddress: addresses.split(' ')[0] as string }
  } catch (error) {
    await cluster.remove()
    throw error
  }
}

function ensureKubectl(): string {
  const onPath = (process.env.PATH ?? '')
    .split(':')
    .map(directory => join(directory, 'kubectl'))
    .find(existsSync)
  if (onPath) return onPath
  const { status } = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'kubernetes-client'], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error('these tests need kubectl, and the package kubernetes-client could not be installed')
  return '/usr/bin/kubectl'
}

/** Machines on which tests run are shared: a wait only ends early where something is wrong, so it costs nothing to be patient. */
const patience = 3

/** Asks until the answer passes, and fails with the last answer after several times `usual_ms`. */
export async function eventually<T>(what: string, usual_ms: number, ask: () => Promise<T>, passes: (answer: T) => boolean): Promise<T> {
  const limit_ms = usual_ms * patience
  const deadline = performance.now() + limit_ms
  let last: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (passes(answer)) return answer
      last = answer
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline)
      throw new Error(
        `${what}: not so after ${limit_ms / 1000} s; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
      )
    await delay(100)
  }
}

/** A GET over a new connection. */
export async function fetchText(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, {
    ...init,
    headers: { connection: 'close', ...(init.headers as Record<string, string>) },
    signal: AbortSignal.timeout(5000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${text}`)
  return text
}

/** Sends new connections one after the other until `stop`; answers how many there were and what failed. */
export function loadOfNewConnections(url: string): { stop(): Promise<{ requests: number; failures: string[] }> } {
  let running = true
  let requests = 0
  const failures: string[] = []
  const worker = async () => {
    while (running) {
      requests++
      await fetchText(url).catch((error: unknown) => failures.push(String(error)))
    }
  }
  const workers = [worker(), worker(), worker(), worker()]
  return {
    async stop() {
      running = false
      await Promise.all(workers)
      return { requests, failures }
    },
  }
}

export interface RunningProgram {
  /** Everything it has written so far, to either stream. */
  readonly output: () => string
  write(input: string): void
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** A program that goes on beside the test, kubectl port-forward say; `stop` ends it. */
export function startProgram(command: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env): RunningProgram {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], env })
  // A program that ends before it has read all is no failure of the test.
  child.stdin.on('error', () => undefined)
  let output = ''
  child.stdout.on('data', chunk => (output += chunk))
  child.stderr.on('data', chunk => (output += chunk))
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  return {
    output: () => output,
    write: text => void child.stdin.write(text),
    ended: closed,
    async stop() {
      child.kill('SIGTERM')
      await closed
    },
  }
}
