import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { MetricsRegistry } from '../../base/metrics.ts'
import type { AuditBackend } from './audit.ts'

export interface AuditLogFileOptions {
  readonly path: string
  /** `blocking`: a request goes on when its first line is written. `batch`: nobody waits. */
  readonly mode: 'blocking' | 'blocking-strict' | 'batch'
  /** MiB until the file is put aside; 100 by default. */
  readonly maximumSize?: number
  /** Old files that are kept; 0 keeps all. */
  readonly maximumBackups?: number
  /** Days that old files are kept; 0 keeps them for ever. */
  readonly maximumAge?: number
  /** Packs old files with gzip. */
  readonly compress?: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/** Bytes that may wait for the disk; beyond, events are dropped and counted. */
const maximumWaiting_bytes = 64 * 1024 * 1024
const day_ms = 86_400_000

/** JSON lines in a file that is put aside when it is full. What arrives together is written together; the disk holds nobody up. */
export function auditLogFile(options: AuditLogFileOptions): AuditBackend {
  const { path, mode, clock, logger, metrics } = options
  const maximum_bytes = (options.maximumSize || 100) * 1024 * 1024
  const errors = metrics.counter('apiserver_audit_error_total', 'Counter of audit events that failed to be audited properly.')
  let waiting: string[] = []
  let waiting_bytes = 0
  let writing: Promise<void> | undefined
  let file: FileHandle | undefined
  let size = 0

  const lose = (count: number, error: unknown) => {
    errors.add({ plugin: 'log' }, count)
    logger.error(`write ${count} audit events to ${path}: they are lost`, { error })
  }
  const openFile = async (): Promise<FileHandle> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const opened = await open(path, 'a', 0o600)
    size = (await opened.stat()).size
    return opened
  }
  const writeAll = async () => {
    while (waiting.length > 0) {
      const lines = waiting
      waiting = []
      waiting_bytes = 0
      const bytes = Buffer.from(`${lines.join('\n')}\n`)
      try {
        file ??= await openFile()
        if (size > 0 && size + bytes.length > maximum_bytes) {
          await file.close()
          file = undefined
          await putAside(options, clock)
          file = await openFile()
        }
        await file.appendFile(bytes)
        size += bytes.length
      } catch (error) {
        lose(lines.length, error)
        if (mode === 'blocking-strict') throw new Error(`write audit events to ${path}`, { cause: error })
      }
    }
  }
  return {
    write(event) {
      if (waiting_bytes > maximumWaiting_bytes) {
        lose(1, new Error('too many events wait for the disk'))
        return undefined
      }
      waiting.push(event)
      waiting_bytes += event.length
      // A turn later, so that what arrives together is one write.
      writing ??= Promise.resolve()
        .then(writeAll)
        .finally(() => (writing = undefined))
      if (mode !== 'batch') return writing
      void writing.catch(() => undefined)
      return undefined
    },
    async close() {
      await writing?.catch(() => undefined)
      await file?.close()
      file = undefined
    },
  }
}

/** The full file gets the time into its name; those that are too old or too many go. */
async function putAside(options: AuditLogFileOptions, clock: Clock): Promise<void> {
  const { path, maximumBackups = 0, maximumAge = 0, compress = false, logger } = options
  const directory = dirname(path)
  const extension = extname(path)
  const prefix = `${basename(path, extension)}-`
  const time = new Date(clock.now()).toISOString().replace(/:/g, '-').replace('Z', '')
  const aside = join(directory, `${prefix}${time}${extension}`)
  await rename(path, aside)
  if (compress) await pack(aside).catch(error => logger.error(`pack the old audit log ${aside}: it stays as it is`, { error }))
  const old = (await readdir(directory)).filter(name => isBackup(name, prefix, extension)).sort()
  const surplus = maximumBackups > 0 ? old.slice(0, Math.max(0, old.length - maximumBackups)) : []
  for (const name of old) {
    const file = join(directory, name)
    const isOld = maximumAge > 0 && clock.now() - (await stat(file)).mtimeMs > maximumAge * day_ms
    if (isOld || surplus.includes(name)) await rm(file, { force: true })
  }
}

const isBackup = (name: string, prefix: string, extension: string): boolean =>
  name.startsWith(prefix) &&
  /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}/.test(name.slice(prefix.length)) &&
  (name.endsWith(extension) || name.endsWith(`${extension}.gz`))

async function pack(path: string): Promise<void> {
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`, { mode: 0o600 }))
  await rm(path)
}
