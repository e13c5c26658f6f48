import { parseDuration } from '../../../apimachinery/codec/time.ts'

/**
 * The schedules of cron jobs: five fields as cron has them, `@hourly` and its kin, and `@every 1h30m`. Days of the month
 * and of the week are alternatives where both are given, as in cron since ever.
 */
export type CronSchedule = CalendarSchedule | IntervalSchedule

export interface CalendarSchedule {
  readonly type: 'calendar'
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly daysOfMonth: ReadonlySet<number>
  /** 1 to 12. */
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>
  readonly anyDayOfMonth: boolean
  readonly anyDayOfWeek: boolean
}

export interface IntervalSchedule {
  readonly type: 'interval'
  readonly every_ms: number
}

/** Says in upstream's words what is wrong with a schedule. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
}

/** One field: its range, and the names that its numbers have. */
interface Bounds {
  readonly minimum: number
  readonly maximum: number
  readonly names?: readonly string[]
}

const minute: Bounds = { minimum: 0, maximum: 59 }
const hour: Bounds = { minimum: 0, maximum: 23 }
const dayOfMonth: Bounds = { minimum: 1, maximum: 31 }
const month: Bounds = {
  minimum: 1,
  maximum: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
const dayOfWeek: Bounds = { minimum: 0, maximum: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] }

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const everyPrefix = '@every '

/** The time zone stands in a field of its own, so none is taken in the schedule. */
export function parseSchedule(text: string): CronSchedule {
  if (text === '') throw new ScheduleError('empty spec string')
  if (text.startsWith('@')) return parseDescriptor(text)
  const fields = text.split(/\s+/).filter(Boolean)
  if (fields.length !== 5) throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields as [string, string, string, string, string]
  const day = parseField(daysOfMonth, dayOfMonth)
  const weekday = parseField(daysOfWeek, dayOfWeek)
  return {
    type: 'calendar',
    minutes: parseField(minutes, minute).values,
    hours: parseField(hours, hour).values,
    daysOfMonth: day.values,
    months: parseField(months, month).values,
    daysOfWeek: weekday.values,
    anyDayOfMonth: day.isAny,
    anyDayOfWeek: weekday.isAny,
  }
}

function parseDescriptor(text: string): CronSchedule {
  const fields = Object.hasOwn(descriptors, text) ? descriptors[text] : undefined
  if (fields !== undefined) return parseSchedule(fields)
  if (!text.startsWith(everyPrefix)) throw new ScheduleError(`unrecognized descriptor: ${text}`)
  try {
    const seconds = Number(parseDuration(text.slice(everyPrefix.length)) / 1_000_000_000n)
    return { type: 'interval', every_ms: Math.max(1, seconds) * 1000 }
  } catch (error) {
    throw new ScheduleError(`failed to parse duration ${text}: ${(error as Error).message}`)
  }
}

function parseField(text: string, bounds: Bounds): { readonly values: ReadonlySet<number>; readonly isAny: boolean } {
  const values = new Set<number>()
  let isAny = false
  for (const part of text.split(',').filter(Boolean)) {
    const range = parseRange(part, bounds)
    for (let value = range.start; value <= range.end; value += range.step) values.add(value)
    isAny ||= range.isAny
  }
  return { values, isAny }
}

interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
  readonly isAny: boolean
}

/** `5`, `1-5`, `*`, `?`, each with `/step`; `5/10` goes on to the end. */
function parseRange(text: string, bounds: Bounds): Range {
  const [span = '', stepText, ...moreSteps] = text.split('/')
  const [low = '', high, ...more] = span.split('-')
  const isStar = low === '*' || low === '?'
  if (!isStar && more.length > 0) throw new ScheduleError(`too many hyphens: ${text}`)
  const start = isStar ? bounds.minimum : parseValue(low, bounds)
  const last = isStar ? bounds.maximum : high === undefined ? start : parseValue(high, bounds)
  if (moreSteps.length > 0) throw new ScheduleError(`too many slashes: ${text}`)
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  const end = stepText !== undefined && high === undefined ? bounds.maximum : last
  if (start < bounds.minimum) throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.minimum}): ${text}`)
  if (end > bounds.maximum) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.maximum}): ${text}`)
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`)
  return { start, end, step, isAny: isStar && step === 1 }
}

function parseValue(text: string, { names, minimum }: Bounds): number {
  const place = names?.indexOf(text.toLowerCase()) ?? -1
  return place < 0 ? parseNumber(text) : place + minimum
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const value = Number(text)
  if (!Number.isSafeInteger(value)) {
    throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`)
  }
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`)
  return value
}
