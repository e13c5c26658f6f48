import { CelSyntaxError } from './issues.ts'
import { readStringLiteral } from './string-literal.ts'

export type TokenKind = 'identifier' | 'escaped' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'punctuation' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As written; `<EOF>` at the end. */
  readonly text: string
  readonly at: number
  readonly value?: bigint | number | string | Uint8Array
}

const space = /[\t\n\f\r ]+|\/\/[^\n]*/y
const word = /[_a-zA-Z][_a-zA-Z0-9]*/y
const escapedWord = /`[a-zA-Z0-9_.\-/ ]+`/y
const number = /0x[0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|[0-9]+[uU]?/y
const stringStart = /(?:[rR][bB]?|[bB][rR]?)?(?:"""|'''|"|')/y
const punctuation = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y

export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0]
  }
  while (at < source.length) {
    const skipped = match(space)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    const token = stringToken() ?? wordToken() ?? numberToken() ?? punctuationToken()
    tokens.push(token)
    at = token.at + token.text.length
  }
  tokens.push({ kind: 'end', text: '<EOF>', at })
  return tokens

  function stringToken(): Token | undefined {
    const start = match(stringStart)
    if (start === undefined) return undefined
    const { kind, value, length } = readStringLiteral(source, at, start)
    return { kind, text: source.slice(at, at + length), at, value }
  }

  function wordToken(): Token | undefined {
    const text = match(word)
    if (text !== undefined) return { kind: text === 'in' ? 'punctuation' : 'identifier', text, at }
    const escaped = match(escapedWord)
    return escaped === undefined ? undefined : { kind: 'escaped', text: escaped, at, value: escaped.slice(1, -1) }
  }

  function numberToken(): Token | undefined {
    const text = match(number)
    if (text === undefined) return undefined
    if (/^0x/.test(text) || /^[0-9]+[uU]?$/.test(text)) {
      const isUnsigned = /[uU]$/.test(text)
      return { kind: isUnsigned ? 'uint' : 'int', text, at, value: BigInt(isUnsigned ? text.slice(0, -1) : text) }
    }
    return { kind: 'double', text, at, value: Number(text) }
  }

  function punctuationToken(): Token {
    const text = match(punctuation)
    if (text === undefined) throw new CelSyntaxError(`Syntax error: token recognition error at: '${source[at]}'`, at)
    return { kind: 'punctuation', text, at }
  }
}
