import { type CelFunction, defineFunction } from '../functions.ts'
import { CelFailure, Duration, type Timestamp } from '../values.ts'

const day_ms = 86_400_000

type Part = (local: Date) => number

const ofDates = (name: string, part: Part): CelFunction =>
  defineFunction(name, ['timestamp.() -> int', 'timestamp.(string) -> int'], ([timestamp, zone]) =>
    BigInt(part(localTime(timestamp as Timestamp, zone as string | undefined))),
  )

/** Hours and less are counted of durations too, whole ones. */
const ofTimes = (name: string, part: Part, unit_ns: bigint): CelFunction =>
  defineFunction(name, ['timestamp.() -> int', 'timestamp.(string) -> int', 'duration.() -> int'], ([value, zone]) =>
    value instanceof Duration ? value.nanos / unit_ns : BigInt(part(localTime(value as Timestamp, zone as string | undefined))),
  )

export const timeAccessors = [
  ofDates('getFullYear', date => date.getUTCFullYear()),
  ofDates('getMonth', date => date.getUTCMonth()),
  ofDates('getDate', date => date.getUTCDate()),
  ofDates('getDayOfMonth', date => date.getUTCDate() - 1),
  ofDates('getDayOfWeek', date => date.getUTCDay()),
  ofDates('getDayOfYear', date => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / day_ms)),
  ofTimes('getHours', date => date.getUTCHours(), 3_600_000_000_000n),
  ofTimes('getMinutes', date => date.getUTCMinutes(), 60_000_000_000n),
  ofTimes('getSeconds', date => date.getUTCSeconds(), 1_000_000_000n),
  ofTimes('getMilliseconds', date => date.getUTCMilliseconds(), 1_000_000n),
]

/** A date whose UTC parts are those of the zone. */
function localTime({ nanos }: Timestamp, zone: string | undefined): Date {
  const milliseconds = Number((nanos - (((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n)
  return new Date(milliseconds + (zone === undefined ? 0 : offsetOf(zone, milliseconds)))
}

function offsetOf(zone: string, at: number): number {
  const [, sign, hours, minutes] = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone) ?? []
  if (hours !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone || 'UTC', timeZoneName: 'longOffset' }).formatToParts(at)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
    const [, direction, hour = '0', minute = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
    return (direction === '-' ? -1 : 1) * (Number(hour) * 60 + Number(minute)) * 60_000
  } catch {
    throw new CelFailure(`unknown time zone ${zone}`)
  }
}
