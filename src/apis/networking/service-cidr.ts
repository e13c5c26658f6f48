import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import { parseCidr } from '../../apimachinery/ip.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { Condition } from '../../apimachinery/meta.ts'
import { validateCanonicalCidr } from '../../apimachinery/names.ts'
import { atomicList, type Infer, keyedList, object, optional, text } from '../../apimachinery/schema.ts'
import { each, invalid } from '../core/validation/rules.ts'
import { keepMetadata, statusSubresource } from '../strategy.ts'

export const ServiceCIDRSpec = object('io.k8s.api.networking.v1.ServiceCIDRSpec', 'Ranges of service addresses.', {
  cidrs: optional(1, atomicList(text), 'One range, or one of each family.'),
})
export interface ServiceCIDRSpec extends Infer<typeof ServiceCIDRSpec> {}

export const ServiceCIDRStatus = object('io.k8s.api.networking.v1.ServiceCIDRStatus', 'What has become of the ranges.', {
  conditions: optional(
    1,
    keyedList(Condition, 'type'),
    'Aspects of their state, one for each type; Ready says that addresses are given from them.',
    { patchStrategy: 'merge', patchMergeKey: 'type' },
  ),
})
export interface ServiceCIDRStatus extends Infer<typeof ServiceCIDRStatus> {}

export const ServiceCIDR = topLevel('io.k8s.api.networking.v1.ServiceCIDR', 'Ranges from which services get their addresses.', {
  spec: optional(2, ServiceCIDRSpec, 'The ranges.'),
  status: optional(3, ServiceCIDRStatus, 'What has become of them; written by the system.'),
})
export interface ServiceCIDR extends Infer<typeof ServiceCIDR> {}

export const serviceCidrKind: Kind<ServiceCIDR> = defineKind({
  kind: 'ServiceCIDR',
  resource: 'servicecidrs',
  group: 'networking.k8s.io',
  version: 'v1',
  schema: ServiceCIDR,
  scope: 'Cluster',
  columns: [
    nameColumn,
    {
      name: 'CIDRs',
      type: 'string',
      description: 'The ranges.',
      priority: 0,
      cell: ({ spec }: ServiceCIDR) => spec?.cidrs?.join(',') ?? '',
    },
    ageColumn,
  ],
  strategy: {
    validate: ({ spec }) => validateRanges(spec?.cidrs ?? [], 'spec.cidrs'),
    validateUpdate: validateServiceCidrUpdate,
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource<ServiceCIDR>('ServiceCIDR', undefined, keepMetadata) },
})

function validateRanges(cidrs: readonly string[], path: string): FieldError[] {
  if (cidrs.length === 0) return [requiredField(path, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalidField(path, { cidrs }, 'may only hold up to 2 values')]
  const errors = each(cidrs, path, (cidr, at) => invalid(at, cidr, validateCanonicalCidr(cidr)))
  const [first, second] = cidrs.map(cidr => parseCidr(cidr)?.address.family)
  if (cidrs.length < 2 || first === undefined || first !== second) return errors
  const why = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
  return [...errors, invalidField(path, cidrs, why)]
}

/** A range stays as it is; one of the other family may be added. */
function validateServiceCidrUpdate({ spec }: ServiceCIDR, { spec: old }: ServiceCIDR): FieldError[] {
  const [cidrs, before] = [spec?.cidrs ?? [], old?.cidrs ?? []]
  const path = 'spec.cidrs'
  const isWidened = before.length === 1 && cidrs.length === 2
  if (cidrs.length !== before.length && !isWidened) return [invalidField(path, cidrs, 'field is immutable')]
  return each(before, path, (cidr, at, index) => (cidrs[index] === cidr ? [] : [invalidField(at, cidrs[index], 'field is immutable')]))
}
