import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface CniOptions {
  /** The cluster's name. */
  readonly name: string
  /** The ranges of this node's pods, one of each family at most. */
  readonly podCidrs: readonly string[]
  /** That of the way out by default. */
  readonly mtu?: number
  /** Where host-local notes which addresses are taken: a directory for each node. */
  readonly dataDirectory: string
}

/** The programs that the configuration needs; `loopback` is what the runtime calls by itself. */
export const cniPlugins = ['ptp', 'host-local', 'loopback'] as const

/**
 * The configuration list for the runtime: one veth pair a pod, no bridge. Host ports and masquerading are the proxy's,
 * so that the pod's address stays visible inside the cluster.
 */
export function cniConfiguration({ name, podCidrs, mtu, dataDirectory }: CniOptions): object {
  const hasFamily = (six: boolean) => podCidrs.some(cidr => cidr.includes(':') === six)
  return {
    cniVersion: '1.0.0',
    name: `proa-${name}`,
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ...(mtu !== undefined && { mtu }),
        ipam: {
          type: 'host-local',
          dataDir: dataDirectory,
          ranges: podCidrs.map(subnet => [{ subnet }]),
          routes: [...(hasFamily(false) ? [{ dst: '0.0.0.0/0' }] : []), ...(hasFamily(true) ? [{ dst: '::/0' }] : [])],
        },
      },
    ],
  }
}

/** Writes the configuration where the runtime looks for it, in one step. True if it was another before. */
export async function writeCniConfiguration(directory: string, options: CniOptions): Promise<boolean> {
  const path = join(directory, '10-proa.conflist')
  const content = `${JSON.stringify(cniConfiguration(options), undefined, 2)}\n`
  if ((await readFile(path, 'utf8').catch(() => '')) === content) return false
  // The runtime reads only names that end in conf, conflist or json.
  await writeFile(`${path}.new`, content)
  await rename(`${path}.new`, path)
  return true
}

/** Rejects with what is missing; the remedy is the set-up's. */
export async function checkCniPlugins(directories: readonly string[] = ['/usr/lib/cni', '/opt/cni/bin']): Promise<string> {
  for (const directory of directories) {
    const present = new Set(await readdir(directory).catch(() => []))
    if (cniPlugins.every(plugin => present.has(plugin))) return directory
  }
  throw new Error(`look for the CNI plugins ${cniPlugins.join(', ')} in ${directories.join(' and ')}: not all of them are there`)
}
