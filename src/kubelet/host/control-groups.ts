import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hierarchy, readHierarchies, unifiedOf } from './hierarchies.ts'
import { unlessMissing } from './missing.ts'
import type { ControlGroupLimits, HostAccess } from './types.ts'

type ControlGroups = Pick<HostAccess, 'setControlGroup' | 'controlGroupsBelow' | 'removeControlGroup'>

export function controlGroups(mountInfo = '/proc/self/mountinfo'): ControlGroups {
  let known: Promise<readonly Hierarchy[]> | undefined
  const hierarchies = () => (known ??= readHierarchies(mountInfo))
  return {
    async setControlGroup(path, limits) {
      const all = await hierarchies()
      const unified = unifiedOf(all)
      if (unified) return setUnified(unified.mountpoint, path, limits)
      for (const { mountpoint, version, controllers } of all) {
        if (version === 1 && controllers.includes('cpu')) await setCpu(join(mountpoint, path), limits)
        if (version === 1 && controllers.includes('memory')) await setMemory(join(mountpoint, path), limits)
      }
    },
    async controlGroupsBelow(path) {
      const names = new Set<string>()
      for (const { mountpoint } of await hierarchies()) for (const name of await directories(join(mountpoint, path))) names.add(name)
      return [...names]
    },
    async removeControlGroup(path) {
      for (const { mountpoint } of await hierarchies()) await removeGroup(join(mountpoint, path))
    },
  }
}

async function setUnified(mountpoint: string, path: string, limits: ControlGroupLimits): Promise<void> {
  const available = (await readFile(join(mountpoint, 'cgroup.controllers'), 'utf8')).trim().split(' ')
  const wanted = ['cpu', 'cpuset', 'memory', 'pids', 'io'].filter(name => available.includes(name)).map(name => `+${name}`)
  let group = mountpoint
  // A controller reaches a group only where every ancestor hands it down; the leaf is the runtime's.
  for (const step of path.split('/').filter(part => part !== '')) {
    await writeFile(join(group, 'cgroup.subtree_control'), wanted.join(' '))
    group = join(group, step)
    await mkdir(group, { recursive: true })
  }
  await writeFile(join(group, 'cgroup.subtree_control'), wanted.join(' '))
  if (limits.cpuShares !== undefined) await writeFile(join(group, 'cpu.weight'), String(weightOfShares(limits.cpuShares)))
  const quota = limits.cpuQuota_us === undefined ? 'max' : String(limits.cpuQuota_us)
  await writeFile(join(group, 'cpu.max'), `${quota} ${limits.cpuPeriod_us ?? 100_000}`)
  await writeFile(join(group, 'memory.max'), limits.memoryLimit_bytes === undefined ? 'max' : String(limits.memoryLimit_bytes))
  // Pods don't swap: a limit of memory holds only so. Kernels that count no swap have no such file.
  await unlessMissing(writeFile(join(group, 'memory.swap.max'), '0', { flag: 'r+' }))
}

/** Shares of version 1 (2 to 262144) as a weight of version 2 (1 to 10000), on the line that container runtimes use. */
const weightOfShares = (shares: number): number => 1 + Math.floor(((shares - 2) * 9999) / 262142)

async function setCpu(group: string, limits: ControlGroupLimits): Promise<void> {
  await mkdir(group, { recursive: true })
  if (limits.cpuShares !== undefined) await writeFile(join(group, 'cpu.shares'), String(limits.cpuShares))
  await writeFile(join(group, 'cpu.cfs_period_us'), String(limits.cpuPeriod_us ?? 100_000))
  await writeFile(join(group, 'cpu.cfs_quota_us'), String(limits.cpuQuota_us ?? -1))
}

async function setMemory(group: string, limits: ControlGroupLimits): Promise<void> {
  await mkdir(group, { recursive: true })
  await writeFile(join(group, 'memory.limit_in_bytes'), String(limits.memoryLimit_bytes ?? -1))
}

async function removeGroup(group: string): Promise<void> {
  for (const name of await directories(group)) await removeGroup(join(group, name))
  const processes = await unlessMissing(readFile(join(group, 'cgroup.procs'), 'utf8'))
  if (processes === undefined) return
  for (const pid of processes.split('\n').filter(line => line !== '' && line !== '0')) kill(Number(pid))
  try {
    await rmdir(group)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // What was killed takes a moment to leave; the next housekeeping removes the group.
    if (code !== 'EBUSY' && code !== 'ENOENT') throw error
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function directories(path: string): Promise<string[]> {
  const entries = (await unlessMissing(readdir(path, { withFileTypes: true }))) ?? []
  return entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
}
