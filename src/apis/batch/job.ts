import { type Cell, formatShortDuration, timeSince } from '../../apimachinery/cell.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
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
import { workloadWarnings } from '../core/pod/warnings.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { applyJobDefaults } from './job/defaults.ts'
import { withGeneratedSelector } from './job/selector.ts'
import { validateStatusUpdate } from './job/status-validation.ts'
import { validateJobUpdate } from './job/update-validation.ts'
import { validateJob } from './job/validation.ts'

export const PodFailurePolicyOnExitCodesRequirement = object(
  'io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement',
  'A rule about exit codes of containers.',
  {
    containerName: optional(1, text, 'Container that is looked at; all of them if left out.'),
    operator: required(2, text, 'In or NotIn.', { enum: ['In', 'NotIn'] }),
    values: required(3, setList(int32), "Exit codes, ascending and each once; 0 is no failure and can't stand with In."),
  },
)
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof PodFailurePolicyOnExitCodesRequirement> {}

export const PodFailurePolicyOnPodConditionsPattern = object(
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern',
  'A condition of the pod.',
  {
    type: required(1, text, 'Name of the condition.'),
    status: optional(2, text, 'Its status; True by default.'),
  },
)
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof PodFailurePolicyOnPodConditionsPattern> {}

export const PodFailurePolicyRule = object('io.k8s.api.batch.v1.PodFailurePolicyRule', 'What to do about certain failed pods.', {
  action: required(1, text, 'FailJob, FailIndex, Ignore (does not count as a failure) or Count.', {
    enum: ['Count', 'FailIndex', 'FailJob', 'Ignore'],
  }),
  onExitCodes: optional(2, PodFailurePolicyOnExitCodesRequirement, 'Applies to pods with such exit codes.'),
  onPodConditions: optional(3, atomicList(PodFailurePolicyOnPodConditionsPattern), 'Applies to pods with one of these conditions.'),
})
export interface PodFailurePolicyRule extends Infer<typeof PodFailurePolicyRule> {}

export const PodFailurePolicy = object('io.k8s.api.batch.v1.PodFailurePolicy', 'What failed pods mean for the job.', {
  rules: required(
    1,
    atomicList(PodFailurePolicyRule),
    'Rules in order; the first that fits decides, and where none does the failure counts. At most 20.',
  ),
})
export interface PodFailurePolicy extends Infer<typeof PodFailurePolicy> {}

export const SuccessPolicyRule = object('io.k8s.api.batch.v1.SuccessPolicyRule', 'When an indexed job has succeeded.', {
  succeededIndexes: optional(1, text, 'Indexes that must have succeeded, as in 1,3-5,7.'),
  succeededCount: optional(2, int32, 'How many indexes must have succeeded, of those listed or of all.'),
})
export interface SuccessPolicyRule extends Infer<typeof SuccessPolicyRule> {}

export const SuccessPolicy = object('io.k8s.api.batch.v1.SuccessPolicy', 'When an indexed job has succeeded before all its indexes have.', {
  rules: required(1, atomicList(SuccessPolicyRule), 'Rules in order; one that is met is enough. At most 20.'),
})
export interface SuccessPolicy extends Infer<typeof SuccessPolicy> {}

export const JobSpec = object('io.k8s.api.batch.v1.JobSpec', 'What is asked of a job.', {
  parallelism: optional(1, int32, 'How many pods may run at once; 1 by default.'),
  completions: optional(2, int32, 'How many pods must succeed; if left out beside a parallelism, one success completes the job.'),
  activeDeadlineSeconds: optional(3, int64, 'Seconds that the job may be active before it is ended as failed.'),
  selector: optional(4, LabelSelector, 'Labels by which its pods are found; made by the system unless manualSelector is set.'),
  manualSelector: optional(5, boolean, "If true, selector and pod labels are the user's, who must see to it that no other job has them."),
  template: required(6, PodTemplateSpec, 'What the pods are made from; its restart policy is Never or OnFailure.'),
  backoffLimit: optional(7, int32, 'Number of failures after which the job has failed; 6 by default.'),
  ttlSecondsAfterFinished: optional(8, int32, 'Seconds after the end until the job is deleted; never if left out.'),
  completionMode: optional(9, text, 'NonIndexed (the default), or Indexed: each completion has a number of its own.', {
    enum: ['Indexed', 'NonIndexed'],
  }),
  suspend: optional(10, boolean, 'If true, no pods run; those there are get deleted.'),
  podFailurePolicy: optional(11, PodFailurePolicy, 'What failed pods mean for the job.'),
  backoffLimitPerIndex: optional(12, int32, 'Number of failures of one index after which that index has failed; for indexed jobs.'),
  maxFailedIndexes: optional(13, int32, 'Number of failed indexes above which the job has failed.'),
  podReplacementPolicy: optional(
    14,
    text,
    'When a pod is replaced: once it is going (TerminatingOrFailed, the default) or once it has failed (Failed).',
    { enum: ['Failed', 'TerminatingOrFailed'] },
  ),
  managedBy: optional(15, text, "Which controller is in charge; the built-in one if left out. Can't be changed."),
  successPolicy: optional(16, SuccessPolicy, 'When an indexed job has succeeded before all its indexes have.'),
})
export interface JobSpec extends Infer<typeof JobSpec> {}

export const JobCondition = object('io.k8s.api.batch.v1.JobCondition', 'One aspect of the state of a job.', {
  type: required(1, text, 'Name of the condition: Complete, Failed, Suspended, SuccessCriteriaMet or FailureTarget.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastProbeTime: optional(3, time, 'When the condition was checked last.'),
  lastTransitionTime: optional(4, time, 'When the status changed last.'),
  reason: optional(5, text, 'Why, in a word for machines.'),
  message: optional(6, text, 'Why, for people.'),
})
export interface JobCondition extends Infer<typeof JobCondition> {}

export const UncountedTerminatedPods = object(
  'io.k8s.api.batch.v1.UncountedTerminatedPods',
  'Pods that have ended and are not yet in the counters.',
  {
    succeeded: optional(1, setList(text), 'UIDs of those that succeeded.'),
    failed: optional(2, setList(text), 'UIDs of those that failed.'),
  },
)
export interface UncountedTerminatedPods extends Infer<typeof UncountedTerminatedPods> {}

export const JobStatus = object('io.k8s.api.batch.v1.JobStatus', 'What has become of a job.', {
  conditions: optional(1, atomicList(JobCondition), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  startTime: optional(2, time, 'When the job was first seen and not suspended; set anew when it is resumed.'),
  completionTime: optional(3, time, 'When the job completed; only for successful ones.'),
  active: optional(4, int32, 'Number of pods that are pending or running, without terminating ones.'),
  succeeded: optional(5, int32, 'Number of pods that succeeded.'),
  failed: optional(6, int32, 'Number of pods that failed.'),
  completedIndexes: optional(7, text, 'Indexes that succeeded, as in 1,3-5,7.'),
  uncountedTerminatedPods: optional(8, UncountedTerminatedPods, 'Pods that have ended and are not yet in the counters.'),
  ready: optional(9, int32, 'Number of active pods that are ready.'),
  failedIndexes: optional(10, text, 'Indexes that failed, as in 1,3-5,7.'),
  terminating: optional(11, int32, 'Number of pods that are going away.'),
})
export interface JobStatus extends Infer<typeof JobStatus> {}

export const Job = topLevel('io.k8s.api.batch.v1.Job', 'Runs pods until enough of them have succeeded.', {
  spec: optional(2, JobSpec, 'What is asked of the job.'),
  status: optional(3, JobStatus, 'What has become of it; written by the system.'),
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
    // The job's own labels default to those of its pods, and these are generated only here.
    prepareForCreate: job => withGeneration({ ...applyJobDefaults(withGeneratedSelector(job)), status: {} }, 1),
    prepareForUpdate: (job, old) => countGeneration(keepStatus(job, old), old),
    validate: validateJob,
    validateUpdate: validateJobUpdate,
    orphansDependents: {
      warning:
        'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    },
    warnings: (job, old) => workloadWarnings(job, old, job.spec?.template),
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('Job', validateStatusUpdate) },
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

function durationText({ status }: Job): Cell {
  if (!status?.startTime) return ''
  if (!status.completionTime) return timeSince(status.startTime)
  return formatShortDuration(Date.parse(status.completionTime) - Date.parse(status.startTime))
}
