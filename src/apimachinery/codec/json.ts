import { DecodeError } from './decode-error.ts'
import { scanJson } from './json-scanner.ts'

export interface ParseJsonOptions {
  /** Deeper nesting is refused before anything is parsed. */
  readonly maximumDepth?: number
  /** Told the path of every key that an object has twice; the last one counts. */
  readonly onDuplicate?: (path: string) => void
  /** Told of integers that have more digits than are kept, as they stand in the text. */
  readonly onImprecise?: (digits: string, kept: number) => void
}

export const defaultMaximumDepth = 1000

/** JSON as V8 reads it, with bounded depth and upstream's error texts. Numbers beyond 2⁵³ lose precision. */
export function parseJson(bytes: Uint8Array, options: ParseJsonOptions = {}): unknown {
  const { maximumDepth = defaultMaximumDepth, onDuplicate, onImprecise } = options
  // Two bytes, a bracket and its end, are needed for each level.
  if (bytes.length >= maximumDepth * 2) refuseDepth(bytes, maximumDepth)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString('utf8')
  const value = parse(text, buffer)
  if (onDuplicate) scanJson(text, onDuplicate)
  if (onImprecise && manyDigits.test(text)) reportImprecise(text, onImprecise)
  return value
}

/** The shortest integers that a double may not hold have sixteen digits. */
const manyDigits = /\d{16}/

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

function reportImprecise(text: string, report: (digits: string, kept: number) => void): void {
  const look: Reviver = (_, value, { source = '' }) => {
    if (typeof value === 'number' && /^-?\d{16,19}$/.test(source) && BigInt(source) !== BigInt(value)) report(source, value)
    return value
  }
  JSON.parse(text, look as Parameters<typeof JSON.parse>[1])
}

function parse(text: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // V8 says it in other words than Go, and clients search for Go's, which reads bytes and names the one that is wrong.
    scanJson(bytes.toString('latin1'))
    throw new DecodeError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

const quote = 0x22
const backslash = 0x5c

/** One pass over the bytes, a nanosecond each; brackets in strings don't count. */
function refuseDepth(bytes: Uint8Array, maximumDepth: number): void {
  let depth = 0
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at++] as number
    if (byte === quote) at = skipString(bytes, at)
    else if (byte > 0x5a) {
      // `[` and `{`, and `]` and `}`, differ in one bit only.
      const bracket = byte | 0x20
      if (bracket === 0x7d) depth--
      else if (bracket === 0x7b && ++depth > maximumDepth) {
        throw new DecodeError(`exceeded max depth: JSON nests deeper than ${maximumDepth} levels`)
      }
    }
  }
}

/** The index behind the string's closing quote. */
function skipString(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length) {
    const byte = bytes[at++]
    if (byte === quote) break
    if (byte === backslash) at++
  }
  return at
}
