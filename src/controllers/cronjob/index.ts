import { isAlreadyExists, isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import { parseSchedule } from '../../apis/batch/cron-job/schedule.ts'
import { findTimeZone, utc } from '../../apis/batch/cron-job/time-zone.ts'
import { type CronJob, type CronJobStatus, cronJobKind } from '../../apis/batch/cron-job.ts'
import { type Job, jobKind } from '../../apis/batch/job.ts'
import type { ObjectReference } from '../../apis/core/references.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import { formatTime } from '../../base/clock.ts'
import { controllerOf, runController, watchOf } from '../../client/index.ts'
import { indexOwners } from '../claim.ts'
import { type Controller, type ControllerContext, ownKey, splitKey } from '../controller.ts'
import { jobFromTemplate, jobName } from './job-of-time.ts'
import { finishedJobs, surplusJobs } from './jobs.ts'
import { dueTime } from './schedule.ts'

/** Makes a job whenever the schedule of a cron job says so, and deletes old ones. */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  start(context) {
    const { client } = context
    const cronJobs = client.informer(cronJobKind)
    const jobs = indexOwners(client.informer(jobKind))
    const keysOfJob = (job: Job | undefined): string[] => {
      const owner = job && controllerOf(job)
      return owner?.kind === 'CronJob' ? [`${job?.metadata.namespace}/${owner.name}`] : []
    }
    return runController({
      ...context,
      watches: [watchOf(cronJobs, ownKey), watchOf(jobs, (old, current) => [...new Set([...keysOfJob(old), ...keysOfJob(current)])])],
      reconcile: key => reconcile(context, key),
    })
  },
}

/** A moment after the time itself, so that it has surely come. */
const margin_ms = 100

async function reconcile(context: ControllerContext, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { namespace, name } = splitKey(key)
  const cronJob = client.informer(cronJobKind).get(namespace, name)
  if (!cronJob) return
  const jobs = client.informer(jobKind).byIndex('controller', cronJob.metadata.uid as string)
  const seen = withFinished(context, cronJob, jobs)
  await deleteSurplus(context, cronJob, jobs)
  const { status, next_ms } = await startDue(context, cronJob, seen)
  await write(context, cronJob, status)
  return next_ms === undefined ? undefined : { requeueAfter_ms: Math.max(0, next_ms - clock.now()) + margin_ms }
}

/** The status once jobs that ended or went away are no longer active. */
function withFinished(context: ControllerContext, cronJob: CronJob, jobs: readonly Job[]): CronJobStatus {
  const status = cronJob.status ?? {}
  const byUid = new Map(jobs.map(job => [job.metadata.uid, job]))
  const finished = new Map(finishedJobs(jobs).map(({ job, condition }) => [job.metadata.uid, condition]))
  const active = (status.active ?? []).filter(({ uid, name }) => {
    const condition = finished.get(uid)
    if (byUid.get(uid) === undefined) record(context, cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`)
    else if (condition) {
      record(context, cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${condition}`)
    } else return true
    return false
  })
  for (const job of jobs) {
    if (finished.has(job.metadata.uid) || (status.active ?? []).some(({ uid }) => uid === job.metadata.uid)) continue
    active.push(referenceTo(job))
  }
  const successes = jobs.map(job => job.status?.completionTime).filter(time => time !== undefined)
  const lastSuccessfulTime = [status.lastSuccessfulTime, ...successes]
    .filter(time => time !== undefined)
    .sort()
    .at(-1)
  return withoutEmpty({ ...status, active, lastSuccessfulTime })
}

const withoutEmpty = ({ active = [], lastScheduleTime, lastSuccessfulTime }: CronJobStatus): CronJobStatus => ({
  ...(active.length > 0 && { active }),
  ...(lastScheduleTime && { lastScheduleTime }),
  ...(lastSuccessfulTime && { lastSuccessfulTime }),
})

const referenceTo = ({ metadata: { namespace, name, uid, resourceVersion } }: Job): ObjectReference => ({
  kind: 'Job',
  namespace,
  name,
  uid,
  apiVersion: 'batch/v1',
  resourceVersion,
})

interface Started {
  readonly status: CronJobStatus
  /** When to look again. */
  readonly next_ms: number | undefined
}

async function startDue(context: ControllerContext, cronJob: CronJob, status: CronJobStatus): Promise<Started> {
  const { clock } = context
  const { spec, metadata } = cronJob
  const waits: Started = { status, next_ms: undefined }
  if (metadata.deletionTimestamp || !spec || spec.suspend) return waits
  const zone = spec.timeZone === undefined ? utc : findTimeZone(spec.timeZone)
  if (zone === undefined) {
    record(context, cronJob, 'Warning', 'UnknownTimeZone', `invalid timeZone: ${JSON.stringify(spec.timeZone)}: unknown time zone`)
    return waits
  }
  const { time_ms, missedTooMany, next_ms } = dueTime(cronJob, parseSchedule(spec.schedule), zone, clock.now())
  if (missedTooMany) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    record(context, cronJob, 'Warning', 'TooManyMissedTimes', message)
  }
  if (time_ms === undefined || status.lastScheduleTime === formatTime(time_ms)) return { status, next_ms }
  return { status: await start(context, cronJob, status, time_ms), next_ms }
}

async function start(context: ControllerContext, cronJob: CronJob, status: CronJobStatus, time_ms: number): Promise<CronJobStatus> {
  const { clock } = context
  const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec
  if (startingDeadlineSeconds !== undefined && time_ms + startingDeadlineSeconds * 1000 < clock.now()) {
    const message = `Missed scheduled time to start a job: ${new Date(time_ms).toUTCString().replace('GMT', '+0000')}`
    record(context, cronJob, 'Warning', 'MissSchedule', message)
    return status
  }
  let active = status.active ?? []
  if (active.some(({ name }) => name === jobName(cronJob, time_ms))) return { ...status, lastScheduleTime: formatTime(time_ms) }
  if (concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    record(context, cronJob, 'Normal', 'JobAlreadyActive', message)
    return status
  }
  if (concurrencyPolicy === 'Replace') {
    for (const { name } of active) await deleteJob(context, cronJob, name as string)
    active = []
  }
  const job = await createJob(context, cronJob, time_ms)
  return withoutEmpty({ ...status, active: [...active, referenceTo(job)], lastScheduleTime: formatTime(time_ms) })
}

async function createJob(context: ControllerContext, cronJob: CronJob, time_ms: number): Promise<Job> {
  const { client } = context
  const draft = jobFromTemplate(cronJob, time_ms)
  try {
    const job = await client.create(jobKind, draft)
    record(context, cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`)
    await client.informer(jobKind).reached(job.metadata.resourceVersion as string)
    return job
  } catch (error) {
    if (isAlreadyExists(error)) {
      // Made in a try before this one, whose status was not written.
      const existing = await client.get(jobKind, draft.metadata.namespace, draft.metadata.name as string)
      if (controllerOf(existing)?.uid === cronJob.metadata.uid) return existing
    }
    record(context, cronJob, 'Warning', 'FailedCreate', `Error creating job: ${(error as Error).message}`)
    throw error
  }
}

async function deleteJob(context: ControllerContext, cronJob: CronJob, name: string): Promise<void> {
  try {
    await context.client.delete(jobKind, cronJob.metadata.namespace, name, { propagationPolicy: 'Background' })
    record(context, cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)
  } catch (error) {
    if (isNotFound(error)) return
    record(context, cronJob, 'Warning', 'FailedDelete', `Deleted job: ${(error as Error).message}`)
    throw error
  }
}

async function deleteSurplus(context: ControllerContext, cronJob: CronJob, jobs: readonly Job[]): Promise<void> {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec ?? {}
  for (const job of surplusJobs(jobs, successfulJobsHistoryLimit, failedJobsHistoryLimit)) {
    await deleteJob(context, cronJob, job.metadata.name as string)
  }
}

async function write({ client }: ControllerContext, cronJob: CronJob, status: CronJobStatus): Promise<void> {
  if (semanticEqual(status, cronJob.status ?? {})) return
  try {
    const written = await client.updateStatus(cronJobKind, { ...cronJob, status })
    await client.informer(cronJobKind).reached(written.metadata.resourceVersion as string)
  } catch (error) {
    // A conflict is tried again at once: the status is what keeps a time from being used twice.
    if (!isNotFound(error)) throw error
  }
}

const record = ({ events }: ControllerContext, cronJob: CronJob, type: 'Normal' | 'Warning', reason: string, message: string): void =>
  events.record(cronJob, cronJobKind as unknown as Kind, type, reason, message)
