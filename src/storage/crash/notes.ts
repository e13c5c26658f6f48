import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

/** What the killed process wrote down: an acknowledged write, or how far its watch had come. */
export interface Note {
  readonly type: 'acknowledged' | 'watched'
  readonly revision: number
  readonly key: string
  /** Absent for a deletion. */
  readonly value: Uint8Array | undefined
}

/** A value that shows whether it is whole: its text, and padding that is derived from it. */
export function valueFor(text: string, padding: number): Uint8Array {
  const seed = createHash('sha256').update(text).digest('hex')
  return Buffer.from(`${text}|${seed.repeat(Math.ceil(padding / seed.length)).slice(0, padding)}`)
}

export function isWhole(value: Uint8Array): boolean {
  const written = Buffer.from(value).toString()
  const [text = '', padding = ''] = written.split('|')
  return Buffer.from(valueFor(text, padding.length)).toString() === written
}

export const fingerprint = (value: Uint8Array | undefined): string =>
  value ? createHash('sha256').update(value).digest('hex').slice(0, 16) : '-'

export const noteOf = ({ type, revision, key, value }: Note): string => `${type} ${revision} ${key} ${fingerprint(value)}\n`

export interface WrittenNote {
  readonly type: string
  readonly revision: number
  readonly key: string
  readonly fingerprint: string
}

/** The last line may be cut off by the kill. */
export function readNotes(path: string): WrittenNote[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map(line => {
    const [type = '', revision = '', key = '', written = ''] = line.split(' ')
    return { type, revision: Number(revision), key, fingerprint: written }
  })
}
