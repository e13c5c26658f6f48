/** What a column of `kubectl get` shows of an object. */
export type Cell = string | number | boolean | null | TimeSince

/** A text that tells how long ago something was: all of it but the time itself is settled with the object. */
export interface TimeSince {
  /** Milliseconds since 1970. */
  readonly since_ms: number
  readonly before: string
  readonly behind: string
}

/** The time since `timestamp`, or `<unknown>`. */
export const timeSince = (timestamp: string | undefined, before = '', behind = ''): Cell =>
  timestamp === undefined ? `${before}<unknown>${behind}` : { since_ms: Date.parse(timestamp), before, behind }

export const isTimeSince = (cell: Cell): cell is TimeSince => typeof cell === 'object' && cell !== null

/** What the cell shows at this moment. */
export const cellAt = (cell: Cell, now_ms: number): Exclude<Cell, TimeSince> =>
  isTimeSince(cell) ? `${cell.before}${formatShortDuration(now_ms - cell.since_ms)}${cell.behind}` : cell

/** Kubernetes' human duration: two units while they say something, one afterwards. */
export function formatShortDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.floor(days / 365)
  if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`
  return `${years}y`
}
