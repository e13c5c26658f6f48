import type { WriteStream } from 'node:tty'
import type { Output } from './command.ts'

/** Answers go to stdout, everything else to stderr. Progress is one line that is rewritten on a terminal, plain lines elsewhere. */
export function createOutput(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>): Output {
  // Erases what the line held before.
  const clear = stderr.isTTY ? '\r\u001b[K' : ''
  let inProgress = false
  const endProgress = () => {
    if (inProgress) stderr.write(clear)
    inProgress = false
  }
  // Whoever read may have left, as head does; the work goes on.
  const readerLeft = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  }
  stdout.on('error', readerLeft)
  stderr.on('error', readerLeft)
  return {
    print(text) {
      endProgress()
      stdout.write(text.endsWith('\n') ? text : `${text}\n`)
    },
    note(text) {
      endProgress()
      stderr.write(`${text}\n`)
    },
    progress(text) {
      stderr.write(clear ? `${clear}${text} ...` : `${text} ...\n`)
      inProgress = clear !== ''
    },
  }
}
