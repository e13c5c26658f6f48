import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { protectionFinalizers } from '../../apis/storage/protection.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'

const finalizerOf = ({ kind }: AdmissionRequest): string | undefined => protectionFinalizers[`${kind.group}/${kind.resource}`]

/** Volumes, claims and their settings stay while they are used: controllers remove these finalizers afterwards. */
export const storageObjectInUseProtection: AdmissionStep = {
  name: 'StorageObjectInUseProtection',
  handles: request => request.operation === 'CREATE' && request.subresource === '' && finalizerOf(request) !== undefined,
  mutate(request) {
    const object = request.object as KubernetesObject
    const finalizer = finalizerOf(request) as string
    const { finalizers = [] } = object.metadata
    if (finalizers.includes(finalizer)) return object
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } }
  },
}
