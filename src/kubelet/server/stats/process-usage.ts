import { readFile } from 'node:fs/promises'
import { tick_ns } from './node-usage.ts'
import type { Usage } from './summary.ts'

/** What one process uses: those of the node itself often share a control group with what has nothing to do with it. */
export async function processUsage(pid: number, time_ms: number): Promise<Usage | undefined> {
  const [stat, status] = await Promise.all([readProcess(pid, 'stat'), readProcess(pid, 'status')])
  if (stat === undefined || status === undefined) return undefined
  // Counted behind the name, which may hold spaces: minor and major faults, ticks of the program and of the kernel for it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [minorFaults = 0, majorFaults = 0, userTicks = 0, systemTicks = 0] = [7, 9, 11, 12].map(index => Number(fields[index]))
  const resident_bytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  return {
    time_ms,
    cpuUsage_ns: (userTicks + systemTicks) * tick_ns,
    memoryUsage_bytes: resident_bytes,
    memoryWorkingSet_bytes: resident_bytes,
    memoryResident_bytes: resident_bytes,
    pageFaults: minorFaults + majorFaults,
    majorPageFaults: majorFaults,
  }
}

/** Undefined where the process has ended. */
const readProcess = (pid: number, name: string): Promise<string | undefined> =>
  readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => undefined)
