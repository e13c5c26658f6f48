import { DecodeError, formatPath } from './decode-error.ts'

/**
 * Walks JSON text without building values: throws a DecodeError in Go's words at the first mistake and tells of keys
 * that an object has twice. Only used for broken input, whose bytes come as one character each, and where duplicates are
 * asked for; depth is bounded by the caller.
 * Unclosed nesting in broken input can be as deep as the caller's bound, no deeper.
 */
export function scanJson(text: string, onDuplicate?: (path: string) => void): void {
  const scanner: Scanner = { text, at: 0, path: [], onDuplicate }
  scanValue(scanner)
  skipSpace(scanner)
  if (scanner.at < text.length) throw unexpected(scanner, 'after top-level value')
}

interface Scanner {
  readonly text: string
  at: number
  readonly path: (string | number)[]
  readonly onDuplicate: ((path: string) => void) | undefined
}

function scanValue(scanner: Scanner): void {
  skipSpace(scanner)
  const start = scanner.text[scanner.at]
  if (start === '{') scanObject(scanner)
  else if (start === '[') scanArray(scanner)
  else if (start === '"') scanString(scanner)
  else if (start === 't') scanLiteral(scanner, 'true')
  else if (start === 'f') scanLiteral(scanner, 'false')
  else if (start === 'n') scanLiteral(scanner, 'null')
  else if (start === '-' || isDigit(start)) scanNumber(scanner)
  else throw unexpected(scanner, 'looking for beginning of value')
}

function scanObject(scanner: Scanner): void {
  const seen = scanner.onDuplicate ? new Set<string>() : undefined
  scanner.at++
  skipSpace(scanner)
  if (scanner.text[scanner.at] === '}') {
    scanner.at++
    return
  }
  for (;;) {
    skipSpace(scanner)
    if (scanner.text[scanner.at] !== '"') throw unexpected(scanner, 'looking for beginning of object key string')
    const start = scanner.at
    scanString(scanner)
    if (seen) scanner.path.push(JSON.parse(scanner.text.slice(start, scanner.at)) as string)
    reportDuplicate(scanner, seen)
    skipSpace(scanner)
    if (scanner.text[scanner.at] !== ':') throw unexpected(scanner, 'after object key')
    scanner.at++
    scanValue(scanner)
    if (seen) scanner.path.pop()
    skipSpace(scanner)
    const next = scanner.text[scanner.at]
    if (next !== ',' && next !== '}') throw unexpected(scanner, 'after object key:value pair')
    scanner.at++
    if (next === '}') return
  }
}

function reportDuplicate(scanner: Scanner, seen: Set<string> | undefined): void {
  const key = scanner.path.at(-1)
  if (!seen || typeof key !== 'string') return
  if (seen.has(key)) scanner.onDuplicate?.(formatPath(scanner.path))
  seen.add(key)
}

function scanArray(scanner: Scanner): void {
  scanner.at++
  skipSpace(scanner)
  if (scanner.text[scanner.at] === ']') {
    scanner.at++
    return
  }
  for (let index = 0; ; index++) {
    scanner.path.push(index)
    scanValue(scanner)
    scanner.path.pop()
    skipSpace(scanner)
    const next = scanner.text[scanner.at]
    if (next !== ',' && next !== ']') throw unexpected(scanner, 'after array element')
    scanner.at++
    if (next === ']') return
  }
}

function scanString(scanner: Scanner): void {
  const { text } = scanner
  scanner.at++
  for (;;) {
    const code = text.charCodeAt(scanner.at)
    if (code === 0x22) break
    if (code === 0x5c) scanEscape(scanner)
    // NaN, past the end, fails the comparison as well.
    else if (code >= 0x20) scanner.at++
    else throw unexpected(scanner, 'in string literal')
  }
  scanner.at++
}

function scanEscape(scanner: Scanner): void {
  const escaped = scanner.text[++scanner.at]
  if (escaped === undefined || !'"\\/bfnrtu'.includes(escaped)) throw unexpected(scanner, 'in string escape code')
  scanner.at++
  if (escaped !== 'u') return
  for (let digit = 0; digit < 4; digit++, scanner.at++) {
    if (!/^[0-9a-fA-F]$/.test(scanner.text[scanner.at] ?? '')) throw unexpected(scanner, 'in \\u hexadecimal character escape')
  }
}

function scanLiteral(scanner: Scanner, literal: string): void {
  for (let index = 0; index < literal.length; index++, scanner.at++) {
    if (scanner.text[scanner.at] !== literal[index]) throw unexpected(scanner, `in literal ${literal} (expecting '${literal[index]}')`)
  }
}

function scanNumber(scanner: Scanner): void {
  const { text } = scanner
  if (text[scanner.at] === '-') scanner.at++
  if (text[scanner.at] === '0') scanner.at++
  else scanDigits(scanner, 'in numeric literal')
  if (text[scanner.at] === '.') {
    scanner.at++
    scanDigits(scanner, 'after decimal point in numeric literal')
  }
  if (text[scanner.at] === 'e' || text[scanner.at] === 'E') {
    scanner.at++
    if (text[scanner.at] === '+' || text[scanner.at] === '-') scanner.at++
    scanDigits(scanner, 'in exponent of numeric literal')
  }
}

function scanDigits(scanner: Scanner, where: string): void {
  if (!isDigit(scanner.text[scanner.at])) throw unexpected(scanner, where)
  while (isDigit(scanner.text[scanner.at])) scanner.at++
}

const isDigit = (character: string | undefined): boolean => character !== undefined && character >= '0' && character <= '9'

function skipSpace(scanner: Scanner): void {
  for (;;) {
    const code = scanner.text.charCodeAt(scanner.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    scanner.at++
  }
}

function unexpected(scanner: Scanner, where: string): DecodeError {
  if (scanner.at >= scanner.text.length) return new DecodeError('unexpected end of JSON input')
  return new DecodeError(`invalid character ${quoteByte(scanner.text.charCodeAt(scanner.at))} ${where}`)
}

const namedEscapes: Readonly<Record<number, string>> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }

function quoteByte(byte: number): string {
  if (byte === 0x27) return "'\\''"
  if (byte === 0x5c) return "'\\\\'"
  const named = namedEscapes[byte]
  if (named) return `'${named}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  if (byte >= 0x80 && byte < 0xa1) return `'\\u00${byte.toString(16)}'`
  return `'${String.fromCharCode(byte)}'`
}
