import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, sleep } from '../../base/clock.ts'
import { type ClusterConfiguration, clusterPaths, defaultDataRoot, runRoot } from '../configuration.ts'
import { findBinary } from '../setup/packages.ts'
import { removeCgroups } from './cgroups.ts'
import { components, identityFile, isRunning, type ProcessIdentity, readIdentity, signalProcess, supervisorFile } from './processes.ts'
import { removeUnits } from './systemd.ts'
import { takeTurn } from './turn.ts'
import { lifecycleOf, readyFile } from './up.ts'

/** All that stopping needs to know, so that even an instance whose data somebody removed can be stopped. */
export type InstanceIdentity = Pick<ClusterConfiguration, 'name' | 'dataDirectory'>

export interface DownOptions {
  readonly configuration: InstanceIdentity
  readonly clock: Clock
  readonly onStage: (stage: string) => void
}

/** Time that the agent has to end all pods gracefully, beyond which what is left is killed. */
const podsGrace_ms = 60_000
const processGrace_ms = 10_000

/**
 * Stops an instance like a machine that is shut down: containers end gracefully, every object stays. Afterwards
 * nothing of it is left on the machine but its data directory.
 */
export async function stopInstance(options: DownOptions): Promise<void> {
  const turn = await takeLifecycleTurn(options)
  try {
    await stopComponents(options)
  } finally {
    turn.end()
  }
}

const takeLifecycleTurn = ({ configuration, onStage }: DownOptions) =>
  takeTurn(lifecycleOf(configuration.name), undefined, () => onStage('waiting for another command that starts or stops it'))

async function stopComponents(options: DownOptions): Promise<void> {
  const { configuration, clock, onStage } = options
  const { run, data } = clusterPaths(configuration.name, configuration.dataDirectory)
  if (!existsSync(run)) return removeUnits(configuration.name)
  // From here on nobody starts anything again.
  writeFileSync(join(run, 'stopping'), '')
  for (const component of components) await end(readIdentity(supervisorFile(run, component)), 'SIGTERM', 2000, clock)
  onStage('stopping the pods')
  // The agent, told to end while `stopping` exists, ends the pods first; the server stays up to take their last states.
  await end(readIdentity(identityFile(run, 'agent')), 'SIGTERM', podsGrace_ms, clock)
  onStage('stopping the control plane')
  await end(readIdentity(identityFile(run, 'containerd')), 'SIGTERM', processGrace_ms, clock)
  await end(readIdentity(identityFile(run, 'server')), 'SIGTERM', processGrace_ms, clock)
  removeUnits(configuration.name)
  await removeTraces(configuration, run, data)
}

/** Also removes the data directory. The kubeconfig is the caller's. */
export async function purgeInstance(options: DownOptions): Promise<void> {
  const turn = await takeLifecycleTurn(options)
  try {
    await stopComponents(options)
    const { run, data } = clusterPaths(options.configuration.name, options.configuration.dataDirectory)
    rmSync(run, { recursive: true, force: true })
    rmSync(data, { recursive: true, force: true })
    // What CNI keeps beside our own files.
    removeNetworkResults(options.configuration.name)
  } finally {
    turn.end()
  }
  for (const shared of [runRoot, defaultDataRoot]) if (existsSync(shared) && readdirSync(shared).length === 0) rmdirSync(shared)
}

function removeNetworkResults(name: string): void {
  const results = '/var/lib/cni/results'
  if (!existsSync(results)) return
  for (const entry of readdirSync(results))
    if (new RegExp(`^proa-${name}-[0-9a-f]{64}-`).test(entry)) rmSync(join(results, entry), { force: true })
}

async function end(identity: ProcessIdentity | undefined, signal: 'SIGTERM', grace_ms: number, clock: Clock): Promise<void> {
  if (!identity || !isRunning(identity)) return
  signalProcess(identity.pid, signal)
  const deadline = clock.monotonic() + grace_ms
  while (isRunning(identity)) {
    if (clock.monotonic() > deadline) {
      signalProcess(identity.pid, 'SIGKILL')
      return
    }
    await sleep(clock, 20)
  }
}

async function removeTraces(configuration: InstanceIdentity, run: string, data: string): Promise<void> {
  await killLeftovers(configuration)
  // The namespace in which containerd and all containers lived, volumes of pods, and the mounts of both.
  unmountBelow([run, data])
  await removeCgroups(configuration.name)
  await deleteTables(configuration.name)
  for (const entry of existsSync(run) ? readdirSync(run) : []) {
    // What the next start needs to find the data again stays; all else belonged to the processes.
    if (entry !== 'data-directory') rmSync(join(run, entry), { recursive: true, force: true })
  }
  for (const component of components) rmSync(readyFile(run, component), { force: true })
}

async function killLeftovers(configuration: InstanceIdentity): Promise<void> {
  // Shims carry the instance's own socket path on their command line, so nothing else can match.
  const { containerdSocket } = clusterPaths(configuration.name, configuration.dataDirectory)
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const words = commandLine(entry)
    if (words[0]?.includes('containerd-shim') && words.includes(containerdSocket)) signalProcess(Number(entry), 'SIGKILL')
  }
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    // The process ended while we looked.
    return []
  }
}

/** Unmounts everything below these directories, deepest first. */
function unmountBelow(directories: readonly string[]): void {
  const umount = findBinary('umount')
  if (!umount) return
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter(point => directories.some(directory => point === directory || point.startsWith(`${directory}/`)))
  for (const point of points.sort((left, right) => right.length - left.length)) {
    // Lazily, since a namespace file may still be referred to by a process that is just ending.
    unmountSync(umount, point)
  }
}

function unmountSync(umount: string, point: string): void {
  spawnSync(umount, ['-l', point], { stdio: 'ignore' })
}

/** Tables are called after what they are for, in one word: another cluster's name may begin with this one's. */
const isTableOf = (name: string, table: string) => table.startsWith(`proa-${name}-`) && !table.slice(`proa-${name}-`.length).includes('-')

/** Tables of the service proxy and of policies carry the cluster's name. */
async function deleteTables(name: string): Promise<void> {
  const nft = findBinary('nft')
  if (!nft) return
  const listing = await capture(nft, ['list', 'tables'])
  for (const line of listing.split('\n')) {
    const [, family, table] = /^table (\w+) (\S+)$/.exec(line) ?? []
    if (family && table && isTableOf(name, table)) await capture(nft, ['delete', 'table', family, table])
  }
}

const capture = (command: string, words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => execFile(command, words, (error, stdout) => (error ? reject(error) : resolve(stdout))))
