import type { ConfigMap } from '../../apis/core/config-map.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Secret } from '../../apis/core/secret.ts'
import type { Volume } from '../../apis/core/volume.ts'
import type { HostAccess } from '../host/types.ts'
import type { Addresses, NodeAmounts } from '../pods/downward.ts'

/**
 * A type of volume. `setUp` makes the volume's content what the pod asks for; it is called again whenever something that it has
 * read changes, and at every start of the kubelet, so it does no work twice. What it leaves behind is unmounted and removed with
 * the pod's directory.
 */
export interface VolumePlugin {
  /** The field of a volume that selects this type. */
  readonly type: Exclude<keyof Volume, 'name'>
  setUp(context: VolumeContext): Promise<MountedVolume>
}

export interface MountedVolume {
  /** On the machine. */
  readonly path: string
  /** Containers can't write to it, whatever they ask for. */
  readonly readOnly?: boolean
  /** When it has to be set up again, though nothing changed: tokens get old. */
  readonly renew_ms?: number
}

export interface VolumeContext {
  readonly pod: Pod
  readonly volume: Volume
  readonly host: HostAccess
  /** For what may reach a disk. */
  readonly diskDirectory: string
  /** For what must not. */
  readonly memoryDirectory: string
  /** Undefined where there is none; the pod is synced again when that changes. */
  readonly configMap: (name: string) => Promise<ConfigMap | undefined>
  readonly secret: (name: string) => Promise<Secret | undefined>
  readonly token: (request: TokenRequest) => Promise<Token>
  readonly addresses: Addresses
  readonly node: NodeAmounts
}

export interface TokenRequest {
  readonly audience: string | undefined
  readonly expirationSeconds: number
}

export interface Token {
  readonly token: string
  /** When it should be replaced. */
  readonly renew_ms: number
}

/** Why a volume can't be set up; the text of the FailedMount event. */
export class VolumeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'VolumeError'
  }
}

export const fsGroupOf = (pod: Pod): number | undefined => pod.spec?.securityContext?.fsGroup
