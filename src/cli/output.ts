import type { WriteStream } from 'node:tty'
import type { Output } from './command.ts'

/** Answers go to stdout, everything else to stderr. */
export function createOutput(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>): Output {
  return {
    print: text => void stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    note: text => void stderr.write(`${text}\n`),
  }
}
