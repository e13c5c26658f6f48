import { existsSync, readFileSync } from 'node:fs'

/** What of this machine decides how containerd is configured and started. */
export interface MachineFacts {
  readonly restrictOomScoreAdjust: boolean
  readonly appArmor: boolean
  /** Version 1 with a version 2 hierarchy beside it, at /sys/fs/cgroup/unified. */
  readonly hybridCgroups: boolean
  readonly cgroupVersion: 1 | 2
}

export interface MachineFiles {
  /** Undefined where there is no such file. */
  read(path: string): string | undefined
  exists(path: string): boolean
}

const sysResource = 24n

export function machineFacts(files: MachineFiles = machineFiles()): MachineFacts {
  const capabilities = /^CapEff:\s*([0-9a-f]+)/m.exec(files.read('/proc/self/status') ?? '')?.[1] ?? '0'
  const cgroupVersion = files.exists('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1
  return {
    restrictOomScoreAdjust: ((BigInt(`0x${capabilities}`) >> sysResource) & 1n) === 0n,
    appArmor:
      files.read('/sys/module/apparmor/parameters/enabled')?.startsWith('Y') === true &&
      ['/sbin/apparmor_parser', '/usr/sbin/apparmor_parser'].some(files.exists),
    hybridCgroups: cgroupVersion === 1 && files.exists('/sys/fs/cgroup/unified/cgroup.controllers'),
    cgroupVersion,
  }
}

const machineFiles = (): MachineFiles => ({
  read: path => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  exists: existsSync,
})
