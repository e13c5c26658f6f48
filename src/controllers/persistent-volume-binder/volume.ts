import { type PersistentVolume, persistentVolumeKind } from '../../apis/core/persistent-volume.ts'
import { persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import type { ControllerContext } from '../controller.ts'
import { reportVolume, unbind } from './bind.ts'

const provisionedBy = 'pv.kubernetes.io/provisioned-by'

/** The phase of a volume, and what becomes of it when its claim is gone. */
export async function syncVolume(context: ControllerContext, volume: PersistentVolume): Promise<void> {
  const reference = volume.spec?.claimRef
  if (!reference?.uid) return reportVolume(context, volume, { phase: 'Available' })
  const claim = context.client.informer(persistentVolumeClaimKind).get(reference.namespace, reference.name as string)
  if (claim?.metadata.uid !== reference.uid) return release(context, volume)
  const chosen = claim.spec?.volumeName
  if (chosen === volume.metadata.name) return reportVolume(context, volume, { phase: 'Bound' })
  // The claim is bound elsewhere; one that names no volume yet is about to be bound to this one.
  if (chosen) await unbind(context, volume)
}

async function release(context: ControllerContext, volume: PersistentVolume): Promise<void> {
  const { phase } = volume.status ?? {}
  if (phase === 'Failed') return
  if (phase !== 'Released') return reportVolume(context, volume, { phase: 'Released' })
  const policy = volume.spec?.persistentVolumeReclaimPolicy
  // Whoever made the volume also deletes it.
  const isOthers = policy === 'Delete' && (volume.metadata.annotations?.[provisionedBy] !== undefined || volume.spec?.csi !== undefined)
  if (policy === 'Retain' || isOthers) return
  const [reason, verb] = policy === 'Delete' ? ['VolumeFailedDelete', 'deletable'] : ['VolumeFailedRecycle', 'recyclable']
  const message = `error getting ${policy === 'Delete' ? 'deleter' : 'recycler'} volume plugin for volume ${JSON.stringify(volume.metadata.name)}: no ${verb} volume plugin matched`
  await reportVolume(context, volume, { phase: 'Failed', message })
  context.events.record(volume, persistentVolumeKind, 'Warning', reason as string, message)
}
