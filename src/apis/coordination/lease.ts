import { type FieldError, forbiddenField, invalidField, unsupportedField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateQualifiedName } from '../../apimachinery/names.ts'
import { type Infer, int32, microTime, object, optional, text } from '../../apimachinery/schema.ts'
import { invalid, notNegative } from '../core/validation/rules.ts'

export const LeaseSpec = object('io.k8s.api.coordination.v1.LeaseSpec', 'Who holds a lease, and for how long.', {
  holderIdentity: optional(1, text, 'Who holds the lease.'),
  leaseDurationSeconds: optional(2, int32, 'Seconds after the last renewal until others may take the lease.'),
  acquireTime: optional(3, microTime, 'When the present holder took it.'),
  renewTime: optional(4, microTime, 'When the present holder renewed it last.'),
  leaseTransitions: optional(5, int32, 'How often the holder has changed.'),
  strategy: optional(6, text, 'How a leader is chosen, for coordinated leader election.'),
  preferredHolder: optional(7, text, 'Who should take over, for coordinated leader election.'),
})
export interface LeaseSpec extends Infer<typeof LeaseSpec> {}

export const Lease = topLevel('io.k8s.api.coordination.v1.Lease', 'A lock with a time limit, for leader election and heartbeats.', {
  spec: optional(2, LeaseSpec, 'Who holds it, and for how long.'),
})
export interface Lease extends Infer<typeof Lease> {}

export const leaseKind: Kind<Lease> = defineKind({
  kind: 'Lease',
  resource: 'leases',
  group: 'coordination.k8s.io',
  version: 'v1',
  schema: Lease,
  scope: 'Namespaced',
  columns: [
    nameColumn,
    {
      name: 'Holder',
      type: 'string',
      description: 'Who holds the lease.',
      priority: 0,
      cell: (lease: Lease) => lease.spec?.holderIdentity ?? '',
    },
    ageColumn,
  ],
  strategy: {
    validate: lease => (lease.spec ? validateLeaseSpec(lease.spec) : []),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
})

function validateLeaseSpec(spec: LeaseSpec): FieldError[] {
  const { leaseDurationSeconds: duration, preferredHolder, strategy } = spec
  const errors: FieldError[] = []
  if (duration !== undefined && duration <= 0) errors.push(invalidField('spec.leaseDurationSeconds', duration, 'must be greater than 0'))
  errors.push(...notNegative(spec.leaseTransitions, 'spec.leaseTransitions'))
  if (strategy) errors.push(...validateStrategy(strategy))
  else if (preferredHolder) {
    errors.push(forbiddenField('spec.preferredHolder', 'may only be specified when `strategy` is defined'))
  }
  return errors
}

/** Kubernetes' own strategy, or another's with its domain in front. */
function validateStrategy(strategy: string): FieldError[] {
  if (strategy === 'OldestEmulationVersion') return []
  if (!strategy.includes('/')) return [unsupportedField('spec.strategy', strategy, ['OldestEmulationVersion'])]
  return invalid('spec.strategy', strategy, validateQualifiedName(strategy))
}
