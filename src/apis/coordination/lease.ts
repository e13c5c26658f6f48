import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, int32, microTime, object, optional, text } from '../../apimachinery/schema.ts'

export const LeaseSpec = object('io.k8s.api.coordination.v1.LeaseSpec', '', {
  holderIdentity: optional(1, text, ''),
  leaseDurationSeconds: optional(2, int32, ''),
  acquireTime: optional(3, microTime, ''),
  renewTime: optional(4, microTime, ''),
  leaseTransitions: optional(5, int32, ''),
  strategy: optional(6, text, ''),
  preferredHolder: optional(7, text, ''),
})
export interface LeaseSpec extends Infer<typeof LeaseSpec> {}

export const Lease = topLevel('io.k8s.api.coordination.v1.Lease', '', {
  spec: optional(2, LeaseSpec, ''),
})
export interface Lease extends Infer<typeof Lease> {}

export const leaseKind: Kind<Lease> = defineKind({
  kind: 'Lease',
  resource: 'leases',
  group: 'coordination.k8s.io',
  version: 'v1',
  schema: Lease,
  scope: 'Namespaced',
  strategy: { validate: () => [] },
})
