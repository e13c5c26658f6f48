import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, map, object, optional, quantity, required, text } from '../../apimachinery/schema.ts'
import { keepStatus, statusSubresource } from '../strategy.ts'
import { quotaScopes, validateQuota, validateQuotaStatus, validateQuotaUpdate } from './resource-quota/validation.ts'

export const ScopedResourceSelectorRequirement = object(
  'io.k8s.api.core.v1.ScopedResourceSelectorRequirement',
  'A condition on one scope of what a quota counts.',
  {
    scopeName: required(1, text, 'The scope that is looked at.', { enum: quotaScopes }),
    operator: required(2, text, 'How the scope of an object relates to the values.', { enum: ['DoesNotExist', 'Exists', 'In', 'NotIn'] }),
    values: optional(3, atomicList(text), 'The values for In and NotIn; empty for Exists and DoesNotExist.'),
  },
)
export interface ScopedResourceSelectorRequirement extends Infer<typeof ScopedResourceSelectorRequirement> {}

export const ScopeSelector = object(
  'io.k8s.api.core.v1.ScopeSelector',
  'Which objects a quota counts: those for which every condition holds.',
  { matchExpressions: optional(1, atomicList(ScopedResourceSelectorRequirement), 'The conditions.') },
  { mapType: 'atomic' },
)
export interface ScopeSelector extends Infer<typeof ScopeSelector> {}

export const ResourceQuotaSpec = object('io.k8s.api.core.v1.ResourceQuotaSpec', 'How much a namespace may use.', {
  hard: optional(1, map(quantity), 'The most that is allowed, by resource name.'),
  scopes: optional(2, atomicList(text), 'Which objects are counted: those that are in all of these scopes.', { enum: quotaScopes }),
  scopeSelector: optional(3, ScopeSelector, 'Which objects are counted, by conditions on their scopes.'),
})
export interface ResourceQuotaSpec extends Infer<typeof ResourceQuotaSpec> {}

export const ResourceQuotaStatus = object('io.k8s.api.core.v1.ResourceQuotaStatus', 'What is enforced and what is in use.', {
  hard: optional(1, map(quantity), 'What is enforced, by resource name.'),
  used: optional(2, map(quantity), 'What is in use now, by resource name.'),
})
export interface ResourceQuotaStatus extends Infer<typeof ResourceQuotaStatus> {}

export const ResourceQuota = topLevel(
  'io.k8s.api.core.v1.ResourceQuota',
  'How much all objects of a namespace may use together; what would exceed it is refused.',
  {
    spec: optional(2, ResourceQuotaSpec, 'What is allowed.'),
    status: optional(3, ResourceQuotaStatus, 'What is enforced and in use; written by the system.'),
  },
)
export interface ResourceQuota extends Infer<typeof ResourceQuota> {}

export const resourceQuotaKind: Kind<ResourceQuota> = defineKind({
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  group: '',
  version: 'v1',
  schema: ResourceQuota,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  shortNames: ['quota'],
  columns: [
    nameColumn,
    {
      name: 'Request',
      type: 'string',
      description: 'What is used of what is allowed, for everything but limits.',
      priority: 0,
      cell: (quota: ResourceQuota) => usageText(quota, name => !name.startsWith('limits.')),
    },
    {
      name: 'Limit',
      type: 'string',
      description: 'What is used of what is allowed, for limits.',
      priority: 0,
      cell: (quota: ResourceQuota) => usageText(quota, name => name.startsWith('limits.')),
    },
    ageColumn,
  ],
  strategy: {
    prepareForCreate: quota => ({ ...quota, status: {} }),
    prepareForUpdate: keepStatus,
    validate: quota => validateQuota(quota.spec ?? {}),
    validateUpdate: validateQuotaUpdate,
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource<ResourceQuota>('ResourceQuota', validateQuotaStatus) },
})

/** `pods: 1/10, requests.cpu: 100m/2` */
function usageText({ status }: ResourceQuota, isShown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {}
  const names = Object.keys(hard).filter(isShown).sort()
  return names.map(name => `${name}: ${used[name] ?? '0'}/${hard[name]}`).join(', ')
}
