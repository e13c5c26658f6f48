import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, keyedList, optional } from '../../apimachinery/schema.ts'
import { LocalObjectReference, ObjectReference } from './references.ts'

export const ServiceAccount = topLevel('io.k8s.api.core.v1.ServiceAccount', '', {
  secrets: optional(2, keyedList(ObjectReference, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  imagePullSecrets: optional(3, atomicList(LocalObjectReference), ''),
  automountServiceAccountToken: optional(4, boolean, ''),
})
export interface ServiceAccount extends Infer<typeof ServiceAccount> {}

export const serviceAccountKind: Kind<ServiceAccount> = defineKind({
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  group: '',
  version: 'v1',
  schema: ServiceAccount,
  scope: 'Namespaced',
  shortNames: ['sa'],
  strategy: { validate: () => [] },
})
