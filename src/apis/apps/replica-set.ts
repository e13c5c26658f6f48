import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { type Infer, int32, int64, keyedList, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'

export const ReplicaSetSpec = object('io.k8s.api.apps.v1.ReplicaSetSpec', '', {
  replicas: optional(1, int32, ''),
  selector: required(2, LabelSelector, ''),
  template: optional(3, PodTemplateSpec, ''),
  minReadySeconds: optional(4, int32, ''),
})
export interface ReplicaSetSpec extends Infer<typeof ReplicaSetSpec> {}

export const ReplicaSetCondition = object('io.k8s.api.apps.v1.ReplicaSetCondition', '', {
  type: required(1, text, ''),
  status: required(2, text, ''),
  lastTransitionTime: optional(3, time, ''),
  reason: optional(4, text, ''),
  message: optional(5, text, ''),
})
export interface ReplicaSetCondition extends Infer<typeof ReplicaSetCondition> {}

export const ReplicaSetStatus = object('io.k8s.api.apps.v1.ReplicaSetStatus', '', {
  replicas: required(1, int32, '', { default: 0 }),
  fullyLabeledReplicas: optional(2, int32, ''),
  observedGeneration: optional(3, int64, ''),
  readyReplicas: optional(4, int32, ''),
  availableReplicas: optional(5, int32, ''),
  conditions: optional(6, keyedList(ReplicaSetCondition, 'type'), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
  terminatingReplicas: optional(7, int32, ''),
})
export interface ReplicaSetStatus extends Infer<typeof ReplicaSetStatus> {}

export const ReplicaSet = topLevel('io.k8s.api.apps.v1.ReplicaSet', '', {
  spec: optional(2, ReplicaSetSpec, ''),
  status: optional(3, ReplicaSetStatus, ''),
})
export interface ReplicaSet extends Infer<typeof ReplicaSet> {}

export const replicaSetKind: Kind<ReplicaSet> = defineKind({
  kind: 'ReplicaSet',
  resource: 'replicasets',
  group: 'apps',
  version: 'v1',
  schema: ReplicaSet,
  scope: 'Namespaced',
  shortNames: ['rs'],
  categories: ['all'],
  strategy: { validate: () => [] },
})
