import { compareQuantities } from '../../apimachinery/quantity.ts'
import { storageClassOf } from '../../apis/core/access-modes.ts'
import type { PersistentVolumeClaim } from '../../apis/core/persistent-volume-claim.ts'
import type { StorageClass } from '../../apis/storage/storage-class.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { refuse } from './refuse.ts'
import { isAbout, kindOf } from './requests.ts'

/** A claim may ask for more only where its class says that volumes can grow. */
export const persistentVolumeClaimResize: AdmissionStep = {
  name: 'PersistentVolumeClaimResize',
  handles: request => request.operation === 'UPDATE' && isAbout(request, '', 'persistentvolumeclaims'),
  validate(request) {
    const [claim, old] = [request.object as PersistentVolumeClaim, request.old as PersistentVolumeClaim]
    if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return
    if (old.status?.phase !== 'Bound') throw refuse(request, 'Only bound persistent volume claims can be expanded')
    if (canGrow(request, storageClassOf(claim), storageClassOf(old))) return
    const why = 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
    throw refuse(request, why)
  },
}

const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec?.resources?.requests?.storage ?? '0'

function canGrow({ objects }: AdmissionRequest, name: string, before: string): boolean {
  if (name === '' || name !== before) return false
  const found = objects.get(kindOf(objects, 'storage.k8s.io', 'storageclasses'), '', name) as StorageClass | undefined
  return found?.allowVolumeExpansion ?? false
}
