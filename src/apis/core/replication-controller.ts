import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, int32, int64, keyedList, map, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import { validateReplicaCounts } from '../apps/template-rules.ts'
import { scaleSubresourceOf } from '../autoscaling/scale.ts'
import { formatLabels, podTemplateColumns } from '../columns.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { applyPodTemplateDefaults } from './pod/defaults.ts'
import { workloadWarnings } from './pod/warnings.ts'
import { PodTemplateSpec } from './pod-spec.ts'
import { withField } from './sharing.ts'
import { validatePodTemplate } from './validation/pod-spec.ts'
import { notNegative } from './validation/rules.ts'

export const ReplicationControllerSpec = object(
  'io.k8s.api.core.v1.ReplicationControllerSpec',
  'What is asked of a replication controller.',
  {
    replicas: optional(1, int32, 'Number of pods wanted; 1 by default.', { default: 1 }),
    selector: optional(2, map(text, { mapType: 'atomic' }), "Labels by which its pods are found; the template's if left out."),
    template: optional(3, PodTemplateSpec, 'What the pods are made from.'),
    minReadySeconds: optional(4, int32, 'Seconds that a pod must have been ready to count as available; 0 by default.', { default: 0 }),
  },
)
export interface ReplicationControllerSpec extends Infer<typeof ReplicationControllerSpec> {}

export const ReplicationControllerCondition = object(
  'io.k8s.api.core.v1.ReplicationControllerCondition',
  'One aspect of the state of a replication controller.',
  {
    type: required(1, text, 'Name of the condition.'),
    status: required(2, text, 'True, False or Unknown.'),
    lastTransitionTime: optional(3, time, 'When the status changed last.'),
    reason: optional(4, text, 'Why, in a word for machines.'),
    message: optional(5, text, 'Why, for people.'),
  },
)
export interface ReplicationControllerCondition extends Infer<typeof ReplicationControllerCondition> {}

export const ReplicationControllerStatus = object(
  'io.k8s.api.core.v1.ReplicationControllerStatus',
  'What has become of a replication controller.',
  {
    replicas: required(1, int32, 'Number of pods there are, without terminating ones.', { default: 0 }),
    fullyLabeledReplicas: optional(2, int32, 'Number of pods that have all labels of the template.'),
    observedGeneration: optional(3, int64, 'Generation of the spec that this status is about.'),
    readyReplicas: optional(4, int32, 'Number of pods that are ready.'),
    availableReplicas: optional(5, int32, 'Number of pods that have been ready for minReadySeconds.'),
    conditions: optional(6, keyedList(ReplicationControllerCondition, 'type'), 'Aspects of its state, one for each type.', {
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    }),
  },
)
export interface ReplicationControllerStatus extends Infer<typeof ReplicationControllerStatus> {}

export const ReplicationController = topLevel(
  'io.k8s.api.core.v1.ReplicationController',
  'Keeps a number of equal pods running; the older form of the replica set.',
  {
    spec: optional(2, ReplicationControllerSpec, 'What is asked of the replication controller.'),
    status: optional(3, ReplicationControllerStatus, 'What has become of it; written by the system.'),
  },
)
export interface ReplicationController extends Infer<typeof ReplicationController> {}

const count = (name: string, description: string, cell: (controller: ReplicationController) => number | undefined): Column => ({
  name,
  type: 'integer',
  description,
  priority: 0,
  cell: (controller: ReplicationController) => cell(controller) ?? 0,
})

export const replicationControllerKind: Kind<ReplicationController> = defineKind({
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  group: '',
  version: 'v1',
  schema: ReplicationController,
  scope: 'Namespaced',
  shortNames: ['rc'],
  categories: ['all'],
  columns: [
    nameColumn,
    count('Desired', 'Number of pods wanted.', controller => controller.spec?.replicas),
    count('Current', 'Number of pods there are.', controller => controller.status?.replicas),
    count('Ready', 'Number of pods that are ready.', controller => controller.status?.readyReplicas),
    ageColumn,
    ...podTemplateColumns((controller: ReplicationController) => controller.spec?.template),
    {
      name: 'Selector',
      type: 'string',
      description: 'Labels by which the pods are found.',
      priority: 1,
      cell: (controller: ReplicationController) => formatLabels(controller.spec?.selector),
    },
  ],
  selectableFields: { 'status.replicas': controller => String(controller.status?.replicas ?? 0) },
  strategy: {
    applyDefaults: withDefaults,
    prepareForCreate: controller => withGeneration({ ...controller, status: { replicas: 0 } }, 1),
    prepareForUpdate: (controller, old) => countGeneration(keepStatus(controller, old), old),
    validate: controller => validateSpec(controller.spec ?? {}),
    orphansDependents: {},
    warnings: (controller, old) => workloadWarnings(controller, old, controller.spec?.template),
    allowUnconditionalUpdate: true,
  },
  subresources: {
    status: statusSubresource('ReplicationController', validateStatus),
    scale: scaleSubresourceOf(({ spec }: ReplicationController) => ({ matchLabels: spec?.selector ?? {} })),
  },
})

/** Selector and labels default to the labels of the template. */
function withDefaults(controller: ReplicationController): ReplicationController {
  if (controller.spec === undefined) return controller
  let spec = withField(controller.spec, 'replicas', controller.spec.replicas ?? 1)
  if (spec.template) spec = withField(spec, 'template', applyPodTemplateDefaults(spec.template))
  const labels = spec.template?.metadata?.labels
  if (labels && isEmpty(spec.selector)) spec = withField(spec, 'selector', labels)
  const complete = withField(controller, 'spec', spec)
  if (!labels || !isEmpty(complete.metadata.labels)) return complete
  return withField(complete, 'metadata', withField(complete.metadata, 'labels', labels))
}

const isEmpty = (labels: Readonly<Record<string, string>> | undefined): boolean => labels === undefined || Object.keys(labels).length === 0

const validateSpec = (spec: ReplicationControllerSpec): FieldError[] => [
  ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
  ...(isEmpty(spec.selector) ? [requiredField('spec.selector')] : []),
  ...(spec.replicas === undefined ? [requiredField('spec.replicas')] : notNegative(spec.replicas, 'spec.replicas')),
  ...validateTemplate(spec),
]

function validateTemplate({ selector, template }: ReplicationControllerSpec): FieldError[] {
  const path = 'spec.template'
  if (template === undefined) return [requiredField(path)]
  const errors: FieldError[] = []
  const labels = template.metadata?.labels
  if (!isEmpty(selector) && !labelSelectorMatcher({ matchLabels: selector }).matches(labels)) {
    errors.push(invalidField(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'))
  }
  errors.push(...validatePodTemplate(template, path))
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  if (restartPolicy !== 'Always') errors.push(unsupportedField(`${path}.spec.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    const why = 'activeDeadlineSeconds in ReplicationController is not Supported'
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, why))
  }
  return errors
}

function validateStatus({ status }: ReplicationController): FieldError[] {
  if (status === undefined) return []
  const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const
  return [
    ...counts.flatMap(field => notNegative(status[field], `status.${field}`)),
    ...validateReplicaCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
  ]
}
