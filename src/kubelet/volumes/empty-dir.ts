import { quantityValue } from '../../apimachinery/quantity.ts'
import type { Container } from '../../apis/core/container.ts'
import { fsGroupOf, VolumeError, type VolumePlugin } from './types.ts'

/** An empty directory that lives as long as the pod: on disk, or in memory with a limit. */
export const emptyDirVolume: VolumePlugin = {
  type: 'emptyDir',
  async setUp({ volume, host, pod, node, diskDirectory: path }) {
    const { medium = '', sizeLimit } = volume.emptyDir ?? {}
    if (medium !== '' && medium !== 'Memory')
      throw new VolumeError(`emptyDir medium ${JSON.stringify(medium)} is not supported by this node`)
    const isNew = (await host.inspect(path)) === undefined || !host.real
    await host.makeDirectory(path)
    if (medium === 'Memory') await host.mountTmpfs(path, memoryLimit_bytes(pod.spec?.containers ?? [], sizeLimit, node.memory ?? '0'))
    // Only once: afterwards its mode and owner are the containers' own affair.
    if (isNew) await host.setMode(path, 0o777)
    const group = fsGroupOf(pod)
    if (group !== undefined) await host.giveToGroup(path, group, false, pod.spec?.securityContext?.fsGroupChangePolicy === 'OnRootMismatch')
    return { path }
  },
}

/** Memory that files take counts against the containers' limits; so no more than all of these, where each has one, or than the node's. */
function memoryLimit_bytes(containers: readonly Container[], sizeLimit: string | undefined, nodeMemory: string): number {
  const limits = containers.map(container => quantityValue(container.resources?.limits?.memory ?? '0'))
  const ofPod = limits.includes(0) ? quantityValue(nodeMemory) : limits.reduce((sum, limit) => sum + limit, 0)
  const own = sizeLimit === undefined ? 0 : quantityValue(sizeLimit)
  return own > 0 ? Math.min(own, ofPod) : ofPod
}
