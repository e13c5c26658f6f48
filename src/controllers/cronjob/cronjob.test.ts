import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it, test } from 'node:test'
import { parseSchedule } from '../../apis/batch/cron-job/schedule.ts'
import { utc } from '../../apis/batch/cron-job/time-zone.ts'
import { type CronJob, type CronJobSpec, cronJobKind } from '../../apis/batch/cron-job.ts'
import { type Job, jobKind } from '../../apis/batch/job.ts'
import { eventKind } from '../../apis/core/event.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { controllerOf } from '../../client/index.ts'
import type { RunningControllers } from '../index.ts'
import { fastClock, openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { type Fate, runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'
import { jobFromTemplate } from './job-of-time.ts'
import { surplusJobs } from './jobs.ts'
import { dueTime } from './schedule.ts'

/** A minute takes a tenth of a second. */
const clock = fastClock(600)
let cluster: TestCluster
let controllers: RunningControllers
let kubelet: ReturnType<typeof runSimulatedKubelet>
let fateOf: (pod: Pod) => Fate = () => ({ exitCode: 0 })

before(async () => {
  cluster = await openTestCluster({ clock })
  controllers = cluster.start()
  kubelet = runSimulatedKubelet(cluster.client, clock, pod => fateOf(pod))
})
afterEach(() => {
  fateOf = () => ({ exitCode: 0 })
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
})

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'one' }] } }
const create = (name: string, changes: Partial<CronJobSpec> = {}, jobSpec: object = {}) =>
  cluster.client.create(cronJobKind, {
    metadata: { name, namespace: 'default' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: { metadata: { labels: { of: name } }, spec: { template, ...jobSpec } as never },
      ...changes,
    },
  })
const get = (name: string): CronJob | undefined => cluster.client.informer(cronJobKind).get('default', name)
const jobsOf = (name: string) =>
  cluster.client
    .informer(jobKind)
    .list('default')
    .filter(job => controllerOf(job)?.name === name)
const untilJobs = (holds: (jobs: Job[]) => boolean, name: string, what: string) =>
  cluster.until(jobKind, () => holds(jobsOf(name)), `${what} of ${name}`)
const untilEvent = (name: string, reason: string) =>
  cluster.until(
    eventKind,
    all => all.list('default').some(event => event.involvedObject?.name === name && event.reason === reason),
    `event ${reason} of ${name}`,
  )
const change = (name: string, spec: object) => cluster.client.patch(cronJobKind, 'default', name, { type: 'merge', body: { spec } })
const isComplete = (job: Job) => job.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True') ?? false

describe('the cron job controller', () => {
  it('makes a job for each time, notes it, and keeps as many as it should', async () => {
    await create('tick', { successfulJobsHistoryLimit: 2 })
    const seen = new Set<string>()
    await untilJobs(
      jobs => {
        for (const job of jobs.filter(isComplete)) seen.add(job.metadata.name as string)
        return seen.size >= 4
      },
      'tick',
      'four complete jobs',
    )
    await change('tick', { suspend: true })
    await untilJobs(jobs => jobs.length === 2 && jobs.every(isComplete), 'tick', 'two jobs')
    const [job] = jobsOf('tick')
    const at = Date.parse(job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '')
    assert.equal(job?.metadata.name, `tick-${at / 60_000}`)
    assert.deepEqual([job.metadata.labels?.of, job.metadata.ownerReferences?.[0]?.kind], ['tick', 'CronJob'])
    await cluster.until(cronJobKind, () => get('tick')?.status?.active === undefined, 'no active jobs')
    assert.ok(get('tick')?.status?.lastScheduleTime)
    assert.ok(get('tick')?.status?.lastSuccessfulTime)
    await untilEvent('tick', 'SuccessfulCreate')
    await untilEvent('tick', 'SawCompletedJob')
    await untilEvent('tick', 'SuccessfulDelete')
  })

  it('lets jobs run beside one another, if it may', async () => {
    fateOf = () => 'ready'
    await create('beside')
    await untilJobs(jobs => jobs.length >= 2, 'beside', 'two jobs')
    await cluster.until(cronJobKind, () => (get('beside')?.status?.active?.length ?? 0) >= 2, 'two active jobs')
    await change('beside', { suspend: true })
  })

  it('waits for a job that still runs, if it must', async () => {
    fateOf = () => 'ready'
    await create('alone', { concurrencyPolicy: 'Forbid' })
    await untilEvent('alone', 'JobAlreadyActive')
    assert.equal(jobsOf('alone').length, 1)
    await change('alone', { suspend: true })
  })

  it('replaces a job that still runs, if it is told to', async () => {
    fateOf = () => 'ready'
    await create('newest', { concurrencyPolicy: 'Replace' })
    await untilJobs(jobs => jobs.length === 1, 'newest', 'a job')
    const [first] = jobsOf('newest')
    await untilJobs(jobs => jobs.length > 0 && jobs.every(job => job.metadata.uid !== first?.metadata.uid), 'newest', 'another job')
    await change('newest', { suspend: true })
  })

  it('makes none while it is suspended, and keeps failed ones as it should', async () => {
    fateOf = () => ({ exitCode: 1 })
    await create('failing', { suspend: true, failedJobsHistoryLimit: 1 }, { backoffLimit: 0 })
    await create('clock')
    await untilJobs(jobs => jobs.length >= 2, 'clock', 'two minutes')
    assert.equal(jobsOf('failing').length, 0)
    await change('failing', { suspend: false })
    const seen = new Set<string>()
    await untilJobs(
      jobs => {
        for (const { metadata } of jobs) seen.add(metadata.name as string)
        return seen.size >= 3
      },
      'failing',
      'three jobs',
    )
    await change('failing', { suspend: true })
    await change('clock', { suspend: true })
    await untilJobs(jobs => jobs.length === 1, 'failing', 'one job')
  })

  it('forgets an active job that somebody deleted', async () => {
    fateOf = () => 'ready'
    await create('lost', { schedule: '@every 1m' })
    await untilJobs(jobs => jobs.length === 1, 'lost', 'a job')
    await change('lost', { suspend: true })
    await cluster.until(cronJobKind, () => get('lost')?.status?.active?.length === 1, 'an active job')
    for (const { metadata } of jobsOf('lost'))
      await cluster.client.delete(jobKind, 'default', metadata.name as string, { propagationPolicy: 'Background' })
    await cluster.until(cronJobKind, () => get('lost')?.status?.active === undefined, 'no active job')
    await untilEvent('lost', 'MissingJob')
  })
})

const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`)
const since = (created: string, more: Partial<CronJobSpec> = {}, lastScheduleTime?: string): CronJob =>
  ({
    metadata: { creationTimestamp: `2026-01-01T${created}Z` },
    spec: more,
    status: lastScheduleTime ? { lastScheduleTime: `2026-01-01T${lastScheduleTime}Z` } : {},
  }) as unknown as CronJob

/** [cron job, schedule, now, the time that is due, the next] */
const cases: readonly (readonly [CronJob, string, string, string | undefined, string])[] = [
  [since('00:00:30'), '*/10 * * * *', '00:05:00', undefined, '00:10:00'],
  [since('00:00:30'), '*/10 * * * *', '00:10:00', '00:10:00', '00:20:00'],
  [since('00:00:30'), '*/10 * * * *', '00:35:00', '00:30:00', '00:40:00'],
  [since('00:00:30', {}, '00:30:00'), '*/10 * * * *', '00:35:00', undefined, '00:40:00'],
  [since('00:00:30', { startingDeadlineSeconds: 60 }), '*/10 * * * *', '00:35:00', undefined, '00:40:00'],
  [since('00:00:30', { startingDeadlineSeconds: 400 }), '*/10 * * * *', '00:35:00', '00:30:00', '00:40:00'],
  [since('00:00:00'), '* * * * *', '10:00:30', '10:00:00', '10:01:00'],
]
for (const [cronJob, schedule, now, time, next] of cases) {
  test(`${schedule} since ${JSON.stringify(cronJob)} is due at ${now} for ${time}`, () => {
    const due = dueTime(cronJob, parseSchedule(schedule), utc, at(now))
    assert.deepEqual([due.time_ms, due.next_ms], [time && at(time), at(next)])
    assert.equal(due.missedTooMany, schedule === '* * * * *')
  })
}

test('a job tells its time as clocks in the zone of the schedule show it', () => {
  const annotation = (timeZone?: string) => {
    const spec = { schedule: '@daily', timeZone, jobTemplate: {} }
    const cronJob = { metadata: { name: 'report', namespace: 'default', uid: 'u' }, spec } as unknown as CronJob
    const { metadata } = jobFromTemplate(cronJob, at('00:30:00'))
    return [metadata.name, metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']]
  }
  assert.deepEqual(annotation(), ['report-29453790', '2026-01-01T00:30:00Z'])
  assert.deepEqual(annotation('Asia/Kathmandu'), ['report-29453790', '2026-01-01T06:15:00+05:45'])
  assert.deepEqual(annotation('America/New_York'), ['report-29453790', '2025-12-31T19:30:00-05:00'])
})

test('surplus jobs are the oldest of each sort', () => {
  const job = (name: string, type: string, startTime: string): Job =>
    ({ metadata: { name }, status: { startTime, conditions: [{ type, status: 'True' }] } }) as unknown as Job
  const jobs = [job('c', 'Complete', '3'), job('a', 'Complete', '1'), job('b', 'Complete', '2'), job('f', 'Failed', '0')]
  const names = (successes?: number, failures?: number) => surplusJobs(jobs, successes, failures).map(({ metadata }) => metadata.name)
  assert.deepEqual(names(1, 1), ['a', 'b'])
  assert.deepEqual(names(0, 0), ['a', 'b', 'c', 'f'])
  assert.deepEqual(names(), [])
})
