/** What local time is, and when. */
export interface TimeZone {
  /** Milliseconds to add to an instant to get its local time as if it were UTC. */
  readonly offset: (instant_ms: number) => number
}

export const utc: TimeZone = { offset: () => 0 }

/** A zone of the IANA database by its exact name, or undefined where there is none of that name. */
export function findTimeZone(name: string): TimeZone | undefined {
  if (name === 'UTC') return utc
  const format = formatFor(name)
  if (format === undefined) return undefined
  return { offset: instant => localTime(format, instant) - Math.floor(instant / 1000) * 1000 }
}

function formatFor(name: string): Intl.DateTimeFormat | undefined {
  // The runtime also takes bare offsets, which are no names.
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    // Names are files elsewhere, so their case counts; the runtime knows the right one.
    const { timeZone } = format.resolvedOptions()
    return timeZone !== name && timeZone.toLowerCase() === name.toLowerCase() ? undefined : format
  } catch {
    return undefined
  }
}

function localTime(format: Intl.DateTimeFormat, instant: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
}
