import { findTimeZone } from '../../apis/batch/cron-job/time-zone.ts'
import { type CronJob, cronJobKind } from '../../apis/batch/cron-job.ts'
import type { Job } from '../../apis/batch/job.ts'
import { formatTime } from '../../base/clock.ts'
import { makeControllerReference } from '../../client/index.ts'

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** One name for each time, so that two tries make one job. */
export const jobName = ({ metadata }: CronJob, time_ms: number): string => `${metadata.name}-${Math.floor(time_ms / 60_000)}`

export function jobFromTemplate(cronJob: CronJob, time_ms: number): Job {
  const { spec } = cronJob
  const { metadata: { labels, annotations, finalizers } = {}, spec: jobSpec } = spec.jobTemplate
  return {
    metadata: {
      name: jobName(cronJob, time_ms),
      namespace: cronJob.metadata.namespace,
      ...(labels && { labels }),
      annotations: { ...annotations, [scheduledAnnotation]: formatIn(spec.timeZone, time_ms) },
      ...(finalizers && { finalizers }),
      ownerReferences: [makeControllerReference(cronJob, cronJobKind)],
    },
    spec: jobSpec,
  } as Job
}

/** The time as clocks in the zone of the schedule show it: `2026-01-01T09:00:00+09:00`. */
function formatIn(timeZone: string | undefined, time_ms: number): string {
  const offset_ms = timeZone === undefined ? 0 : (findTimeZone(timeZone)?.offset(time_ms) ?? 0)
  const local = formatTime(time_ms + offset_ms)
  if (offset_ms === 0) return local
  const minutes = Math.abs(offset_ms) / 60_000
  const twoDigits = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${local.slice(0, -1)}${offset_ms < 0 ? '-' : '+'}${twoDigits(minutes / 60)}:${twoDigits(minutes % 60)}`
}
