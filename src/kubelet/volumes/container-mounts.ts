import { join } from 'node:path'
import type { Container } from '../../apis/core/container.ts'
import type { HostAccess } from '../host/types.ts'
import { ContainerConfigError } from '../pods/environment.ts'
import { expand } from '../pods/expansion.ts'
import type { Mount } from '../runtime/types.ts'
import type { MountedVolume } from './types.ts'

interface Inputs {
  readonly host: HostAccess
  readonly volumes: ReadonlyMap<string, MountedVolume>
  readonly environment: readonly { readonly name: string; readonly value: string }[]
  /** The pod's directory on the machine. */
  readonly directory: string
  readonly restartCount: number
}

const propagations: Readonly<Record<string, Mount['propagation']>> = {
  None: 'private',
  HostToContainer: 'hostToContainer',
  Bidirectional: 'bidirectional',
}

/** A container's volume mounts, subPaths resolved to mounts of their own. */
export async function containerMounts(container: Container, inputs: Inputs): Promise<Mount[]> {
  if (container.volumeDevices?.length) throw new ContainerConfigError('raw block volumes (volumeDevices) are not supported by this node')
  const result: Mount[] = []
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const volume = inputs.volumes.get(mount.name)
    if (!volume)
      throw new ContainerConfigError(
        `cannot find volume ${JSON.stringify(mount.name)} to mount into container ${JSON.stringify(container.name)}`,
      )
    if (mount.recursiveReadOnly === 'Enabled')
      throw new ContainerConfigError(`recursiveReadOnly of mount ${mount.mountPath} is not supported by this node`)
    const subPath = mount.subPathExpr === undefined ? mount.subPath : expandSubPath(mount.subPathExpr, inputs.environment)
    result.push({
      hostPath: subPath ? await mountSubPath(container, mount.name, index, volume.path, subPath, inputs) : volume.path,
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      readOnly: (mount.readOnly ?? false) || (volume.readOnly ?? false),
      propagation: propagations[mount.mountPropagation ?? 'None'] ?? 'private',
    })
  }
  return result
}

async function mountSubPath(
  container: Container,
  volume: string,
  index: number,
  root: string,
  subPath: string,
  inputs: Inputs,
): Promise<string> {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) {
    throw new ContainerConfigError(
      `subPath ${JSON.stringify(subPath)} of volume ${JSON.stringify(volume)} must be a relative path inside of it`,
    )
  }
  // A restarted container must not see what an earlier one's subPath meant: files of ConfigMaps are replaced, not changed.
  const place = (run: number) => join(inputs.directory, 'volume-subpaths', volume, container.name, `${index}-${run}`)
  const target = place(inputs.restartCount)
  try {
    await unmountOld(inputs, place(inputs.restartCount - 1))
    await inputs.host.mountInside(root, subPath, target)
  } catch (error) {
    throw new ContainerConfigError(
      `failed to prepare subPath for volumeMount ${JSON.stringify(volume)} of container ${JSON.stringify(container.name)}: ${(error as Error).message}`,
      { cause: error },
    )
  }
  return target
}

async function unmountOld({ host }: Inputs, path: string): Promise<void> {
  await host.unmountBelow(path)
  await host.remove(path)
}

function expandSubPath(expression: string, environment: Inputs['environment']): string {
  const values = new Map(environment.map(({ name, value }) => [name, value]))
  return expand(expression, name => {
    const value = values.get(name)
    if (value === undefined) throw new ContainerConfigError(`subPathExpr ${JSON.stringify(expression)} names the unknown variable ${name}`)
    return value
  })
}
