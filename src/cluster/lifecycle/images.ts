import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { connectContainerd, importImage } from '../../kubelet/runtime/containerd/index.ts'
import type { RuntimeImage } from '../../kubelet/runtime/types.ts'
import { type ClusterConfiguration, clusterPaths } from '../configuration.ts'
import { findBinary } from '../setup/packages.ts'

/** Loads an archive into the node's runtime and answers the names that are new there, or were loaded again. */
export async function importImages(configuration: ClusterConfiguration, path: string): Promise<string[]> {
  const ctr = findBinary('ctr')
  if (!ctr) throw new Error(`load ${path}: ctr, which comes with containerd, is not installed`)
  const report = await importImage({ ctr, socket: socketOf(configuration), path })
  return [...report.matchAll(/^unpacking (\S+)/gm)].map(match => match[1] as string)
}

export async function listImages(configuration: ClusterConfiguration): Promise<readonly RuntimeImage[]> {
  const runtime = connectContainerd({ socket: socketOf(configuration), clock: systemClock(), logger: silentLogger })
  try {
    return await runtime.listImages()
  } finally {
    await runtime.close()
  }
}

const socketOf = (configuration: ClusterConfiguration) => clusterPaths(configuration.name, configuration.dataDirectory).containerdSocket
