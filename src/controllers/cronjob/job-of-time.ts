import { type CronJob, cronJobKind } from '../../apis/batch/cron-job.ts'
import type { Job } from '../../apis/batch/job.ts'
import { formatTime } from '../../base/clock.ts'
import { makeControllerReference } from '../../client/index.ts'

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** One name for each time, so that two tries make one job. */
export const jobName = ({ metadata }: CronJob, time_ms: number): string => `${metadata.name}-${Math.floor(time_ms / 60_000)}`

export function jobFromTemplate(cronJob: CronJob, time_ms: number): Job {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = cronJob.spec.jobTemplate
  return {
    metadata: {
      name: jobName(cronJob, time_ms),
      namespace: cronJob.metadata.namespace,
      ...(labels && { labels }),
      annotations: { ...annotations, [scheduledAnnotation]: formatTime(time_ms) },
      ...(finalizers && { finalizers }),
      ownerReferences: [makeControllerReference(cronJob, cronJobKind)],
    },
    spec,
  } as Job
}
