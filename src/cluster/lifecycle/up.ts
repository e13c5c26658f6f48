import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { type Logger, silentLogger } from '../../base/logger.ts'
import { type ClusterConfiguration, type ClusterPaths, clusterPaths } from '../configuration.ts'
import { commandOf, writeCommands } from './commands.ts'
import { writeConfiguration } from './instance.ts'
import { type Component, componentsOf, listProcesses } from './processes.ts'
import { hasUnits, startUnits, systemdRuns } from './systemd.ts'
import { takeTurn } from './turn.ts'

/** What a component writes into the run directory once it does its work; removed before each start. */
export interface ReadyFile {
  readonly readyAt: string
}

export const readyFile = (run: string, component: string): string => join(run, `${component}.ready`)

export interface UpOptions {
  readonly configuration: ClusterConfiguration
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called when a stage begins, for progress. */
  readonly onStage: (stage: string) => void
  readonly timeout_ms?: number
}

export class StartFailed extends Error {
  override readonly name = 'StartFailed'
  readonly remedy: string
  constructor(step: string, reason: string, remedy: string) {
    super(`${step}: ${reason}`)
    this.remedy = remedy
  }
}

/**
 * Starts the components of an instance in the background, each under a unit of systemd or a supervisor of its own, and
 * resolves when the API answers and the node is Ready. Does nothing for what runs already.
 */
export async function startInstance(options: UpOptions): Promise<void> {
  const { configuration, onStage, signal } = options
  const paths = clusterPaths(configuration.name, configuration.dataDirectory)
  const components = componentsOf(configuration)
  const turn = await takeTurn(lifecycleOf(configuration.name), signal, () => onStage('waiting for another command that starts or stops it'))
  try {
    await startComponents(paths, components, options)
  } finally {
    turn.end()
  }
  onStage('starting the API server')
  await waitForReady(paths, 'server', options)
  if (components.includes('agent')) {
    onStage('starting the node')
    await waitForReady(paths, 'agent', options)
  }
}

/** What commands that start or stop a cluster take turns at. */
export const lifecycleOf = (name: string): string => `${name}/lifecycle`

async function startComponents(paths: ClusterPaths, components: readonly Component[], options: UpOptions): Promise<void> {
  for (const directory of [paths.run, paths.logs]) mkdirSync(directory, { recursive: true, mode: 0o711 })
  // Whoever had the turn before may have removed the cluster.
  if (!existsSync(paths.configuration)) writeConfiguration(options.configuration)
  rmSync(join(paths.run, 'stopping'), { force: true })
  const running = new Set(listProcesses(paths.run).map(process => process.component))
  for (const component of components) if (!running.has(component)) rmSync(readyFile(paths.run, component), { force: true })
  // All at once: the agent waits for what it needs of the others while its own modules load.
  if (systemdRuns()) startUnitsOf(options.configuration, paths, components)
  else startSupervisors(options.configuration, paths, components, running)
  // Who has the next turn must see them.
  await untilSeen(
    paths.run,
    () => {
      const now = new Set(listProcesses(paths.run).map(process => process.component))
      return components.every(component => now.has(hasUnits(options.configuration.name) ? component : `supervisor-${component}`))
    },
    options,
    limit_ms => new StartFailed('start the processes', `not there after ${limit_ms / 1000} s`, remedyOf(options.configuration.name, paths)),
  )
}

const remedyOf = (name: string, paths: ClusterPaths): string =>
  hasUnits(name) ? `see \`systemctl status 'proa-${name}-*'\`` : `run \`sh -x ${paths.run}/supervisor.sh\``

function startUnitsOf(configuration: ClusterConfiguration, paths: ClusterPaths, components: readonly Component[]): void {
  try {
    startUnits(configuration.name, paths, components, component => commandOf(component, configuration, paths))
  } catch (error) {
    throw new StartFailed('start the units of systemd', (error as Error).message, `see \`journalctl -u 'proa-${configuration.name}-*'\``)
  }
}

function startSupervisors(
  configuration: ClusterConfiguration,
  paths: ClusterPaths,
  components: readonly Component[],
  running: ReadonlySet<string>,
): void {
  writeCommands(configuration, paths)
  for (const component of components) if (!running.has(`supervisor-${component}`)) startSupervisor(paths.run, component)
}

/**
 * For an agent that a service manager runs: containerd is started in the background unless it runs, and stays there when
 * the agent ends, since containers outlive it. Whoever starts something ends a stop that went before.
 */
export function ensureContainerd(configuration: ClusterConfiguration): void {
  const paths = clusterPaths(configuration.name, configuration.dataDirectory)
  rmSync(join(paths.run, 'stopping'), { force: true })
  writeCommands(configuration, paths)
  const running = listProcesses(paths.run).some(process => process.component === 'supervisor-containerd')
  if (!running) startSupervisor(paths.run, 'containerd')
}

/** A supervisor belongs to no terminal and outlives whoever starts it. */
export function startSupervisor(run: string, component: string, logger: Logger = silentLogger): void {
  const script = join(run, 'supervisor.sh')
  spawn('/bin/sh', [script, run, component], { detached: true, stdio: 'ignore', cwd: '/' })
    // A machine that can start no process just now must not end whoever asked; that there is no supervisor is seen by its absence.
    .on('error', error => logger.error(`start the supervisor of ${component}: ${error.message}`))
    .unref()
}

async function waitForReady(paths: ClusterPaths, component: string, options: UpOptions): Promise<void> {
  const path = readyFile(paths.run, component)
  const stopping = join(paths.run, 'stopping')
  const isDecided = () => existsSync(path) || existsSync(stopping)
  await untilSeen(paths.run, isDecided, options, limit_ms => notReady(paths, component, limit_ms))
  if (existsSync(stopping))
    throw new StartFailed(`start the ${component}`, 'the cluster is being stopped by another command', 'start it again when that has ended')
}

/** Looks whenever something changes in the directory. */
async function untilSeen(
  directory: string,
  isSeen: () => boolean,
  { clock, signal, timeout_ms: limit_ms = 60_000 }: UpOptions,
  tooLate: (limit_ms: number) => Error,
): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const finish = (error?: unknown) => {
      watcher.close()
      timer.cancel()
      signal.removeEventListener('abort', abort)
      error === undefined ? resolve() : reject(error)
    }
    const abort = () => finish(signal.reason)
    const check = () => isSeen() && finish()
    const watcher = watch(directory, check)
    const timer = clock.setTimer(limit_ms, () => finish(tooLate(limit_ms)))
    signal.addEventListener('abort', abort, { once: true })
    // The timer alone would not keep the process: the watcher does.
    watcher.on('error', finish)
    check()
  })
}

function notReady(paths: ClusterPaths, component: string, limit_ms: number): StartFailed {
  const log = join(paths.logs, `${component}.log`)
  const reason = `not ready after ${limit_ms / 1000} s${lastTrouble(log)}`
  return new StartFailed(`start the ${component}`, reason, `see \`proa logs ${component}\` (${log})`)
}

/** The last warning or error that a component logged, to say why it does not come up. */
function lastTrouble(log: string): string {
  if (!existsSync(log)) return ''
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-200)
  // Why it crashed says more than that it was started again.
  const trouble =
    lines.findLast(line => /^\w*Error: |"level":"error"|level=(error|fatal)/.test(line)) ??
    lines.findLast(line => line.includes('"level":"warn"'))
  return trouble === undefined ? '' : `; last trouble in its log: ${trouble.slice(0, 500)}`
}
