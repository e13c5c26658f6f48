import { podQosClass } from '../pod/qos-class.ts'
import type { Pod } from '../pod.ts'
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../resource-quota.ts'
import type { PodAffinityTerm } from '../scheduling-terms.ts'

/** Scopes and selector of a quota as one list of conditions. */
export const quotaConditions = ({ scopes = [], scopeSelector }: ResourceQuotaSpec): readonly ScopedResourceSelectorRequirement[] => [
  ...scopes.map(scopeName => ({ scopeName, operator: 'Exists' })),
  ...(scopeSelector?.matchExpressions ?? []),
]

export function podIsInScope(pod: Pod, condition: ScopedResourceSelectorRequirement): boolean {
  const { spec } = pod
  switch (condition.scopeName) {
    case 'Terminating':
      return isTerminating(pod)
    case 'NotTerminating':
      return !isTerminating(pod)
    case 'BestEffort':
      return podQosClass(spec) === 'BestEffort'
    case 'NotBestEffort':
      return podQosClass(spec) !== 'BestEffort'
    case 'PriorityClass':
      return matchesValue(condition, spec?.priorityClassName || undefined)
    case 'CrossNamespacePodAffinity':
      return affinityTerms(pod).some(term => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined)
    default:
      return false
  }
}

const isTerminating = ({ spec }: Pod): boolean => spec?.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0

/** As label selectors do: what is not there is in no set of values. */
export function matchesValue({ operator, values = [] }: ScopedResourceSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    default:
      return false
  }
}

function affinityTerms({ spec }: Pod): readonly PodAffinityTerm[] {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {}
  return [podAffinity, podAntiAffinity].flatMap(one => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
}
