import { readFile, statfs } from 'node:fs/promises'
import { arch, availableParallelism, release, totalmem } from 'node:os'
import type { NodeDescription } from '../options.ts'

const podsAtMost = 110

/** What the node says about this machine: capacity, with the disk under `path`, and identity. Kubelet's version comes from outside. */
export async function describeMachine(
  path: string,
): Promise<Pick<NodeDescription, 'capacity'> & { readonly info: Omit<NodeDescription['info'], 'kubeletVersion'> }> {
  const [disk, machineID, systemUUID, bootID, os] = await Promise.all([
    statfs(path),
    firstLine('/etc/machine-id'),
    firstLine('/sys/class/dmi/id/product_uuid'),
    firstLine('/proc/sys/kernel/random/boot_id'),
    readFile('/etc/os-release', 'utf8').catch(() => ''),
  ])
  return {
    capacity: {
      cpu: String(availableParallelism()),
      memory: `${Math.floor(totalmem() / 1024)}Ki`,
      'ephemeral-storage': `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
      pods: String(podsAtMost),
    },
    info: {
      machineID,
      systemUUID: systemUUID || machineID,
      bootID,
      kernelVersion: release(),
      osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(os)?.[1] ?? 'Linux',
      operatingSystem: 'linux',
      architecture: goArchitecture[arch()] ?? arch(),
    },
  }
}

/** Kubernetes uses Go's names. */
const goArchitecture: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** Empty where the machine does not tell: containers and some clouds have no such files. */
const firstLine = async (file: string): Promise<string> => (await readFile(file, 'utf8').catch(() => '')).trim()
