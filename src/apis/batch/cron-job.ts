import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { ObjectMeta } from '../../apimachinery/meta.ts'
import { atomicList, boolean, type Infer, int32, int64, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { formatLabelSelector } from '../../apimachinery/selectors.ts'
import { ageSince, none, podTemplateColumns } from '../columns.ts'
import { templateWarnings, workloadNameWarnings } from '../core/pod/warnings.ts'
import { ObjectReference } from '../core/references.ts'
import { withDefault, withField } from '../core/sharing.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { validateCronJob } from './cron-job/validation.ts'
import { applyJobTemplateDefaults } from './job/defaults.ts'
import { JobSpec } from './job.ts'

export const JobTemplateSpec = object('io.k8s.api.batch.v1.JobTemplateSpec', 'What jobs are made from.', {
  metadata: optional(1, ObjectMeta, 'Labels and annotations of the jobs.'),
  spec: optional(2, JobSpec, 'What is asked of the jobs.'),
})
export interface JobTemplateSpec extends Infer<typeof JobTemplateSpec> {}

export const CronJobSpec = object('io.k8s.api.batch.v1.CronJobSpec', 'What is asked of a cron job.', {
  schedule: required(1, text, 'When jobs are made: the five fields of cron, or a word such as @daily.'),
  startingDeadlineSeconds: optional(2, int64, 'Seconds after its time within which a job may still be made; any time if left out.'),
  concurrencyPolicy: optional(
    3,
    text,
    'What to do while a job still runs: Allow another (the default), Forbid it, or Replace the old one.',
    {
      enum: ['Allow', 'Forbid', 'Replace'],
    },
  ),
  suspend: optional(4, boolean, 'If true, no jobs are made; those that run go on.'),
  jobTemplate: required(5, JobTemplateSpec, 'What the jobs are made from.'),
  successfulJobsHistoryLimit: optional(6, int32, 'Number of successful jobs that are kept; 3 by default.'),
  failedJobsHistoryLimit: optional(7, int32, 'Number of failed jobs that are kept; 1 by default.'),
  timeZone: optional(8, text, 'Time zone of the schedule by its IANA name; UTC if left out.'),
})
export interface CronJobSpec extends Infer<typeof CronJobSpec> {}

export const CronJobStatus = object('io.k8s.api.batch.v1.CronJobStatus', 'What has become of a cron job.', {
  active: optional(1, atomicList(ObjectReference), 'Jobs that run now.'),
  lastScheduleTime: optional(4, time, 'Time of the schedule for which a job was made last.'),
  lastSuccessfulTime: optional(5, time, 'When a job of it last succeeded.'),
})
export interface CronJobStatus extends Infer<typeof CronJobStatus> {}

export const CronJob = topLevel('io.k8s.api.batch.v1.CronJob', 'Makes a job whenever its schedule says so.', {
  spec: required(2, CronJobSpec, 'What is asked of the cron job.'),
  status: optional(3, CronJobStatus, 'What has become of it; written by the system.'),
})
export interface CronJob extends Infer<typeof CronJob> {}

export const cronJobKind: Kind<CronJob> = defineKind({
  kind: 'CronJob',
  resource: 'cronjobs',
  group: 'batch',
  version: 'v1',
  schema: CronJob,
  scope: 'Namespaced',
  shortNames: ['cj'],
  categories: ['all'],
  columns: [
    nameColumn,
    {
      name: 'Schedule',
      type: 'string',
      description: 'When jobs are made.',
      priority: 0,
      cell: ({ spec }: CronJob) => spec?.schedule ?? '',
    },
    {
      name: 'Timezone',
      type: 'string',
      description: 'Time zone of the schedule.',
      priority: 0,
      cell: ({ spec }: CronJob) => spec?.timeZone ?? none,
    },
    {
      name: 'Suspend',
      type: 'boolean',
      description: 'Whether no jobs are made.',
      priority: 0,
      cell: ({ spec }: CronJob) => (spec?.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False'),
    },
    {
      name: 'Active',
      type: 'integer',
      description: 'Number of jobs that run now.',
      priority: 0,
      cell: ({ status }: CronJob) => status?.active?.length ?? 0,
    },
    {
      name: 'Last Schedule',
      type: 'string',
      description: 'Time since a job was made last.',
      priority: 0,
      cell: ({ status }: CronJob) => (status?.lastScheduleTime ? ageSince(status.lastScheduleTime) : none),
    },
    ageColumn,
    ...podTemplateColumns(({ spec }: CronJob) => spec?.jobTemplate?.spec?.template),
    {
      name: 'Selector',
      type: 'string',
      description: 'Labels by which the pods are found.',
      priority: 1,
      cell: ({ spec }: CronJob) => formatLabelSelector(spec?.jobTemplate?.spec?.selector),
    },
  ],
  strategy: {
    applyDefaults: cronJob => (cronJob.spec ? withField(cronJob, 'spec', withSpecDefaults(cronJob.spec)) : cronJob),
    prepareForCreate: cronJob => withGeneration({ ...cronJob, status: {} }, 1),
    prepareForUpdate: (cronJob, old) => countGeneration(keepStatus(cronJob, old), old),
    validate: validateCronJob,
    warnings: cronJobWarnings,
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('CronJob') },
})

function withSpecDefaults(given: CronJobSpec): CronJobSpec {
  let spec = withDefault(given, 'concurrencyPolicy', 'Allow')
  spec = withField(spec, 'suspend', spec.suspend ?? false)
  spec = withField(spec, 'successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit ?? 3)
  spec = withField(spec, 'failedJobsHistoryLimit', spec.failedJobsHistoryLimit ?? 1)
  const template = spec.jobTemplate
  if (!template?.spec) return spec
  return withField(spec, 'jobTemplate', withField(template, 'spec', applyJobTemplateDefaults(template.spec)))
}

function cronJobWarnings(cronJob: CronJob, old: CronJob | undefined): string[] {
  if (old && old.metadata.generation === cronJob.metadata.generation) return []
  const template = templateWarnings(cronJob.spec?.jobTemplate?.spec?.template, 'spec.jobTemplate.spec.template')
  return old ? template : [...workloadNameWarnings(cronJob.metadata.name), ...template]
}
