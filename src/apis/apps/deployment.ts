import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
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
import { PodTemplateSpec } from '../core/pod-spec.ts'

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

export const deploymentKind: Kind<Deployment> = defineKind({
  kind: 'Deployment',
  resource: 'deployments',
  group: 'apps',
  version: 'v1',
  schema: Deployment,
  scope: 'Namespaced',
  shortNames: ['deploy'],
  categories: ['all'],
  strategy: { validate: () => [] },
})
