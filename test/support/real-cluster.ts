import { execFile, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type TestImageName, testImageArchive } from '../images/build.ts'
import { createStateReader, type StateReader } from './state.ts'

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
  /** What the API says at a path, for whoever waits or looks: it costs a request, not a process. */
  readonly look: StateReader['look']
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
    const settings = { maxBuffer: 64 * 1024 * 1024, timeout: options.timeout_ms ?? programLimit_ms, env: options.env ?? process.env }
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
  const state = createStateReader(kubeconfig)
  const cluster: RealCluster = {
    name,
    kubeconfig,
    dataDirectory,
    nodeAddress: '',
    proa,
    kubectl,
    read,
    look: state.look,
    apply: manifest => read('apply', '-f', manifest),
    async applyObjects(words, objects) {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      const outcome = await runProgram(kubectlPath, ['--kubeconfig', kubeconfig, ...words, 'apply', '-f', '-'], { input })
      if (outcome.status !== 0) throw new Error(`kubectl apply of ${input} failed with status ${outcome.status}:\n${outcome.stderr}`)
      return outcome.stdout
    },
    async remove() {
      state.close()
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

/**
 * Machines on which tests run may be shared, and ten times slower than the one on which the tests were written. A wait that ends
 * well ends as soon as it can, so it costs nothing to be patient; one that never would ends before the runner's limit for a test.
 */
const patience = 10
const longestWait_ms = 240_000
const programLimit_ms = longestWait_ms + 30_000

/** For kubectl, which waits by itself: it tells what it waited for, so it ends before it would be killed. */
export const patiently = `--timeout=${longestWait_ms / 1000}s`

/** Asks until the answer passes, and fails with the last answer after many times `usual_ms`. */
export async function eventually<T>(what: string, usual_ms: number, ask: () => Promise<T>, passes: (answer: T) => boolean): Promise<T> {
  const limit_ms = Math.min(usual_ms * patience, longestWait_ms)
  const deadline = performance.now() + limit_ms
  let last: unknown
  for (;;) {
    const asked = performance.now()
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
    // Where asking takes long, whatever is waited for should have the machine at least half of the time.
    await delay(Math.max(100, Math.min(2000, performance.now() - asked)))
  }
}

const pageLimit_ms = 30_000

/** A GET over a new connection. */
export async function fetchText(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, {
    ...init,
    headers: { connection: 'close', ...(init.headers as Record<string, string>) },
    signal: AbortSignal.timeout(pageLimit_ms),
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
      // A stream of requests, not a flood that takes the machine from the pods it is about.
      await delay(20)
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
