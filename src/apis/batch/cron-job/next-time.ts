import type { CalendarSchedule, CronSchedule } from './schedule.ts'
import type { TimeZone } from './time-zone.ts'

const minute_ms = 60_000
const hour_ms = 60 * minute_ms
const day_ms = 24 * hour_ms

/** How far ahead is looked: 29 February of a certain weekday can be this long away. */
const horizon_ms = 5 * 366 * day_ms

/**
 * The first time of the schedule after an instant, or undefined where none comes within five years, as for 30 February.
 * A local time that a change of clocks leaves out is left out, and one that it repeats comes twice.
 */
export function nextTime(schedule: CronSchedule, after_ms: number, zone: TimeZone): number | undefined {
  if (schedule.type === 'interval') return Math.floor(after_ms / 1000) * 1000 + schedule.every_ms
  let instant = Math.floor(after_ms / minute_ms) * minute_ms + minute_ms
  const last = after_ms + horizon_ms
  while (instant <= last) {
    const local = instant + zone.offset(instant)
    const date = new Date(local)
    if (!schedule.months.has(date.getUTCMonth() + 1)) {
      instant = instantOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1), zone, instant)
    } else if (!isDay(schedule, date)) {
      instant = instantOf(Math.floor(local / day_ms) * day_ms + day_ms, zone, instant)
    } else {
      const minute = schedule.hours.has(date.getUTCHours()) ? nextMinute(schedule, date.getUTCMinutes()) : undefined
      if (minute !== undefined) return instant + (minute - date.getUTCMinutes()) * minute_ms
      instant += hour_ms - (local % hour_ms)
    }
  }
  return undefined
}

function isDay({ daysOfMonth, daysOfWeek, anyDayOfMonth, anyDayOfWeek }: CalendarSchedule, date: Date): boolean {
  const isDayOfMonth = daysOfMonth.has(date.getUTCDate())
  const isDayOfWeek = daysOfWeek.has(date.getUTCDay())
  return anyDayOfMonth || anyDayOfWeek ? isDayOfMonth && isDayOfWeek : isDayOfMonth || isDayOfWeek
}

function nextMinute({ minutes }: CalendarSchedule, from: number): number | undefined {
  for (let minute = from; minute < 60; minute++) if (minutes.has(minute)) return minute
  return undefined
}

/** The first instant that has this local time; where clocks skip it, the one at which they do. Always later than `from`. */
function instantOf(local: number, zone: TimeZone, from: number): number {
  const before = zone.offset(local - day_ms)
  const after = zone.offset(local + day_ms)
  const found = [local - before, local - after]
    .sort((left, right) => left - right)
    .find(instant => instant + zone.offset(instant) === local)
  return Math.max(found ?? local - before, from + minute_ms)
}
