import { readFile } from 'node:fs/promises'
import { readInterfaces } from '../../host/control-group-usage.ts'
import type { NodeServerOptions, NodeUsage } from '../types.ts'

/** What the machine as a whole uses. */
export const readUsage = (options: NodeServerOptions): Promise<NodeUsage> => options.nodeUsage?.() ?? machineUsage()

/** The kernel counts processor time in ticks of a hundredth of a second, whatever its own clock. */
export const tick_ns = 10_000_000

async function machineUsage(): Promise<NodeUsage> {
  const names = ['stat', 'meminfo', 'vmstat', 'net/dev', 'loadavg', 'sys/kernel/pid_max', 'sys/kernel/threads-max']
  const files = await Promise.all(names.map(name => readFile(`/proc/${name}`, 'utf8')))
  const [stat = '', memory = '', virtual = '', devices = '', load = '', pidMaximum, threadsMaximum] = files
  const count = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(virtual)?.[1] ?? 0)
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(memory)?.[1] ?? 0) * 1024
  const available = bytes('MemAvailable')
  return {
    cpuUsage_ns: busyTicks(stat) * tick_ns,
    memoryUsage_bytes: bytes('MemTotal') - bytes('MemFree'),
    memoryWorkingSet_bytes: bytes('MemTotal') - available,
    memoryAvailable_bytes: available,
    memoryResident_bytes: bytes('AnonPages'),
    pageFaults: count('pgfault'),
    majorPageFaults: count('pgmajfault'),
    interfaces: readInterfaces(devices),
    processes: Number(/\/(\d+)/.exec(load)?.[1] ?? 0),
    processesMaximum: Math.min(Number(pidMaximum), Number(threadsMaximum)),
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
