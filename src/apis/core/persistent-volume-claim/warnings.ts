import { parseQuantity } from '../../../apimachinery/quantity.ts'
import { storageClassAnnotation } from '../access-modes.ts'
import type { PersistentVolumeClaim } from '../persistent-volume-claim.ts'

export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  const storage = spec?.resources?.requests?.storage
  const isFraction = storage !== undefined && parseQuantity(storage).nanos % 1_000_000_000n !== 0n
  return [
    ...(metadata.annotations?.[storageClassAnnotation] === undefined
      ? []
      : [`metadata.annotations[${storageClassAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...(isFraction ? [`spec.resources.requests[storage]: fractional byte value "${storage}" is invalid, must be an integer`] : []),
  ]
}
