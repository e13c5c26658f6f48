import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import {
  boolean,
  type Infer,
  int32,
  int64,
  intOrString,
  keyedList,
  object,
  optional,
  required,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { formatLabelSelector } from '../../apimachinery/selectors.ts'
import { scaleSubresource } from '../autoscaling/scale.ts'
import { podTemplateColumns } from '../columns.ts'
import { applyPodTemplateDefaults } from '../core/pod/defaults.ts'
import { workloadWarnings } from '../core/pod/warnings.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'
import { semanticEqual, withDefault, withField } from '../core/sharing.ts'
import { notNegative } from '../core/validation/rules.ts'
import { atMostHundredPercent, immutable, isZeroCount, notDecremented, notNegativeOrPercent } from '../field-rules.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { validateReplicaCounts, validateSelectorAndTemplate } from './template-rules.ts'

export const RollingUpdateDeployment = object('io.k8s.api.apps.v1.RollingUpdateDeployment', 'How far a rolling update may go at once.', {
  maxUnavailable: optional(
    1,
    intOrString,
    'Number or percentage of the wanted pods that may be missing during an update; 25% by default, rounded down.',
  ),
  maxSurge: optional(2, intOrString, 'Number or percentage of pods that may exist beyond those wanted; 25% by default, rounded up.'),
})
export interface RollingUpdateDeployment extends Infer<typeof RollingUpdateDeployment> {}

export const DeploymentStrategy = object('io.k8s.api.apps.v1.DeploymentStrategy', 'How pods are replaced by new ones.', {
  type: optional(1, text, 'Recreate (all old ones go first) or RollingUpdate (the default).', { enum: ['Recreate', 'RollingUpdate'] }),
  rollingUpdate: optional(2, RollingUpdateDeployment, 'Bounds of a rolling update.'),
})
export interface DeploymentStrategy extends Infer<typeof DeploymentStrategy> {}

export const DeploymentSpec = object('io.k8s.api.apps.v1.DeploymentSpec', 'What is asked of a deployment.', {
  replicas: optional(1, int32, 'Number of pods wanted; 1 by default.'),
  selector: required(2, LabelSelector, "Labels by which its pods are found; must match the template's and can't be changed."),
  template: required(3, PodTemplateSpec, 'What the pods are made from; a change starts an update.'),
  strategy: optional(4, DeploymentStrategy, 'How pods are replaced by new ones.', { patchStrategy: 'retainKeys' }),
  minReadySeconds: optional(5, int32, 'Seconds that a pod must have been ready to count as available; 0 by default.'),
  revisionHistoryLimit: optional(6, int32, 'Number of old replica sets that are kept to go back to; 10 by default.'),
  paused: optional(7, boolean, 'If true, changes of the template start no update.'),
  progressDeadlineSeconds: optional(9, int32, 'Seconds without progress after which an update is reported as failed; 600 by default.'),
})
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

export const DeploymentCondition = object('io.k8s.api.apps.v1.DeploymentCondition', 'One aspect of the state of a deployment.', {
  type: required(1, text, 'Name of the condition: Available, Progressing or ReplicaFailure.'),
  status: required(2, text, 'True, False or Unknown.'),
  reason: optional(4, text, 'Why, in a word for machines.'),
  message: optional(5, text, 'Why, for people.'),
  lastUpdateTime: optional(6, time, 'When the condition was written last.'),
  lastTransitionTime: optional(7, time, 'When the status changed last.'),
})
export interface DeploymentCondition extends Infer<typeof DeploymentCondition> {}

export const DeploymentStatus = object('io.k8s.api.apps.v1.DeploymentStatus', 'What has become of a deployment.', {
  observedGeneration: optional(1, int64, 'Generation of the spec that this status is about.'),
  replicas: optional(2, int32, 'Number of pods there are, without terminating ones.'),
  updatedReplicas: optional(3, int32, 'Number of pods made from the present template.'),
  availableReplicas: optional(4, int32, 'Number of pods that have been ready for minReadySeconds.'),
  unavailableReplicas: optional(5, int32, 'Number of pods that are missing or not yet available.'),
  conditions: optional(6, keyedList(DeploymentCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  readyReplicas: optional(7, int32, 'Number of pods that are ready.'),
  collisionCount: optional(8, int32, 'How often the name of a new replica set was taken; part of the hash in such names.'),
  terminatingReplicas: optional(9, int32, 'Number of pods that are going away.'),
})
export interface DeploymentStatus extends Infer<typeof DeploymentStatus> {}

export const Deployment = topLevel(
  'io.k8s.api.apps.v1.Deployment',
  'Keeps equal pods running and replaces them step by step when their template changes.',
  {
    spec: optional(2, DeploymentSpec, 'What is asked of the deployment.'),
    status: optional(3, DeploymentStatus, 'What has become of it; written by the system.'),
  },
)
export interface Deployment extends Infer<typeof Deployment> {}

const count = (name: string, description: string, field: 'updatedReplicas' | 'availableReplicas'): Column => ({
  name,
  type: 'integer',
  description,
  priority: 0,
  cell: (deployment: Deployment) => deployment.status?.[field] ?? 0,
})

export const deploymentKind: Kind<Deployment> = defineKind({
  kind: 'Deployment',
  resource: 'deployments',
  group: 'apps',
  version: 'v1',
  schema: Deployment,
  scope: 'Namespaced',
  shortNames: ['deploy'],
  categories: ['all'],
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Number of ready pods, and of those wanted.',
      priority: 0,
      cell: ({ spec, status }: Deployment) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    },
    count('Up-to-date', 'Number of pods made from the present template.', 'updatedReplicas'),
    count('Available', 'Number of pods that have been ready for long enough.', 'availableReplicas'),
    ageColumn,
    ...podTemplateColumns((deployment: Deployment) => deployment.spec?.template),
    {
      name: 'Selector',
      type: 'string',
      description: 'Labels by which the pods are found.',
      priority: 1,
      cell: (deployment: Deployment) => formatLabelSelector(deployment.spec?.selector),
    },
  ],
  strategy: {
    applyDefaults: deployment => (deployment.spec ? withField(deployment, 'spec', withSpecDefaults(deployment.spec)) : deployment),
    prepareForCreate: deployment => withGeneration({ ...deployment, status: {} }, 1),
    prepareForUpdate: (deployment, old) => countGeneration(keepStatus(deployment, old), old, hasChanged(deployment, old)),
    validate: deployment => validateDeploymentSpec(deployment.spec),
    validateUpdate: (deployment, old) => immutable(deployment.spec?.selector, old.spec?.selector, 'spec.selector'),
    warnings: (deployment, old) => workloadWarnings(deployment, old, deployment.spec?.template),
    allowUnconditionalUpdate: true,
  },
  subresources: {
    status: statusSubresource('Deployment', validateDeploymentStatus, keepSpecAndLabels),
    scale: scaleSubresource,
  },
})

/** Annotations count too, since the controller copies them to ReplicaSets. */
const hasChanged = (deployment: Deployment, old: Deployment): boolean =>
  !semanticEqual(deployment.spec, old.spec) || !semanticEqual(deployment.metadata.annotations, old.metadata.annotations)

function keepSpecAndLabels(deployment: Deployment, old: Deployment): Deployment {
  return { ...deployment, spec: old.spec, metadata: { ...deployment.metadata, labels: old.metadata.labels } }
}

function withSpecDefaults(given: DeploymentSpec): DeploymentSpec {
  let spec = withField(given, 'replicas', given.replicas ?? 1)
  spec = withField(spec, 'strategy', withStrategyDefaults(spec.strategy ?? {}))
  spec = withField(spec, 'revisionHistoryLimit', spec.revisionHistoryLimit ?? 10)
  spec = withField(spec, 'progressDeadlineSeconds', spec.progressDeadlineSeconds ?? 600)
  return spec.template ? withField(spec, 'template', applyPodTemplateDefaults(spec.template)) : spec
}

function withStrategyDefaults(given: DeploymentStrategy): DeploymentStrategy {
  const strategy = withDefault(given, 'type', 'RollingUpdate')
  if (strategy.type !== 'RollingUpdate') return strategy
  const { maxUnavailable = '25%', maxSurge = '25%' } = strategy.rollingUpdate ?? {}
  const isComplete = strategy.rollingUpdate?.maxUnavailable !== undefined && strategy.rollingUpdate.maxSurge !== undefined
  return isComplete ? strategy : { ...strategy, rollingUpdate: { maxUnavailable, maxSurge } }
}

function validateDeploymentSpec(spec: DeploymentSpec | undefined): FieldError[] {
  if (spec === undefined) return validateSelectorAndTemplate(undefined, undefined)
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec
  const tooEarly = deadline !== undefined && deadline <= minReadySeconds
  return [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
    ...validateStrategy(spec.strategy ?? {}),
    ...notNegative(minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...notNegative(deadline, 'spec.progressDeadlineSeconds'),
    ...(tooEarly ? [invalidField('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')] : []),
  ]
}

function validateStrategy({ type = '', rollingUpdate }: DeploymentStrategy): FieldError[] {
  const path = 'spec.strategy.rollingUpdate'
  switch (type) {
    case 'Recreate':
      return rollingUpdate ? [forbiddenField(path, "may not be specified when strategy `type` is 'Recreate'")] : []
    case 'RollingUpdate':
      return rollingUpdate ? validateRollingUpdate(rollingUpdate, path) : [requiredField(path, 'this should be defaulted and never be nil')]
    default:
      return [unsupportedField('spec.strategy.type', type, ['Recreate', 'RollingUpdate'])]
  }
}

const validateRollingUpdate = ({ maxUnavailable, maxSurge }: RollingUpdateDeployment, path: string): FieldError[] => [
  ...notNegativeOrPercent(maxUnavailable, `${path}.maxUnavailable`),
  ...notNegativeOrPercent(maxSurge, `${path}.maxSurge`),
  ...(isZeroCount(maxUnavailable) && isZeroCount(maxSurge)
    ? [invalidField(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
    : []),
  ...atMostHundredPercent(maxUnavailable, `${path}.maxUnavailable`),
]

/** With neither room above nor below, an update could never begin. */
function validateDeploymentStatus({ status }: Deployment, old: Deployment): FieldError[] {
  if (status === undefined) return []
  const counts = [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'collisionCount',
    'terminatingReplicas',
  ] as const
  return [
    ...counts.flatMap(field => notNegative(status[field], `status.${field}`)),
    ...validateReplicaCounts(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
    ...notDecremented(status.collisionCount, old.status?.collisionCount, 'status.collisionCount'),
  ]
}
