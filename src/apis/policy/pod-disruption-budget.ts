import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { Condition, LabelSelector } from '../../apimachinery/meta.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { type Infer, int32, int64, intOrString, keyedList, map, object, optional, text, time } from '../../apimachinery/schema.ts'
import { validateConditions } from '../condition-rules.ts'
import { notNegative, optionalOneOf } from '../core/validation/rules.ts'
import { atMostHundredPercent, notNegativeOrPercent } from '../field-rules.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'

export const PodDisruptionBudgetSpec = object('io.k8s.api.policy.v1.PodDisruptionBudgetSpec', 'What a disruption budget allows.', {
  minAvailable: optional(1, intOrString, 'Number or percentage of pods that must stay after an eviction; not with maxUnavailable.'),
  selector: optional(2, LabelSelector, 'Labels of the pods; an empty selector is all of the namespace, none at all is no pod.', {
    patchStrategy: 'replace',
  }),
  maxUnavailable: optional(3, intOrString, 'Number or percentage of pods that may be missing after an eviction; not with minAvailable.'),
  unhealthyPodEvictionPolicy: optional(
    4,
    text,
    'When pods that are not ready may be evicted: IfHealthyBudget (the default: while enough others are healthy) or AlwaysAllow.',
    { enum: ['AlwaysAllow', 'IfHealthyBudget'] },
  ),
})
export interface PodDisruptionBudgetSpec extends Infer<typeof PodDisruptionBudgetSpec> {}

export const PodDisruptionBudgetStatus = object('io.k8s.api.policy.v1.PodDisruptionBudgetStatus', 'How much disruption is left.', {
  observedGeneration: optional(1, int64, 'Generation of the spec that this status is about.'),
  disruptedPods: optional(2, map(time), 'Pods whose eviction was granted and has not been seen yet, with the time.'),
  disruptionsAllowed: optional(3, int32, 'Number of evictions that are allowed now.', { default: 0 }),
  currentHealthy: optional(4, int32, 'Number of healthy pods there are.', { default: 0 }),
  desiredHealthy: optional(5, int32, 'Number of healthy pods there must be.', { default: 0 }),
  expectedPods: optional(6, int32, 'Number of pods that the budget counts on.', { default: 0 }),
  conditions: optional(7, keyedList(Condition, 'type'), 'Aspects of its state: DisruptionAllowed.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export interface PodDisruptionBudgetStatus extends Infer<typeof PodDisruptionBudgetStatus> {}

export const PodDisruptionBudget = topLevel(
  'io.k8s.api.policy.v1.PodDisruptionBudget',
  'Limits how many of a group of pods are evicted at once.',
  {
    spec: optional(2, PodDisruptionBudgetSpec, 'What the budget allows.'),
    status: optional(3, PodDisruptionBudgetStatus, 'How much disruption is left; written by the system.'),
  },
)
export interface PodDisruptionBudget extends Infer<typeof PodDisruptionBudget> {}

const emptyStatus: PodDisruptionBudgetStatus = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }

const bound = (value: number | string | undefined): string => (value === undefined ? 'N/A' : String(value))

export const podDisruptionBudgetKind: Kind<PodDisruptionBudget> = defineKind({
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  group: 'policy',
  version: 'v1',
  schema: PodDisruptionBudget,
  scope: 'Namespaced',
  shortNames: ['pdb'],
  columns: [
    nameColumn,
    {
      name: 'Min Available',
      type: 'string',
      description: 'Number or percentage of pods that must stay.',
      priority: 0,
      cell: ({ spec }: PodDisruptionBudget) => bound(spec?.minAvailable),
    },
    {
      name: 'Max Unavailable',
      type: 'string',
      description: 'Number or percentage of pods that may be missing.',
      priority: 0,
      cell: ({ spec }: PodDisruptionBudget) => bound(spec?.maxUnavailable),
    },
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'Number of evictions that are allowed now.',
      priority: 0,
      cell: ({ status }: PodDisruptionBudget) => status?.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
  strategy: {
    prepareForCreate: budget => withGeneration({ ...budget, status: emptyStatus }, 1),
    prepareForUpdate: (budget, old) => countGeneration(keepStatus(budget, old), old),
    validate: budget => validateSpec(budget.spec ?? {}),
  },
  subresources: { status: statusSubresource('PodDisruptionBudget', validateStatus) },
})

function validateSpec(spec: PodDisruptionBudgetSpec): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec
  const both = minAvailable !== undefined && maxUnavailable !== undefined
  const shown = {
    MinAvailable: minAvailable ?? null,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  }
  return [
    ...(both ? [invalidField('spec', shown, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...notNegativeOrPercent(minAvailable, 'spec.minAvailable'),
    ...atMostHundredPercent(minAvailable, 'spec.minAvailable'),
    ...notNegativeOrPercent(maxUnavailable, 'spec.maxUnavailable'),
    ...atMostHundredPercent(maxUnavailable, 'spec.maxUnavailable'),
    ...validateLabelSelector(selector, 'spec.selector'),
    ...optionalOneOf(unhealthyPodEvictionPolicy, 'spec.unhealthyPodEvictionPolicy', ['AlwaysAllow', 'IfHealthyBudget']),
  ]
}

function validateStatus({ status }: PodDisruptionBudget): FieldError[] {
  if (status === undefined) return []
  const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const
  return [
    ...validateConditions(status.conditions, 'status.conditions'),
    ...counts.flatMap(field => notNegative(status[field], `status.${field}`)),
  ]
}
