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
import { PodTemplateSpec } from '../core/pod-spec.ts'
import { semanticEqual, withDefault, withField } from '../core/sharing.ts'
import { notNegative } from '../core/validation/rules.ts'
import { atMostHundredPercent, immutable, notNegativeOrPercent } from '../field-rules.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { validateReplicaCounts, validateSelectorAndTemplate } from './template-rules.ts'

export const RollingUpdateDeployment = object('io.k8s.api.apps.v1.RollingUpdateDeployment', '', {
  maxUnavailable: optional(1, intOrString, ''),
  maxSurge: optional(2, intOrString, ''),
})
export interface RollingUpdateDeployment extends Infer<typeof RollingUpdateDeployment> {}

export const DeploymentStrategy = object('io.k8s.api.apps.v1.DeploymentStrategy', '', {
  type: optional(1, text, '', { enum: ['Recreate', 'RollingUpdate'] }),
  rollingUpdate: optional(2, RollingUpdateDeployment, ''),
})
export interface DeploymentStrategy extends Infer<typeof DeploymentStrategy> {}

export const DeploymentSpec = object('io.k8s.api.apps.v1.DeploymentSpec', '', {
  replicas: optional(1, int32, ''),
  selector: required(2, LabelSelector, ''),
  template: required(3, PodTemplateSpec, ''),
  strategy: optional(4, DeploymentStrategy, '', { patchStrategy: 'retainKeys' }),
  minReadySeconds: optional(5, int32, ''),
  revisionHistoryLimit: optional(6, int32, ''),
  paused: optional(7, boolean, ''),
  progressDeadlineSeconds: optional(9, int32, ''),
})
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

export const DeploymentCondition = object('io.k8s.api.apps.v1.DeploymentCondition', '', {
  type: required(1, text, ''),
  status: required(2, text, ''),
  reason: optional(4, text, ''),
  message: optional(5, text, ''),
  lastUpdateTime: optional(6, time, ''),
  lastTransitionTime: optional(7, time, ''),
})
export interface DeploymentCondition extends Infer<typeof DeploymentCondition> {}

export const DeploymentStatus = object('io.k8s.api.apps.v1.DeploymentStatus', '', {
  observedGeneration: optional(1, int64, ''),
  replicas: optional(2, int32, ''),
  updatedReplicas: optional(3, int32, ''),
  availableReplicas: optional(4, int32, ''),
  unavailableReplicas: optional(5, int32, ''),
  conditions: optional(6, keyedList(DeploymentCondition, 'type'), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
  readyReplicas: optional(7, int32, ''),
  collisionCount: optional(8, int32, ''),
  terminatingReplicas: optional(9, int32, ''),
})
export interface DeploymentStatus extends Infer<typeof DeploymentStatus> {}

export const Deployment = topLevel('io.k8s.api.apps.v1.Deployment', '', {
  spec: optional(2, DeploymentSpec, ''),
  status: optional(3, DeploymentStatus, ''),
})
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
  ...(isZero(maxUnavailable) && isZero(maxSurge)
    ? [invalidField(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
    : []),
  ...atMostHundredPercent(maxUnavailable, `${path}.maxUnavailable`),
]

/** With neither room above nor below, an update could never begin. */
const isZero = (value: number | string | undefined): boolean =>
  typeof value === 'string' ? Number.parseInt(value, 10) === 0 : (value ?? 0) === 0

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
  const isDecremented = (status.collisionCount ?? 0) < (old.status?.collisionCount ?? 0)
  return [
    ...counts.flatMap(field => notNegative(status[field], `status.${field}`)),
    ...validateReplicaCounts(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
    ...(isDecremented ? [invalidField('status.collisionCount', status.collisionCount ?? 0, 'cannot be decremented')] : []),
  ]
}
