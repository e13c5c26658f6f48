import { storageClassAnnotation } from '../../apis/core/access-modes.ts'
import type { PersistentVolumeClaim } from '../../apis/core/persistent-volume-claim.ts'
import { isDefaultStorageClass, type StorageClass } from '../../apis/storage/storage-class.ts'
import type { AdmissionStep } from '../types.ts'
import { newestDefault } from './default-class.ts'
import { isAbout, kindOf } from './requests.ts'

/** Claims that say nothing about their class get the default one; those that say `""` mean none. */
export const defaultStorageClass: AdmissionStep = {
  name: 'DefaultStorageClass',
  handles: request => request.operation === 'CREATE' && isAbout(request, '', 'persistentvolumeclaims'),
  mutate({ object, objects }) {
    const claim = object as PersistentVolumeClaim
    if (claim.spec?.storageClassName !== undefined || claim.metadata.annotations?.[storageClassAnnotation] !== undefined) return claim
    const classes = objects.list(kindOf(objects, 'storage.k8s.io', 'storageclasses')) as readonly StorageClass[]
    const chosen = newestDefault(classes, isDefaultStorageClass)
    return chosen ? { ...claim, spec: { ...claim.spec, storageClassName: chosen.metadata.name } } : claim
  },
}
