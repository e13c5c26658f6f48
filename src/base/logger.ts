import type { Clock } from './clock.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** Structured logging: one JSON object a line. A message says what was attempted, on what, what happened, what follows. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to each of its lines. */
  with(fields: LogFields): Logger
}

const weight: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

export interface LoggerOptions {
  readonly clock: Clock
  readonly level?: LogLevel
  readonly write: (line: string) => void
  readonly fields?: LogFields
}

export function createLogger(options: LoggerOptions): Logger {
  const threshold = weight[options.level ?? 'info']
  const log = (level: LogLevel, message: string, fields?: LogFields) => {
    if (weight[level] < threshold) return
    const line = { time: new Date(options.clock.now()).toISOString(), level, message, ...options.fields, ...fields }
    options.write(`${JSON.stringify(line, errorsAsText)}\n`)
  }
  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    with: fields => createLogger({ ...options, fields: { ...options.fields, ...fields } }),
  }
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLogger,
}

function errorsAsText(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return typeof value === 'bigint' ? String(value) : value
  return value.cause === undefined
    ? value.message
    : `${value.message}: ${value.cause instanceof Error ? value.cause.message : String(value.cause)}`
}
