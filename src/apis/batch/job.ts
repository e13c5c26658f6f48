import { ageColumn, defineKind, formatShortDuration, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
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
import { formatLabelSelector } from '../../apimachinery/selectors.ts'
import { podTemplateColumns } from '../columns.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { applyJobDefaults } from './job/defaults.ts'
import { withGeneratedSelector } from './job/selector.ts'
import { validateJobUpdate } from './job/update-validation.ts'
import { validateJob, validateJobStatus } from './job/validation.ts'

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
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', description: 'What has become of the job.', priority: 0, cell: statusText },
    {
      name: 'Completions',
      type: 'string',
      description: 'Number of pods that succeeded, and of those wanted.',
      priority: 0,
      cell: completionsText,
    },
    {
      name: 'Duration',
      type: 'string',
      description: 'Time from the start to the completion, or until now.',
      priority: 0,
      timeDependent: true,
      cell: durationText,
    },
    ageColumn,
    ...podTemplateColumns((job: Job) => job.spec?.template),
    {
      name: 'Selector',
      type: 'string',
      description: 'Labels by which the pods are found.',
      priority: 1,
      cell: (job: Job) => formatLabelSelector(job.spec?.selector),
    },
  ],
  selectableFields: { 'status.successful': job => String(job.status?.succeeded ?? 0) },
  strategy: {
    applyDefaults: applyJobDefaults,
    prepareForCreate: job => withGeneration({ ...withGeneratedSelector(job), status: {} }, 1),
    prepareForUpdate: (job, old) => countGeneration(keepStatus(job, old), old),
    validate: validateJob,
    validateUpdate: validateJobUpdate,
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('Job', validateJobStatus) },
})

function statusText(job: Job): string {
  const isTrue = (type: string) => job.status?.conditions?.some(condition => condition.type === type && condition.status === 'True')
  if (isTrue('Complete')) return 'Complete'
  if (isTrue('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(isTrue) ?? 'Running'
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec?.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationText({ status }: Job, now: number): string {
  if (!status?.startTime) return ''
  return formatShortDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime))
}
