import { compareQuantities } from '../../apimachinery/quantity.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import { storageClassOf } from '../../apis/core/access-modes.ts'
import type { PersistentVolume } from '../../apis/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '../../apis/core/persistent-volume-claim.ts'

/** Is the volume kept for this claim, or bound to it? A reference without a UID names whoever comes with that name. */
export function isFor({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { namespace, name, uid } = spec?.claimRef ?? {}
  return namespace === claim.metadata.namespace && name === claim.metadata.name && (!uid || uid === claim.metadata.uid)
}

/** Why this volume can't serve the claim; undefined where it can. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const [has, wants] = [volume.spec ?? {}, claim.spec ?? {}]
  if (compareQuantities(has.capacity?.storage ?? '0', wants.resources?.requests?.storage ?? '0') < 0) return 'requested PV is too small'
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match'
  if ((has.volumeMode ?? 'Filesystem') !== (wants.volumeMode ?? 'Filesystem')) return 'incompatible volumeMode'
  if ((has.volumeAttributesClassName ?? '') !== (wants.volumeAttributesClassName ?? '')) return 'volumeAttributesClassName does not match'
  return (wants.accessModes ?? []).every(mode => has.accessModes?.includes(mode)) ? undefined : 'incompatible accessMode'
}

/** One that is kept for the claim, else the smallest free one that can serve it. */
export function findVolume(
  volumes: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
  onlyKept: boolean,
): PersistentVolume | undefined {
  const fits = (volume: PersistentVolume) => volume.metadata.deletionTimestamp === undefined && mismatch(volume, claim) === undefined
  const kept = volumes.find(volume => volume.spec?.claimRef && isFor(volume, claim) && fits(volume))
  if (kept || onlyKept) return kept
  const selector = claim.spec?.selector && labelSelectorMatcher(claim.spec.selector)
  let smallest: PersistentVolume | undefined
  for (const volume of volumes) {
    if (volume.spec?.claimRef || volume.status?.phase !== 'Available' || !fits(volume)) continue
    if (selector && !selector.matches(volume.metadata.labels)) continue
    if (!smallest || compareQuantities(sizeOf(volume), sizeOf(smallest)) < 0) smallest = volume
  }
  return smallest
}

const sizeOf = ({ spec }: PersistentVolume): string => spec?.capacity?.storage ?? '0'
