import { watch } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import path from 'node:path'
import { createLogFormatter, type LogFilter } from './cri-log.ts'
import { tailOffset } from './tail.ts'

export interface LogRequest extends LogFilter {
  readonly path: string
  readonly tailLines?: number
  /** Where given, the log is followed until this resolves and everything written until then was read. */
  readonly ended?: Promise<void>
  readonly signal: AbortSignal
}

const block_bytes = 64 * 1024

/** A container's log as its client reads it. Following survives rotation: the runtime renames the file and opens a new one. */
export async function* readLog(request: LogRequest): AsyncGenerator<Buffer, void, undefined> {
  const changes = request.ended && watchChanges(request.path, request.ended, request.signal)
  let file = await openLog(request.path)
  if (!file) return changes?.close()
  try {
    const { size } = await file.stat()
    let offset = request.tailLines === undefined ? 0 : await tailOffset(file, size, request.tailLines)
    // Who asks for the last lines gets as many, also while more are written.
    const end = changes || request.tailLines === undefined ? Number.POSITIVE_INFINITY : size
    const formatter = createLogFormatter(request)
    const block = Buffer.allocUnsafe(block_bytes)
    while (!request.signal.aborted) {
      // Asked before reading: what was written before the end is then surely read.
      const ended = !changes || changes.ended
      const { bytesRead } = await file.read(block, 0, Math.min(block.length, end - offset), offset)
      offset += bytesRead
      const output = bytesRead ? formatter.push(block.subarray(0, bytesRead)) : undefined
      if (output?.length) yield output
      if (formatter.full || offset >= end) return
      if (bytesRead) continue
      const next = await replacement(file, request.path)
      if (next && changes) {
        await file.close()
        file = next
        offset = 0
      } else {
        await next?.close()
        if (ended || !changes) return
        await changes.next()
      }
    }
  } finally {
    changes?.close()
    await file.close()
  }
}

/** A container that never wrote has no file; that is an empty log. */
async function openLog(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The file that has taken the place of the one being read. Between rename and reopening there is none. */
async function replacement(current: FileHandle, file: string): Promise<FileHandle | undefined> {
  const now = await stat(file).catch(() => undefined)
  if (!now || now.ino === (await current.stat()).ino) return undefined
  // The runtime wrote to the old file until it had opened the new one; whoever gets here has read the old one's end.
  return openLog(file)
}

interface Changes {
  readonly ended: boolean
  /** Resolves once something has changed since the last call. */
  next(): Promise<void>
  close(): void
}

function watchChanges(file: string, ended: Promise<void>, signal: AbortSignal): Changes {
  let changed = false
  let hasEnded = false
  let wake = () => {}
  const notice = () => {
    changed = true
    wake()
  }
  // The folder, not the file: rotation replaces the file.
  const watcher = watch(path.dirname(file), notice)
  watcher.on('error', notice)
  signal.addEventListener('abort', notice, { once: true })
  ended.then(() => {
    hasEnded = true
    notice()
  }, notice)
  return {
    get ended() {
      return hasEnded
    },
    async next() {
      if (!changed)
        await new Promise<void>(resolve => {
          wake = resolve
        })
      changed = false
    },
    close() {
      watcher.close()
      signal.removeEventListener('abort', notice)
    },
  }
}
