import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { KubernetesObject } from '../apimachinery/meta.ts'
import { type PersistentVolume, persistentVolumeKind } from '../apis/core/persistent-volume.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimKind } from '../apis/core/persistent-volume-claim.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import { protectionFinalizers } from '../apis/storage/protection.ts'
import { volumeAttributesClassKind } from '../apis/storage/volume-attributes-class.ts'
import { runController, watchOf } from '../client/index.ts'
import { type Controller, type ControllerContext, ownKey, splitKey } from './controller.ts'

/** Storage that was deleted goes once nobody uses it any more; what is new and has no protection gets it. */

export const claimProtectionController: Controller = {
  name: 'pvc-protection-controller',
  start(context) {
    const pods = context.client.informer(podKind)
    pods.addIndex('claim', claimKeysOf)
    return runController({
      ...context,
      watches: [
        watchOf(context.client.informer(persistentVolumeClaimKind), ownKey),
        watchOf(pods, (old, current) => (current ? [] : claimKeysOf(old))),
      ],
      // A pod that no node has seen yet will not start with a claim that is being deleted.
      reconcile: key => protect(context, persistentVolumeClaimKind, key, () => pods.byIndex('claim', key).some(pod => pod.spec?.nodeName)),
    })
  },
}

/** The claims that a pod refers to, and those that are made for it. */
function claimKeysOf(pod: Pod | undefined): string[] {
  if (!pod) return []
  const { namespace, name } = pod.metadata
  return (pod.spec?.volumes ?? []).flatMap(volume => {
    if (volume.persistentVolumeClaim) return [`${namespace}/${volume.persistentVolumeClaim.claimName}`]
    return volume.ephemeral ? [`${namespace}/${name}-${volume.name}`] : []
  })
}

export const volumeProtectionController: Controller = {
  name: 'pv-protection-controller',
  start(context) {
    const volumes = context.client.informer(persistentVolumeKind)
    return runController({
      ...context,
      watches: [watchOf(volumes, ownKey)],
      reconcile: key => protect(context, persistentVolumeKind, key, volume => volume.status?.phase === 'Bound'),
    })
  },
}

export const attributesClassProtectionController: Controller = {
  name: 'volumeattributesclass-protection-controller',
  start(context) {
    const { client } = context
    const claims = client.informer(persistentVolumeClaimKind)
    const volumes = client.informer(persistentVolumeKind)
    claims.addIndex('attributesClass', classesOfClaim)
    volumes.addIndex('attributesClass', classesOfVolume)
    return runController({
      ...context,
      watches: [
        watchOf(client.informer(volumeAttributesClassKind), ownKey),
        watchOf(claims, (old, current) => without(classesOfClaim(old), classesOfClaim(current))),
        watchOf(volumes, (old, current) => without(classesOfVolume(old), classesOfVolume(current))),
      ],
      reconcile: key =>
        protect(
          context,
          volumeAttributesClassKind,
          key,
          () => claims.byIndex('attributesClass', key).length > 0 || volumes.byIndex('attributesClass', key).length > 0,
        ),
    })
  },
}

function classesOfClaim(claim: PersistentVolumeClaim | undefined): string[] {
  const { spec, status } = claim ?? {}
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(names.filter(name => name !== undefined && name !== ''))] as string[]
}

const classesOfVolume = (volume: PersistentVolume | undefined): string[] =>
  volume?.spec?.volumeAttributesClassName ? [volume.spec.volumeAttributesClassName] : []

const without = (before: readonly string[], now: readonly string[]): string[] => before.filter(name => !now.includes(name))

async function protect<T extends KubernetesObject>(
  { client }: ControllerContext,
  kind: Kind<T>,
  key: string,
  isUsed: (object: T) => boolean,
): Promise<void> {
  const finalizer = protectionFinalizers[`${kind.group}/${kind.resource}`] as string
  const { namespace, name } = splitKey(key)
  const object = client.informer(kind).get(namespace, name)
  if (!object) return
  const { finalizers = [], deletionTimestamp } = object.metadata
  const isProtected = finalizers.includes(finalizer)
  if (deletionTimestamp ? !isProtected || isUsed(object) : isProtected) return
  const changed = deletionTimestamp ? finalizers.filter(one => one !== finalizer) : [...finalizers, finalizer]
  try {
    await client.update(kind, { ...object, metadata: { ...object.metadata, finalizers: changed } })
  } catch (error) {
    // Changed or gone meanwhile: its event brings us back.
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
