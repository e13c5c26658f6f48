import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** A process of a cluster, told from a later one with the same id by its start time. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
}

export const components = ['containerd', 'server', 'agent'] as const
export type Component = (typeof components)[number]

/** Simulated nodes live in the server's process; real ones need a runtime and an agent. */
export const componentsOf = (configuration: { readonly runtime: 'containerd' | 'simulated' }): readonly Component[] =>
  configuration.runtime === 'simulated' ? ['server'] : components

/** What `status -o json` lists: every process that Proa started and that runs. */
export interface ComponentProcess {
  readonly component: string
  readonly pid: number
}

export function readIdentity(path: string): ProcessIdentity | undefined {
  const [pid, startTime] = readIfThere(path).trim().split(' ')
  return pid && startTime ? { pid: Number(pid), startTime } : undefined
}

/** A supervisor that ends takes its files with it, also between a look and a read. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** False where the process had ended already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Linux only: the 22nd field of /proc/PID/stat, counted behind the name, which may hold spaces. */
export function isRunning(identity: ProcessIdentity): boolean {
  const fields = statFields(identity.pid)
  return fields !== undefined && fields[0] !== 'Z' && fields[19] === identity.startTime
}

export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = statFields(pid)?.[19]
  return startTime === undefined ? undefined : { pid, startTime }
}

function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    // Gone: there is no such process any more.
    return undefined
  }
}

export const identityFile = (run: string, component: Component): string => join(run, `${component}.pid`)
export const supervisorFile = (run: string, component: Component): string => join(run, `${component}.supervisor.pid`)

/** Everything of this cluster that runs now. */
export function listProcesses(run: string): ComponentProcess[] {
  const processes: ComponentProcess[] = []
  for (const component of components) {
    const supervisor = readIdentity(supervisorFile(run, component))
    if (supervisor && isRunning(supervisor)) processes.push({ component: `supervisor-${component}`, pid: supervisor.pid })
    const identity = readIdentity(identityFile(run, component))
    if (identity && isRunning(identity)) processes.push({ component, pid: identity.pid })
  }
  return processes
}

/** Whether two processes share a namespace; unreadable ones share nothing. */
export function sameNamespace(kind: 'mnt' | 'net', left: number | 'self', right: number | 'self'): boolean {
  try {
    return readlinkSync(`/proc/${left}/ns/${kind}`) === readlinkSync(`/proc/${right}/ns/${kind}`)
  } catch {
    return false
  }
}
