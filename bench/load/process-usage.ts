import { readFileSync } from 'node:fs'
import { rounded } from './statistics.ts'

/** Processes to account for: a component's name and its id. */
export type Processes = Readonly<Record<string, number>>

export interface Usage {
  readonly cpu_s: number
  readonly rss_mib: number
  /** Proportional set size: pages that processes share count once, divided among them. */
  readonly pss_mib: number
}

/** `apiserver=123,etcd=@/run/etcd.pid`: ids, or files that hold them. */
export function parseProcesses(text: string): Processes {
  const entries = text.split(',').filter(Boolean)
  return Object.fromEntries(
    entries.map(entry => {
      const [name = '', where = ''] = entry.split('=')
      const id = Number(where.startsWith('@') ? readFileSync(where.slice(1), 'utf8').trim() : where)
      if (!name || !Number.isInteger(id) || id <= 0) throw new Error(`--pids ${entry}: give NAME=PID or NAME=@FILE`)
      return [name, id]
    }),
  )
}

// USER_HZ is 100 on every platform that Linux's interface to user space has.
const ticksPerSecond = 100

/** CPU seconds since the process began, its threads included; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  const stat = readProc(pid, 'stat')
  if (stat === undefined) return 0
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

export function usageOf(pid: number): Usage {
  const memory = readProc(pid, 'smaps_rollup') ?? ''
  const mebibytes = (key: string) => rounded(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) / 1024, 1)
  return { cpu_s: cpuSeconds(pid), rss_mib: mebibytes('Rss'), pss_mib: mebibytes('Pss') }
}

export const usageOfAll = (processes: Processes): Record<string, Usage> =>
  Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, usageOf(pid)]))

/** How busy the whole machine was, in CPU seconds since it started. */
export function machineBusySeconds(): number {
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + interrupts + softInterrupts) / ticksPerSecond
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // The process ended: what it used is not known any more.
    return undefined
  }
}
