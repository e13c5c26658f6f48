import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hierarchy, readHierarchies, unifiedOf } from './hierarchies.ts'

/** What the kernel counts of a control group and everything below it. */
export interface ControlGroupUsage {
  readonly cpuUsage_ns: number
  readonly memoryUsage_bytes: number
  readonly memoryWorkingSet_bytes: number
  readonly memoryResident_bytes: number
  readonly pageFaults: number
  readonly majorPageFaults: number
  /** Undefined where the group has no limit of its own. */
  readonly memoryLimit_bytes: number | undefined
  readonly processes: number | undefined
}

export interface InterfaceUsage {
  readonly name: string
  readonly received_bytes: number
  readonly receiveErrors: number
  readonly sent_bytes: number
  readonly sendErrors: number
}

/** Reads groups by their path below the mounts. Undefined where there is no such group, or no longer. */
export interface ControlGroupReadings {
  usage(path: string): Promise<ControlGroupUsage | undefined>
  /** Interfaces of the network that the group's processes are in. */
  interfaces(path: string): Promise<readonly InterfaceUsage[] | undefined>
}

export function controlGroupReadings(mountInfo = '/proc/self/mountinfo', proc = '/proc'): ControlGroupReadings {
  let known: Promise<readonly Hierarchy[]> | undefined
  const hierarchies = () => (known ??= readHierarchies(mountInfo))
  return {
    async usage(path) {
      const all = await hierarchies()
      const unified = unifiedOf(all)
      if (unified) return unifiedUsage(join(unified.mountpoint, path))
      const group = (controller: string) => {
        const hierarchy = all.find(({ version, controllers }) => version === 1 && controllers.includes(controller))
        return hierarchy && join(hierarchy.mountpoint, path)
      }
      return separateUsage(group('cpuacct'), group('memory'), group('pids'))
    },
    async interfaces(path) {
      for (const { mountpoint } of await hierarchies()) {
        const pid = (await readText(join(mountpoint, path, 'cgroup.procs')))?.split('\n')[0]
        // A process of another namespace of process ids is shown as 0.
        if (!pid || pid === '0') continue
        const table = await readText(join(proc, pid, 'net/dev'))
        return table === undefined ? undefined : readInterfaces(table)
      }
    },
  }
}

async function unifiedUsage(group: string): Promise<ControlGroupUsage | undefined> {
  const [cpu, current, stat, maximum, pids] = await readAll(group, [
    'cpu.stat',
    'memory.current',
    'memory.stat',
    'memory.max',
    'pids.current',
  ])
  if (cpu === undefined || current === undefined || stat === undefined) return undefined
  return {
    cpuUsage_ns: field(cpu, 'usage_usec') * 1000,
    ...memory(Number(current), field(stat, 'inactive_file'), field(stat, 'anon')),
    pageFaults: field(stat, 'pgfault'),
    majorPageFaults: field(stat, 'pgmajfault'),
    memoryLimit_bytes: limitOf(maximum),
    processes: pids === undefined ? undefined : Number(pids),
  }
}

async function separateUsage(cpuGroup?: string, memoryGroup?: string, pidsGroup?: string): Promise<ControlGroupUsage | undefined> {
  if (cpuGroup === undefined || memoryGroup === undefined) return undefined
  const [[cpu], [usage, stat, limit], [pids]] = await Promise.all([
    readAll(cpuGroup, ['cpuacct.usage']),
    readAll(memoryGroup, ['memory.usage_in_bytes', 'memory.stat', 'memory.limit_in_bytes']),
    pidsGroup === undefined ? [] : readAll(pidsGroup, ['pids.current']),
  ])
  if (cpu === undefined || usage === undefined || stat === undefined) return undefined
  return {
    cpuUsage_ns: Number(cpu),
    ...memory(Number(usage), field(stat, 'total_inactive_file'), field(stat, 'total_rss')),
    pageFaults: field(stat, 'total_pgfault'),
    majorPageFaults: field(stat, 'total_pgmajfault'),
    memoryLimit_bytes: limitOf(limit),
    processes: pids === undefined ? undefined : Number(pids),
  }
}

/** Pages of files that nobody has used of late are given back before anything is killed: they don't count as worked with. */
const memory = (usage_bytes: number, inactiveFiles_bytes: number, resident_bytes: number) => ({
  memoryUsage_bytes: usage_bytes,
  memoryWorkingSet_bytes: Math.max(0, usage_bytes - inactiveFiles_bytes),
  memoryResident_bytes: resident_bytes,
})

/** Version 2 says `max`, version 1 a number near 2⁶³. */
function limitOf(text: string | undefined): number | undefined {
  const limit = Number(text ?? 'max')
  return Number.isNaN(limit) || limit > 2 ** 62 ? undefined : limit
}

const field = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)

const readAll = (group: string, names: readonly string[]) => Promise.all(names.map(name => readText(join(group, name))))

/** A group may end while it is read; the kernel then says ENODEV. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trimEnd()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENODEV', 'ESRCH', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** As upstream's: neither the loopback nor the machine's ends of other networks. */
const ignored = /^(lo|veth|docker|nerdctl)/

/** The table of /proc/net/dev: received bytes, packets, errors and five more, then the same as sent. */
export const readInterfaces = (table: string): InterfaceUsage[] =>
  table.split('\n').flatMap(line => {
    const [, name = '', counters = ''] = /^\s*(\S+):\s*(.*)$/.exec(line) ?? []
    if (name === '' || ignored.test(name)) return []
    const [received_bytes = 0, , receiveErrors = 0, , , , , , sent_bytes = 0, , sendErrors = 0] = counters.split(/\s+/).map(Number)
    return [{ name, received_bytes, receiveErrors, sent_bytes, sendErrors }]
  })
