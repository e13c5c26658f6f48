import { readFile, writeFile } from 'node:fs/promises'

export interface HostSetting {
  readonly path: string
  readonly value: string
  readonly why: string
}

/** What the kernel of a node must be told before pods can talk. */
export function hostSettings(families: readonly (4 | 6)[]): HostSetting[] {
  const all: (HostSetting & { readonly family: 4 | 6 })[] = [
    { family: 4, path: 'net/ipv4/ip_forward', value: '1', why: 'packets of pods pass through the node' },
    { family: 4, path: 'net/ipv4/conf/all/route_localnet', value: '1', why: 'node ports answer on 127.0.0.1' },
    { family: 6, path: 'net/ipv6/conf/all/forwarding', value: '1', why: 'packets of pods pass through the node' },
  ]
  return all.filter(({ family }) => families.includes(family))
}

/** Writes what differs; the settings are those of the network namespace that this process is in. */
export async function applyHostSettings(families: readonly (4 | 6)[], root = '/proc/sys'): Promise<void> {
  for (const { path, value, why } of hostSettings(families)) {
    const file = `${root}/${path}`
    try {
      if ((await readFile(file, 'utf8')).trim() !== value) await writeFile(file, value)
    } catch (error) {
      throw new Error(`set ${path} to ${value}, so that ${why}: ${(error as Error).message}`, { cause: error })
    }
  }
}
