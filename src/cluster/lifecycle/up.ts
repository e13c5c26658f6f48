import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { type ClusterConfiguration, type ClusterPaths, clusterPaths } from '../configuration.ts'
import { writeCommands } from './commands.ts'
import { componentsOf, listProcesses } from './processes.ts'

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
 * Starts the components of an instance in the background, each under a supervisor of its own, and resolves when the
 * API answers and the node is Ready. Does nothing for what runs already.
 */
export async function startInstance(options: UpOptions): Promise<void> {
  const { configuration, onStage } = options
  const paths = clusterPaths(configuration.name, configuration.dataDirectory)
  for (const directory of [paths.run, paths.logs]) mkdirSync(directory, { recursive: true, mode: 0o711 })
  rmSync(join(paths.run, 'stopping'), { force: true })
  const components = componentsOf(configuration)
  const running = new Set(listProcesses(paths.run).map(process => process.component))
  for (const component of components) if (!running.has(component)) rmSync(readyFile(paths.run, component), { force: true })
  writeCommands(configuration, paths)
  // All at once: the agent waits for what it needs of the others while its own modules load.
  for (const component of components) if (!running.has(`supervisor-${component}`)) startSupervisor(paths.run, component)
  onStage('starting the API server')
  await waitForReady(paths, 'server', options)
  if (components.includes('agent')) {
    onStage('starting the node')
    await waitForReady(paths, 'agent', options)
  }
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
export function startSupervisor(run: string, component: string): void {
  const script = join(run, 'supervisor.sh')
  spawn('/bin/sh', [script, run, component], { detached: true, stdio: 'ignore', cwd: '/' }).unref()
}

async function waitForReady(paths: ClusterPaths, component: string, options: UpOptions): Promise<void> {
  const path = readyFile(paths.run, component)
  const limit_ms = options.timeout_ms ?? 60_000
  await new Promise<void>((resolve, reject) => {
    const finish = (error?: unknown) => {
      watcher.close()
      timer.cancel()
      options.signal.removeEventListener('abort', abort)
      error === undefined ? resolve() : reject(error)
    }
    const abort = () => finish(options.signal.reason)
    const check = () => existsSync(path) && finish()
    const watcher = watch(paths.run, check)
    const timer = options.clock.setTimer(limit_ms, () => finish(notReady(paths, component, limit_ms)))
    options.signal.addEventListener('abort', abort, { once: true })
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
