import { CelSyntaxError } from './issues.ts'

interface StringLiteral {
  readonly kind: 'string' | 'bytes'
  readonly value: string | Uint8Array
  /** In the source, quotes and prefix included. */
  readonly length: number
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
}

/** Reads the literal that begins at `at` with `start`: prefix letters and the opening quotes. */
export function readStringLiteral(source: string, at: number, start: string): StringLiteral {
  const prefix = start.replace(/['"]+$/, '').toLowerCase()
  const quotes = start.slice(prefix.length)
  const isRaw = prefix.includes('r')
  const isBytes = prefix.includes('b')
  const parts: (string | Uint8Array)[] = []
  let index = at + start.length
  for (;;) {
    if (source.startsWith(quotes, index)) break
    const character = source[index]
    if (character === undefined || (quotes.length === 1 && (character === '\n' || character === '\r'))) {
      throw new CelSyntaxError(`Syntax error: token recognition error at: '${source.slice(at, index)}'`, at)
    }
    if (character === '\\' && !isRaw) {
      const { value, length } = readEscape(source, index, isBytes)
      parts.push(value)
      index += length
    } else if (character === '\\' && source[index + 1] !== undefined) {
      // A raw literal keeps the backslash and what it precedes, a quote included.
      parts.push(source.slice(index, index + 2))
      index += 2
    } else {
      const code = source.codePointAt(index) as number
      parts.push(String.fromCodePoint(code))
      index += code > 0xffff ? 2 : 1
    }
  }
  const length = index + quotes.length - at
  if (isBytes)
    return { kind: 'bytes', value: Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part))), length }
  return { kind: 'string', value: parts.join(''), length }
}

function readEscape(source: string, at: number, isBytes: boolean): { value: string | Uint8Array; length: number } {
  const letter = source[at + 1] ?? ''
  const simple = simpleEscapes[letter]
  if (simple !== undefined) return { value: simple, length: 2 }
  const numeric = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y
  numeric.lastIndex = at
  const found = numeric.exec(source)
  const [text = '', byte, short, long, octal] = found ?? []
  const unicode = short ?? long
  const code = octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(byte ?? unicode ?? '', 16)
  const isSurrogate = unicode !== undefined && code >= 0xd800 && code <= 0xdfff
  if (!found || code > 0x10ffff || isSurrogate || (isBytes && unicode !== undefined)) {
    throw new CelSyntaxError(`Syntax error: invalid escape sequence at: '${source.slice(at, at + 2)}'`, at)
  }
  if (isBytes) return { value: Uint8Array.of(code), length: text.length }
  return { value: String.fromCodePoint(code), length: text.length }
}
