import { storageClassOf } from '../../apis/core/access-modes.ts'
import { type PersistentVolume, persistentVolumeKind } from '../../apis/core/persistent-volume.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import { storageClassKind } from '../../apis/storage/storage-class.ts'
import type { ControllerContext } from '../controller.ts'
import { bind, bindCompleted, reportClaim } from './bind.ts'
import { findVolume, isFor, mismatch } from './match.ts'

export async function syncClaim(context: ControllerContext, claim: PersistentVolumeClaim): Promise<void> {
  if (claim.metadata.annotations?.[bindCompleted]) return checkBound(context, claim)
  const volumes = context.client.informer(persistentVolumeKind)
  const wanted = claim.spec?.volumeName
  if (!wanted) return chooseVolume(context, claim, volumes.list())
  const volume = volumes.get(undefined, wanted)
  if (volume && isFree(volume, claim)) {
    const why = volume.spec?.claimRef ? undefined : mismatch(volume, claim)
    if (why === undefined) return bind(context, volume, claim)
    const text = `Cannot bind to requested volume ${JSON.stringify(wanted)}: ${why}`
    context.events.record(claim, persistentVolumeClaimKind, 'Warning', 'VolumeMismatch', text)
  }
  // It may still come, or become free.
  await reportClaim(context, claim, { phase: 'Pending' })
}

const isFree = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => !volume.spec?.claimRef || isFor(volume, claim)

async function chooseVolume(context: ControllerContext, claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): Promise<void> {
  const name = storageClassOf(claim)
  const found = name ? context.client.informer(storageClassKind).get(undefined, name) : undefined
  const waits = found?.volumeBindingMode === 'WaitForFirstConsumer'
  const volume = findVolume(volumes, claim, waits)
  if (volume) return bind(context, volume, claim)
  await reportClaim(context, claim, { phase: 'Pending' })
  const say = (type: 'Normal' | 'Warning', reason: string, text: string) =>
    context.events.record(claim, persistentVolumeClaimKind, type, reason, text)
  if (name === '') say('Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
  else if (waits) say('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
  else if (!found) say('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`)
  else if (found.provisioner !== 'kubernetes.io/no-provisioner') await askProvisioner(context, claim, found.provisioner, say)
}

const provisionerAnnotations = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner']

/** Volumes are made by programs that users run; they find the claims that are theirs by an annotation. */
async function askProvisioner(
  { client }: ControllerContext,
  claim: PersistentVolumeClaim,
  provisioner: string,
  say: (type: 'Normal', reason: string, text: string) => void,
): Promise<void> {
  const { annotations = {} } = claim.metadata
  if (provisionerAnnotations.some(name => annotations[name] !== provisioner)) {
    const named = { ...annotations, ...Object.fromEntries(provisionerAnnotations.map(name => [name, provisioner])) }
    await client.update(persistentVolumeClaimKind, { ...claim, metadata: { ...claim.metadata, annotations: named } })
  }
  const text = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  say('Normal', 'ExternalProvisioning', text)
}

/** What was bound once must stay so. */
async function checkBound(context: ControllerContext, claim: PersistentVolumeClaim): Promise<void> {
  const name = claim.spec?.volumeName
  const volume = name ? context.client.informer(persistentVolumeKind).get(undefined, name) : undefined
  if (!name) return lose(context, claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  if (!volume) return lose(context, claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  if (isFree(volume, claim)) return bind(context, volume, claim)
  return lose(context, claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
}

async function lose(context: ControllerContext, claim: PersistentVolumeClaim, reason: string, text: string): Promise<void> {
  if (claim.status?.phase === 'Lost') return
  await reportClaim(context, claim, { phase: 'Lost' })
  context.events.record(claim, persistentVolumeClaimKind, 'Warning', reason, text)
}
