import { readFile, statfs } from 'node:fs/promises'
import type { MachineUsage } from './types.ts'

/** What is left of memory, process ids and of the disk under `path`. */
export async function machineUsage(path: string): Promise<MachineUsage> {
  const [memory, load, maximum, disk] = await Promise.all([
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/loadavg', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
    statfs(path),
  ])
  return {
    memoryAvailable_bytes: Number(/^MemAvailable:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0) * 1024,
    diskAvailable_bytes: disk.bavail * disk.bsize,
    diskCapacity_bytes: disk.blocks * disk.bsize,
    inodesFree: disk.ffree,
    inodes: disk.files,
    processes: Number(/\/(\d+)/.exec(load)?.[1] ?? 0),
    processesMaximum: Number(maximum),
  }
}
