/**
 * The log format of CRI runtimes: lines `2006-01-02T15:04:05.999999999Z07:00 stdout|stderr F|P text`. A container's
 * line that is longer than the runtime's limit comes as several P lines and one F line. Pure, on bytes: logs are the
 * bulk of what a node sends.
 */
export interface LogFilter {
  readonly since_ms?: number
  readonly timestamps: boolean
  readonly limit_bytes?: number
  readonly stream: 'All' | 'Stdout' | 'Stderr'
}

export interface LogFormatter {
  /** What of these bytes of the log file the client gets; cut lines are kept for the next call. */
  push(chunk: Buffer): Buffer
  /** True once the limit is reached: nothing more will come. */
  readonly full: boolean
}

const space = 0x20
const newline = 0x0a
const fullTag = 0x46

export interface LogLine {
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  /** False where the container's own line goes on in the next one. */
  readonly full: boolean
  readonly text: Buffer
}

/** Takes a line without its newline; undefined where it isn't of the format. */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const afterTime = line.indexOf(space)
  const afterStream = line.indexOf(space, afterTime + 1)
  const afterTag = line.indexOf(space, afterStream + 1)
  if (afterTime < 0 || afterStream < 0) return undefined
  const stream = line.toString('latin1', afterTime + 1, afterStream)
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  const end = afterTag < 0 ? line.length : afterTag
  return {
    time: line.toString('latin1', 0, afterTime),
    stream,
    full: line[afterStream + 1] === fullTag,
    text: line.subarray(Math.min(end + 1, line.length)),
  }
}

export function createLogFormatter(filter: LogFilter): LogFormatter {
  let rest: Buffer = Buffer.alloc(0)
  let left_bytes = filter.limit_bytes ?? Number.POSITIVE_INFINITY
  // A time stamp stands where a container's line begins, not at each of its parts.
  let atLineStart = true

  const format = (line: Buffer, parts: Buffer[]) => {
    const parsed = parseLogLine(line)
    if (!parsed) return
    if (filter.stream !== 'All' && filter.stream.toLowerCase() !== parsed.stream) return
    if (filter.since_ms !== undefined && Date.parse(parsed.time) < filter.since_ms) return
    const take = (part: Buffer) => {
      const taken = part.length > left_bytes ? part.subarray(0, left_bytes) : part
      left_bytes -= taken.length
      if (taken.length) parts.push(taken)
    }
    if (filter.timestamps && atLineStart) take(Buffer.from(`${fixedTime(parsed.time)} `, 'latin1'))
    take(parsed.text)
    if (parsed.full) take(lineEnd)
    atLineStart = parsed.full
  }

  return {
    push(chunk) {
      const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk
      const parts: Buffer[] = []
      let start = 0
      for (let end = bytes.indexOf(newline); end >= 0 && left_bytes > 0; end = bytes.indexOf(newline, start)) {
        format(bytes.subarray(start, end), parts)
        start = end + 1
      }
      rest = Buffer.from(bytes.subarray(start))
      return Buffer.concat(parts)
    },
    get full() {
      return left_bytes <= 0
    },
  }
}

const lineEnd = Buffer.from('\n')

/** Runtimes cut trailing zeros of the fraction; clients get nine digits, so that times line up. */
export function fixedTime(time: string): string {
  const match = /^(.*?:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time)
  return match ? `${match[1]}.${(match[2] ?? '').padEnd(9, '0').slice(0, 9)}${match[3]}` : time
}
