import { type PersistentVolume, persistentVolumeKind } from '../../apis/core/persistent-volume.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import type { ControllerContext } from '../controller.ts'

export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const bindCompleted = 'pv.kubernetes.io/bind-completed'

/**
 * Binds in four writes, each of which can be the last before a crash: the volume names the claim, says that it is bound,
 * the claim names the volume, says that it is bound. Whoever reads half of it goes on from there.
 */
export async function bind(context: ControllerContext, volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
  const named = await nameClaim(context, volume, claim)
  await reportVolume(context, named, { phase: 'Bound' })
  const naming = await nameVolume(context, claim, named)
  const { accessModes, capacity, volumeAttributesClassName } = named.spec ?? {}
  const current = volumeAttributesClassName === undefined ? {} : { currentVolumeAttributesClassName: volumeAttributesClassName }
  await reportClaim(context, naming, { phase: 'Bound', accessModes, capacity, ...current })
}

async function nameClaim({ client }: ControllerContext, volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<PersistentVolume> {
  const { namespace, name, uid, resourceVersion } = claim.metadata
  if (volume.spec?.claimRef?.uid === uid) return volume
  // Whoever kept the volume for this claim gets it back when the claim is gone; what we chose ourselves becomes free.
  const annotations = volume.spec?.claimRef ? volume.metadata.annotations : { ...volume.metadata.annotations, [boundByController]: 'yes' }
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion }
  return client.update(persistentVolumeKind, {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef },
  })
}

async function nameVolume(
  { client }: ControllerContext,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): Promise<PersistentVolumeClaim> {
  const volumeName = volume.metadata.name as string
  const { annotations = {} } = claim.metadata
  if (claim.spec?.volumeName === volumeName && annotations[bindCompleted]) return claim
  const ours: Readonly<Record<string, string>> = claim.spec?.volumeName ? {} : { [boundByController]: 'yes' }
  return client.update(persistentVolumeClaimKind, {
    ...claim,
    metadata: { ...claim.metadata, annotations: { ...annotations, ...ours, [bindCompleted]: 'yes' } },
    spec: { ...claim.spec, volumeName },
  })
}

/** Takes back the reference of a volume to a claim that chose another one. */
export async function unbind({ client }: ControllerContext, volume: PersistentVolume): Promise<void> {
  const { [boundByController]: ours, ...annotations } = volume.metadata.annotations ?? {}
  const { claimRef, ...spec } = volume.spec ?? {}
  const { uid: _uid, resourceVersion: _resourceVersion, ...kept } = claimRef ?? {}
  const free = ours ? spec : { ...spec, claimRef: kept }
  await client.update(persistentVolumeKind, { ...volume, metadata: { ...volume.metadata, annotations }, spec: free })
}

export async function reportVolume(
  { client }: ControllerContext,
  volume: PersistentVolume,
  status: Pick<NonNullable<PersistentVolume['status']>, 'phase' | 'reason' | 'message'>,
): Promise<void> {
  const { phase, reason, message } = volume.status ?? {}
  if (phase === status.phase && reason === status.reason && message === status.message) return
  const { lastPhaseTransitionTime } = volume.status ?? {}
  await client.updateStatus(persistentVolumeKind, { ...volume, status: { ...status, lastPhaseTransitionTime } })
}

export async function reportClaim(
  { client }: ControllerContext,
  claim: PersistentVolumeClaim,
  status: NonNullable<PersistentVolumeClaim['status']>,
): Promise<void> {
  const changed = { ...claim.status, ...status }
  if (!semanticEqual(changed, claim.status)) await client.updateStatus(persistentVolumeClaimKind, { ...claim, status: changed })
}
