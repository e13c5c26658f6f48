import { Timestamp } from './values.ts'

const giga = 1_000_000_000n
const shape = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** Year 1 to the end of year 9999. */
export const earliestNanos = -62_135_596_800n * giga
export const latestNanos = 253_402_300_799n * giga + (giga - 1n)

/** RFC 3339; a bare date counts as its midnight, as in schemas with format `date`. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = shape.exec(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone = ''] = match
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number]
  const date = new Date(0)
  date.setUTCFullYear(y, mo - 1, d)
  if (date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) return undefined
  const offset_s = offsetSeconds(zone)
  const seconds = date.getTime() / 1000 + h * 3600 + mi * 60 + s - offset_s
  const nanos = BigInt(seconds) * giga + BigInt(fraction.slice(1, 10).padEnd(9, '0'))
  return nanos < earliestNanos || nanos > latestNanos ? undefined : new Timestamp(nanos, offset_s)
}

function offsetSeconds(zone: string): number {
  if (/^[Zz]$/.test(zone)) return 0
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number)
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60)
}

/** RFC 3339, with as many digits as needed. */
export function formatTimestamp({ nanos, offset_s }: Timestamp): string {
  const rest = ((nanos % giga) + giga) % giga
  const date = new Date(Number((nanos - rest) / 1_000_000n) + offset_s * 1000)
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`
  return `${date.toISOString().slice(0, 19)}${fraction}${formatOffset(offset_s)}`
}

function formatOffset(offset_s: number): string {
  if (offset_s === 0) return 'Z'
  const minutes = Math.abs(offset_s) / 60
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${offset_s < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
