import { readFile } from 'node:fs/promises'
import type { NodeServerOptions, NodeUsage } from '../types.ts'

/** What the machine as a whole uses. */
export const readUsage = (options: NodeServerOptions): Promise<NodeUsage> => options.nodeUsage?.() ?? machineUsage()

/** The kernel counts processor time in ticks of a hundredth of a second, whatever its own clock. */
const tick_ns = 10_000_000

async function machineUsage(): Promise<NodeUsage> {
  const [stat, memory] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')])
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(memory)?.[1] ?? 0) * 1024
  const available = bytes('MemAvailable')
  return {
    cpuUsage_ns: busyTicks(stat) * tick_ns,
    memoryUsage_bytes: bytes('MemTotal') - bytes('MemFree'),
    memoryWorkingSet_bytes: bytes('MemTotal') - available,
    memoryAvailable_bytes: available,
    bootTime_ms: Number(/^btime (\d+)/m.exec(stat)?.[1] ?? 0) * 1000,
  }
}

/** The first line's fields: user, nice, system, idle, iowait, irq, softirq, steal. */
function busyTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = stat
    .slice(0, stat.indexOf('\n'))
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return user + nice + system + irq + softirq + steal
}
