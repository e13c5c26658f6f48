import { nextTime } from '../../apis/batch/cron-job/next-time.ts'
import type { CronSchedule } from '../../apis/batch/cron-job/schedule.ts'
import type { TimeZone } from '../../apis/batch/cron-job/time-zone.ts'
import type { CronJob } from '../../apis/batch/cron-job.ts'

/** What the schedule asks for now. */
export interface Due {
  /** The newest time that has come and that no job was made for; older ones are skipped. */
  readonly time_ms: number | undefined
  /** More times were missed than anybody would count, which hints at a clock that is wrong. */
  readonly missedTooMany: boolean
  readonly next_ms: number | undefined
}

const manyMissed = 100

export function dueTime({ metadata, spec, status }: CronJob, schedule: CronSchedule, zone: TimeZone, now_ms: number): Due {
  const since_ms = Math.max(
    Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? ''),
    earliest(spec?.startingDeadlineSeconds, now_ms),
  )
  let time_ms: number | undefined
  let missed = 0
  let next_ms = nextTime(schedule, since_ms, zone)
  while (next_ms !== undefined && next_ms <= now_ms) {
    time_ms = next_ms
    missed++
    if (missed > manyMissed) {
      // Going through years of minutes one by one would take long: the last ones are enough.
      time_ms = newestWithin(schedule, zone, now_ms) ?? time_ms
      return { time_ms, missedTooMany: true, next_ms: nextTime(schedule, now_ms, zone) }
    }
    next_ms = nextTime(schedule, next_ms, zone)
  }
  return { time_ms, missedTooMany: false, next_ms }
}

/** Times before the deadline are too late for a job anyway. */
const earliest = (deadlineSeconds: number | undefined, now_ms: number): number =>
  deadlineSeconds === undefined ? 0 : now_ms - deadlineSeconds * 1000

const spans_ms = [3_600_000, 86_400_000, 31 * 86_400_000, 366 * 86_400_000]

/** The newest time before now, found by looking back over longer and longer spans. */
function newestWithin(schedule: CronSchedule, zone: TimeZone, now_ms: number): number | undefined {
  for (const span of spans_ms) {
    let found: number | undefined
    let time = nextTime(schedule, now_ms - span, zone)
    while (time !== undefined && time <= now_ms) {
      found = time
      time = nextTime(schedule, time, zone)
    }
    if (found !== undefined) return found
  }
  return undefined
}
