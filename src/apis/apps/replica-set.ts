import type { FieldError } from '../../apimachinery/field-error.ts'
import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { type Infer, int32, int64, keyedList, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { formatLabelSelector } from '../../apimachinery/selectors.ts'
import { scaleSubresource } from '../autoscaling/scale.ts'
import { podTemplateColumns } from '../columns.ts'
import { applyPodTemplateDefaults } from '../core/pod/defaults.ts'
import { workloadWarnings } from '../core/pod/warnings.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'
import { withField } from '../core/sharing.ts'
import { notNegative } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { validateReplicaCounts, validateSelectorAndTemplate } from './template-rules.ts'

export const ReplicaSetSpec = object('io.k8s.api.apps.v1.ReplicaSetSpec', 'What is asked of a replica set.', {
  replicas: optional(1, int32, 'Number of pods wanted; 1 by default.'),
  selector: required(2, LabelSelector, "Labels by which its pods are found; must match the template's and can't be changed."),
  template: optional(3, PodTemplateSpec, 'What the pods are made from.'),
  minReadySeconds: optional(4, int32, 'Seconds that a pod must have been ready to count as available; 0 by default.'),
})
export interface ReplicaSetSpec extends Infer<typeof ReplicaSetSpec> {}

export const ReplicaSetCondition = object('io.k8s.api.apps.v1.ReplicaSetCondition', 'One aspect of the state of a replica set.', {
  type: required(1, text, 'Name of the condition.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastTransitionTime: optional(3, time, 'When the status changed last.'),
  reason: optional(4, text, 'Why, in a word for machines.'),
  message: optional(5, text, 'Why, for people.'),
})
export interface ReplicaSetCondition extends Infer<typeof ReplicaSetCondition> {}

export const ReplicaSetStatus = object('io.k8s.api.apps.v1.ReplicaSetStatus', 'What has become of a replica set.', {
  replicas: required(1, int32, 'Number of pods there are, without terminating ones.', { default: 0 }),
  fullyLabeledReplicas: optional(2, int32, 'Number of pods that have all labels of the template.'),
  observedGeneration: optional(3, int64, 'Generation of the spec that this status is about.'),
  readyReplicas: optional(4, int32, 'Number of pods that are ready.'),
  availableReplicas: optional(5, int32, 'Number of pods that have been ready for minReadySeconds.'),
  conditions: optional(6, keyedList(ReplicaSetCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  terminatingReplicas: optional(7, int32, 'Number of pods that are going away.'),
})
export interface ReplicaSetStatus extends Infer<typeof ReplicaSetStatus> {}

export const ReplicaSet = topLevel('io.k8s.api.apps.v1.ReplicaSet', 'Keeps a number of equal pods running.', {
  spec: optional(2, ReplicaSetSpec, 'What is asked of the replica set.'),
  status: optional(3, ReplicaSetStatus, 'What has become of it; written by the system.'),
})
export interface ReplicaSet extends Infer<typeof ReplicaSet> {}

const count = (name: string, description: string, cell: (replicaSet: ReplicaSet) => number | undefined): Column => ({
  name,
  type: 'integer',
  description,
  priority: 0,
  cell: (replicaSet: ReplicaSet) => cell(replicaSet) ?? 0,
})

export const replicaSetKind: Kind<ReplicaSet> = defineKind({
  kind: 'ReplicaSet',
  resource: 'replicasets',
  group: 'apps',
  version: 'v1',
  schema: ReplicaSet,
  scope: 'Namespaced',
  shortNames: ['rs'],
  categories: ['all'],
  columns: [
    nameColumn,
    count('Desired', 'Number of pods wanted.', replicaSet => replicaSet.spec?.replicas),
    count('Current', 'Number of pods there are.', replicaSet => replicaSet.status?.replicas),
    count('Ready', 'Number of pods that are ready.', replicaSet => replicaSet.status?.readyReplicas),
    ageColumn,
    ...podTemplateColumns((replicaSet: ReplicaSet) => replicaSet.spec?.template),
    {
      name: 'Selector',
      type: 'string',
      description: 'Labels by which the pods are found.',
      priority: 1,
      cell: (replicaSet: ReplicaSet) => formatLabelSelector(replicaSet.spec?.selector),
    },
  ],
  selectableFields: { 'status.replicas': replicaSet => String(replicaSet.status?.replicas ?? 0) },
  strategy: {
    applyDefaults: replicaSet => (replicaSet.spec ? withField(replicaSet, 'spec', withSpecDefaults(replicaSet.spec)) : replicaSet),
    prepareForCreate: replicaSet => withGeneration({ ...replicaSet, status: { replicas: 0 } }, 1),
    prepareForUpdate: (replicaSet, old) => countGeneration(keepStatus(replicaSet, old), old),
    validate: replicaSet => validateReplicaSetSpec(replicaSet.spec),
    validateUpdate: (replicaSet, old) => immutable(replicaSet.spec?.selector, old.spec?.selector, 'spec.selector'),
    warnings: (replicaSet, old) => workloadWarnings(replicaSet, old, replicaSet.spec?.template),
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('ReplicaSet', validateReplicaSetStatus), scale: scaleSubresource },
})

function withSpecDefaults(spec: ReplicaSetSpec): ReplicaSetSpec {
  const counted = withField(spec, 'replicas', spec.replicas ?? 1)
  return counted.template ? withField(counted, 'template', applyPodTemplateDefaults(counted.template)) : counted
}

const validateReplicaSetSpec = (spec: ReplicaSetSpec | undefined): FieldError[] => [
  ...notNegative(spec?.replicas, 'spec.replicas'),
  ...notNegative(spec?.minReadySeconds, 'spec.minReadySeconds'),
  ...validateSelectorAndTemplate(spec?.selector, spec?.template),
]

function validateReplicaSetStatus({ status }: ReplicaSet): FieldError[] {
  if (status === undefined) return []
  const counts = [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
    'terminatingReplicas',
  ] as const
  return [
    ...counts.flatMap(field => notNegative(status[field], `status.${field}`)),
    ...validateReplicaCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
  ]
}
