import type { ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Volume } from '../../apis/core/volume.ts'

/** Which objects a node may see, since its pods need them: kept from committed objects as they come and go. */
export interface NodeGraph {
  /** Kinds that this API server does not serve have no view. */
  attach(views: NodeGraphViews): void
  /** Does a pod on this node refer to the object, directly or through a volume? */
  isReferenced(node: string, resource: string, namespace: string, name: string): boolean
  close(): void
}

export interface NodeGraphViews {
  readonly pods: ResourceView
  readonly persistentVolumes?: ResourceView
  readonly volumeAttachments?: ResourceView
  readonly resourceSlices?: ResourceView
}

export function createNodeGraph(): NodeGraph {
  // For each node, how many of its pods refer to `resource/namespace/name`.
  const references = new Map<string, Map<string, number>>()
  // For each secret that a volume's driver reads on nodes, the claims that are bound to such volumes.
  const claimsOfSecret = new Map<string, Map<string, number>>()
  const unsubscribe: (() => void)[] = []
  let views: NodeGraphViews | undefined

  const countPod = (pod: Pod, by: 1 | -1) => {
    const node = pod.spec?.nodeName
    // A node writes its mirror pods itself, so these give it nothing.
    if (node && pod.metadata.annotations?.[mirrorAnnotation] === undefined)
      for (const key of referencesOf(pod)) count(references, node, key, by)
  }
  const countVolume = (volume: PersistentVolume, by: 1 | -1) => {
    const claim = claimOf(volume)
    if (claim !== undefined) for (const secret of secretsOfVolume(volume)) count(claimsOfSecret, secret, claim, by)
  }
  const follow = <T extends KubernetesObject>(view: ResourceView | undefined, tally: (object: T, by: 1 | -1) => void) => {
    if (!view) return
    unsubscribe.push(
      view.subscribe(change => {
        if (change.old) tally(change.old as T, -1)
        if (change.new) tally(change.new as T, 1)
      }),
    )
    for (const object of view.list()) tally(object as T, 1)
  }
  return {
    attach(given) {
      views = given
      follow(given.pods, countPod)
      follow(given.persistentVolumes, countVolume)
    },
    isReferenced(node, resource, namespace, name) {
      const own = references.get(node)
      switch (resource) {
        case 'pods':
          return (views?.pods.get(namespace, name) as Pod | undefined)?.spec?.nodeName === node
        case 'persistentvolumes': {
          const volume = views?.persistentVolumes?.get(undefined, name) as PersistentVolume | undefined
          const claim = volume && claimOf(volume)
          return claim !== undefined && own?.has(claim) === true
        }
        case 'volumeattachments':
        case 'resourceslices': {
          const view = resource === 'volumeattachments' ? views?.volumeAttachments : views?.resourceSlices
          return (view?.get(undefined, name) as OfNode | undefined)?.spec?.nodeName === node
        }
        case 'secrets':
          if (own?.has(`secrets/${namespace}/${name}`)) return true
          return own !== undefined && [...(claimsOfSecret.get(`${namespace}/${name}`)?.keys() ?? [])].some(claim => own.has(claim))
        default:
          return own?.has(`${resource}/${namespace}/${name}`) === true
      }
    },
    close() {
      for (const end of unsubscribe) end()
    },
  }
}

function count(counts: Map<string, Map<string, number>>, of: string, key: string, by: 1 | -1): void {
  const inner = counts.get(of) ?? new Map<string, number>()
  counts.set(of, inner)
  const sum = (inner.get(key) ?? 0) + by
  if (sum > 0) inner.set(key, sum)
  else inner.delete(key)
  if (inner.size === 0) counts.delete(of)
}

interface OfNode extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string }
}

interface SecretReference {
  readonly name?: string
  readonly namespace?: string
}

interface PersistentVolume extends KubernetesObject {
  readonly spec?: {
    readonly claimRef?: { readonly namespace?: string; readonly name?: string }
    readonly csi?: Readonly<Record<string, unknown>>
    readonly azureFile?: { readonly secretName?: string; readonly secretNamespace?: string }
    readonly [source: string]: unknown
  }
}

function claimOf({ spec }: PersistentVolume): string | undefined {
  const { namespace, name } = spec?.claimRef ?? {}
  return namespace && name ? `persistentvolumeclaims/${namespace}/${name}` : undefined
}

/** Those that nodes need; what only controllers need is none of a node's business. */
function secretsOfVolume({ spec = {} }: PersistentVolume): string[] {
  const { csi, azureFile, claimRef } = spec
  const ofSources = ['cephfs', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos'].map(
    source => (spec[source] as { readonly secretRef?: SecretReference } | undefined)?.secretRef,
  )
  const ofDriver = ['nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef'].map(
    field => csi?.[field] as SecretReference | undefined,
  )
  const ofFile = azureFile?.secretName ? { name: azureFile.secretName, namespace: azureFile.secretNamespace } : undefined
  return [...ofSources, ...ofDriver, ofFile].flatMap(reference =>
    reference?.name ? [`${reference.namespace || claimRef?.namespace}/${reference.name}`] : [],
  )
}

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Everything outside itself that a pod needs its node to read. */
export function referencesOf(pod: Pod): Set<string> {
  const keys = new Set<string>()
  const namespace = pod.metadata.namespace ?? ''
  const add = (resource: string, name: string | undefined) => name && keys.add(`${resource}/${namespace}/${name}`)
  add('serviceaccounts', pod.spec?.serviceAccountName)
  for (const reference of pod.spec?.imagePullSecrets ?? []) add('secrets', reference.name)
  for (const volume of pod.spec?.volumes ?? []) addVolume(volume, pod.metadata.name ?? '', add)
  for (const claim of pod.spec?.resourceClaims ?? []) add('resourceclaims', claim.resourceClaimName)
  for (const claim of pod.status?.resourceClaimStatuses ?? []) add('resourceclaims', claim.resourceClaimName)
  add('resourceclaims', pod.status?.extendedResourceClaimStatus?.resourceClaimName)
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? []), ...(pod.spec?.ephemeralContainers ?? [])]
  for (const container of containers) {
    for (const source of container.envFrom ?? []) {
      add('configmaps', source.configMapRef?.name)
      add('secrets', source.secretRef?.name)
    }
    for (const variable of container.env ?? []) {
      add('configmaps', variable.valueFrom?.configMapKeyRef?.name)
      add('secrets', variable.valueFrom?.secretKeyRef?.name)
    }
  }
  return keys
}

function addVolume(volume: Volume, pod: string, add: (resource: string, name: string | undefined) => void): void {
  add('configmaps', volume.configMap?.name)
  add('secrets', volume.secret?.secretName)
  add('persistentvolumeclaims', volume.persistentVolumeClaim?.claimName)
  if (volume.ephemeral) add('persistentvolumeclaims', `${pod}-${volume.name}`)
  for (const source of volume.projected?.sources ?? []) {
    add('configmaps', source.configMap?.name)
    add('secrets', source.secret?.name)
  }
  // Drivers get their credentials from Secrets beside the pod.
  const references = [
    volume.csi?.nodePublishSecretRef,
    volume.cephfs?.secretRef,
    volume.flexVolume?.secretRef,
    volume.iscsi?.secretRef,
    volume.rbd?.secretRef,
  ]
  for (const reference of [...references, volume.scaleIO?.secretRef, volume.storageos?.secretRef]) add('secrets', reference?.name)
  add('secrets', volume.azureFile?.secretName)
}
