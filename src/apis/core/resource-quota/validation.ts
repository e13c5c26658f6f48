import { type FieldError, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../resource-quota.ts'
import { semanticEqual } from '../sharing.ts'
import { validateResourceName, validateResourceQuantity } from '../validation/resources.ts'

export const quotaScopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]

export function validateQuota(spec: ResourceQuotaSpec): FieldError[] {
  return [...validateAmounts(spec.hard, 'spec.hard'), ...validateScopes(spec), ...validateScopeSelector(spec)]
}

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const scopes = quota.spec?.scopes ?? []
  const same = semanticEqual([...new Set(scopes)].sort(), [...new Set(old.spec?.scopes ?? [])].sort())
  return same ? [] : [invalidField('spec.scopes', scopes, 'field is immutable')]
}

export const validateQuotaStatus = ({ status }: ResourceQuota): FieldError[] => [
  ...validateAmounts(status?.hard, 'status.hard'),
  ...validateAmounts(status?.used, 'status.used'),
]

function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`
    const unknown = !name.includes('/') && !isStandardQuotaResource(name)
    return [
      ...validateResourceName(name, at),
      ...(unknown ? [invalidField(at, name, 'must be a standard resource for quota')] : []),
      ...validateResourceQuantity(name, amount, at),
    ]
  })
}

function validateScopes({ scopes = [], hard = {} }: ResourceQuotaSpec): FieldError[] {
  const refuse = (detail: string) => invalidField('spec.scopes', scopes, detail)
  const errors = scopes.flatMap(scope => [
    ...(quotaScopes.includes(scope) ? [] : [refuse('unsupported scope')]),
    ...misapplied(scope, hard).map(() => refuse('unsupported scope applied to resource')),
  ])
  return areConflicting(scopes) ? [...errors, refuse('conflicting scopes')] : errors
}

const selectorPath = 'spec.scopeSelector.matchExpressions'
const existenceScopes = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']

function validateScopeSelector({ scopeSelector, hard = {}, scopes }: ResourceQuotaSpec): FieldError[] {
  const expressions = scopeSelector?.matchExpressions ?? []
  const errors = expressions.flatMap(expression => [
    ...(quotaScopes.includes(expression.scopeName)
      ? []
      : [invalidField(`${selectorPath}.scopeName`, expression.scopeName, 'unsupported scope')]),
    ...misapplied(expression.scopeName, hard).map(() => invalidField(selectorPath, scopeSelector, 'unsupported scope applied to resource')),
    ...validateExpression(expression),
  ])
  const conflicting = areConflicting(expressions.map(({ scopeName }) => scopeName))
  return conflicting ? [...errors, invalidField(selectorPath, scopes ?? [], 'conflicting scopes')] : errors
}

function validateExpression({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement): FieldError[] {
  const errors: FieldError[] = []
  if (existenceScopes.includes(scopeName) && operator !== 'Exists') {
    const detail =
      "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
    errors.push(invalidField(`${selectorPath}.operator`, operator, detail))
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length > 0) return errors
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    return [...errors, requiredField(`${selectorPath}.values`, detail)]
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length === 0) return errors
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    return [...errors, invalidField(`${selectorPath}.values`, values, detail)]
  }
  return [...errors, invalidField(`${selectorPath}.operator`, operator, 'not a valid selector operator')]
}

const areConflicting = (scopes: readonly string[]): boolean =>
  (scopes.includes('BestEffort') && scopes.includes('NotBestEffort')) ||
  (scopes.includes('Terminating') && scopes.includes('NotTerminating'))

/** The standard resources of the quota that a scope says nothing about. */
const misapplied = (scope: string, hard: Readonly<Record<string, string>>): string[] =>
  Object.keys(hard).filter(name => isStandardQuotaResource(name) && !(countableIn(scope)?.includes(name) ?? true))

const podCompute = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']

function countableIn(scope: string): readonly string[] | undefined {
  switch (scope) {
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return ['pods', ...podCompute]
    case 'BestEffort':
      return ['pods']
    case 'VolumeAttributesClass':
      return ['persistentvolumeclaims', 'requests.storage']
    default:
      return undefined
  }
}

const standardQuotaResources = new Set([
  ...podCompute,
  'ephemeral-storage',
  'requests.ephemeral-storage',
  'limits.ephemeral-storage',
  'requests.storage',
  'pods',
  'resourcequotas',
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
])

const isStandardQuotaResource = (name: string): boolean =>
  standardQuotaResources.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')
