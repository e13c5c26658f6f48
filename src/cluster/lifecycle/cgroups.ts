import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

/** The cgroup under which everything of a cluster's nodes runs. */
export const cgroupRoot = (name: string): string => `/proa/${name}`

/** Kills what still runs in the cluster's cgroups and removes them, in every hierarchy there is. */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const top = join(hierarchy, cgroupRoot(name))
    if (existsSync(top)) removeTree(top)
    const shared = join(hierarchy, '/proa')
    if (existsSync(shared) && readdirSync(shared, { withFileTypes: true }).every(entry => !entry.isDirectory())) rmdirSync(shared)
  }
}

/** On cgroup v2 the one mount, on v1 each controller's. */
function hierarchies(): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .filter(fields => fields[2] === 'cgroup' || fields[2] === 'cgroup2')
    .map(fields => fields[1] as string)
}

function removeTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(directory, entry.name))
  for (const pid of readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  rmdirWhenEmpty(directory)
}

/** A killed process leaves its cgroup a moment later. */
function rmdirWhenEmpty(directory: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      rmdirSync(directory)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || attempt === 100) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}
