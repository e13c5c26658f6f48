import { join } from 'node:path'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import type { Volume } from '../../apis/core/volume.ts'
import type { EventRecorder } from '../../client/types.ts'
import type { HostAccess } from '../host/types.ts'
import type { ReferencedObjects } from '../objects/referenced-objects.ts'
import { allContainersOf } from '../pods/containers.ts'
import type { Addresses, NodeAmounts } from '../pods/downward.ts'
import type { ServiceAccountTokens } from './tokens.ts'
import { type MountedVolume, type VolumeContext, VolumeError, type VolumePlugin } from './types.ts'

/** A pod's volumes by name, and when they have to be looked at again. */
export interface PodVolumes {
  readonly mounted: ReadonlyMap<string, MountedVolume>
  readonly renew_ms: number | undefined
}

export interface VolumeSetup {
  /** Sets up all volumes that the pod's containers use. Rejects with a VolumeError after an event about each that failed. */
  setUp(pod: Pod, addresses: Addresses): Promise<PodVolumes>
  /** Unmounts and removes everything that pods of this uid have on the machine. */
  tearDown(podUid: string): Promise<void>
  /** Uids that have something on the machine. */
  known(): Promise<readonly string[]>
  directory(podUid: string): string
}

export interface VolumeSetupOptions {
  readonly host: HostAccess
  readonly events: EventRecorder
  readonly objects: ReferencedObjects
  readonly tokens: ServiceAccountTokens
  readonly plugins: readonly VolumePlugin[]
  readonly podsDirectory: string
  readonly memoryDirectory: string
  readonly node: NodeAmounts
}

export function createVolumeSetup(options: VolumeSetupOptions): VolumeSetup {
  const { host, events, objects, tokens } = options
  const plugins = new Map(options.plugins.map(plugin => [plugin.type as string, plugin]))

  async function setUpOne(pod: Pod, volume: Volume, addresses: Addresses): Promise<MountedVolume> {
    const type = Object.keys(volume).find(key => key !== 'name') ?? 'emptyDir'
    const plugin = plugins.get(type)
    if (!plugin) throw new VolumeError(`volume type ${type} is not supported by this node`)
    const uid = pod.metadata.uid ?? ''
    const namespace = pod.metadata.namespace ?? ''
    const place = join('volumes', `kubernetes.io~${type.toLowerCase()}`, volume.name)
    const context: VolumeContext = {
      pod,
      volume,
      host,
      diskDirectory: join(options.podsDirectory, uid, place),
      memoryDirectory: join(options.memoryDirectory, uid, place),
      configMap: name => objects.configMap(namespace, name, uid),
      secret: name => objects.secret(namespace, name, uid),
      token: request => tokens.get(pod, request),
      addresses,
      node: options.node,
    }
    return plugin.setUp(context)
  }

  return {
    async setUp(pod, addresses) {
      const mounted = new Map<string, MountedVolume>()
      const failures: string[] = []
      await Promise.all(
        usedVolumes(pod).map(async volume => {
          try {
            mounted.set(volume.name, await setUpOne(pod, volume, addresses))
          } catch (error) {
            const message = `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${(error as Error).message}`
            events.record(pod, podKind, 'Warning', 'FailedMount', message)
            failures.push(message)
          }
        }),
      )
      if (failures.length) throw new VolumeError(failures.join('; '))
      const renewals = [...mounted.values()].flatMap(volume => (volume.renew_ms === undefined ? [] : [volume.renew_ms]))
      return { mounted, renew_ms: renewals.length ? Math.min(...renewals) : undefined }
    },
    async tearDown(podUid) {
      for (const directory of [options.podsDirectory, options.memoryDirectory]) {
        await host.unmountBelow(join(directory, podUid))
        await host.remove(join(directory, podUid))
      }
      tokens.forget(podUid)
    },
    async known() {
      const names = await Promise.all([host.list(options.podsDirectory), host.list(options.memoryDirectory)])
      return [...new Set(names.flat())].filter(name => !name.startsWith('.'))
    },
    directory: podUid => join(options.podsDirectory, podUid),
  }
}

/** Volumes that no container mounts are not set up, as upstream. */
function usedVolumes(pod: Pod): Volume[] {
  const used = new Set(
    allContainersOf(pod).flatMap(({ volumeMounts = [], volumeDevices = [] }) =>
      [...volumeMounts, ...volumeDevices].map(({ name }) => name),
    ),
  )
  return (pod.spec?.volumes ?? []).filter(({ name }) => used.has(name))
}
