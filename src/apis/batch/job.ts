import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import {
  atomicList,
  boolean,
  type Infer,
  int32,
  int64,
  object,
  optional,
  required,
  setList,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'

export const PodFailurePolicyOnExitCodesRequirement = object('io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement', '', {
  containerName: optional(1, text, ''),
  operator: required(2, text, '', { enum: ['In', 'NotIn'] }),
  values: required(3, setList(int32), ''),
})
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof PodFailurePolicyOnExitCodesRequirement> {}

export const PodFailurePolicyOnPodConditionsPattern = object('io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern', '', {
  type: required(1, text, ''),
  status: optional(2, text, ''),
})
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof PodFailurePolicyOnPodConditionsPattern> {}

export const PodFailurePolicyRule = object('io.k8s.api.batch.v1.PodFailurePolicyRule', '', {
  action: required(1, text, '', { enum: ['Count', 'FailIndex', 'FailJob', 'Ignore'] }),
  onExitCodes: optional(2, PodFailurePolicyOnExitCodesRequirement, ''),
  onPodConditions: optional(3, atomicList(PodFailurePolicyOnPodConditionsPattern), ''),
})
export interface PodFailurePolicyRule extends Infer<typeof PodFailurePolicyRule> {}

export const PodFailurePolicy = object('io.k8s.api.batch.v1.PodFailurePolicy', '', {
  rules: required(1, atomicList(PodFailurePolicyRule), ''),
})
export interface PodFailurePolicy extends Infer<typeof PodFailurePolicy> {}

export const SuccessPolicyRule = object('io.k8s.api.batch.v1.SuccessPolicyRule', '', {
  succeededIndexes: optional(1, text, ''),
  succeededCount: optional(2, int32, ''),
})
export interface SuccessPolicyRule extends Infer<typeof SuccessPolicyRule> {}

export const SuccessPolicy = object('io.k8s.api.batch.v1.SuccessPolicy', '', {
  rules: required(1, atomicList(SuccessPolicyRule), ''),
})
export interface SuccessPolicy extends Infer<typeof SuccessPolicy> {}

export const JobSpec = object('io.k8s.api.batch.v1.JobSpec', '', {
  parallelism: optional(1, int32, ''),
  completions: optional(2, int32, ''),
  activeDeadlineSeconds: optional(3, int64, ''),
  selector: optional(4, LabelSelector, ''),
  manualSelector: optional(5, boolean, ''),
  template: required(6, PodTemplateSpec, ''),
  backoffLimit: optional(7, int32, ''),
  ttlSecondsAfterFinished: optional(8, int32, ''),
  completionMode: optional(9, text, '', { enum: ['Indexed', 'NonIndexed'] }),
  suspend: optional(10, boolean, ''),
  podFailurePolicy: optional(11, PodFailurePolicy, ''),
  backoffLimitPerIndex: optional(12, int32, ''),
  maxFailedIndexes: optional(13, int32, ''),
  podReplacementPolicy: optional(14, text, '', { enum: ['Failed', 'TerminatingOrFailed'] }),
  managedBy: optional(15, text, ''),
  successPolicy: optional(16, SuccessPolicy, ''),
})
export interface JobSpec extends Infer<typeof JobSpec> {}

export const JobCondition = object('io.k8s.api.batch.v1.JobCondition', '', {
  type: required(1, text, ''),
  status: required(2, text, ''),
  lastProbeTime: optional(3, time, ''),
  lastTransitionTime: optional(4, time, ''),
  reason: optional(5, text, ''),
  message: optional(6, text, ''),
})
export interface JobCondition extends Infer<typeof JobCondition> {}

export const UncountedTerminatedPods = object('io.k8s.api.batch.v1.UncountedTerminatedPods', '', {
  succeeded: optional(1, setList(text), ''),
  failed: optional(2, setList(text), ''),
})
export interface UncountedTerminatedPods extends Infer<typeof UncountedTerminatedPods> {}

export const JobStatus = object('io.k8s.api.batch.v1.JobStatus', '', {
  conditions: optional(1, atomicList(JobCondition), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
  startTime: optional(2, time, ''),
  completionTime: optional(3, time, ''),
  active: optional(4, int32, ''),
  succeeded: optional(5, int32, ''),
  failed: optional(6, int32, ''),
  completedIndexes: optional(7, text, ''),
  uncountedTerminatedPods: optional(8, UncountedTerminatedPods, ''),
  ready: optional(9, int32, ''),
  failedIndexes: optional(10, text, ''),
  terminating: optional(11, int32, ''),
})
export interface JobStatus extends Infer<typeof JobStatus> {}

export const Job = topLevel('io.k8s.api.batch.v1.Job', '', {
  spec: optional(2, JobSpec, ''),
  status: optional(3, JobStatus, ''),
})
export interface Job extends Infer<typeof Job> {}

export const jobKind: Kind<Job> = defineKind({
  kind: 'Job',
  resource: 'jobs',
  group: 'batch',
  version: 'v1',
  schema: Job,
  scope: 'Namespaced',
  categories: ['all'],
  strategy: { validate: () => [] },
})
