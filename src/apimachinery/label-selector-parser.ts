import { badRequest } from './api-errors.ts'
import type { LabelOperator } from './selectors.ts'

/** One requirement as written; keys and values are checked by the caller. */
export interface ParsedRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

type Punctuation = '!' | '=' | '==' | '!=' | '(' | ')' | ',' | '>' | '<'
type Token = { readonly type: Punctuation | 'identifier' | 'end'; readonly text: string }

const symbols = new Set<string>(['!', '=', '==', '!=', '(', ')', ',', '>', '<'])
const endOfString: Token = { type: 'end', text: '' }

/** Reads kubectl's selector syntax: requirements separated by commas. */
export function parseLabelRequirements(text: string): ParsedRequirement[] {
  const tokens = tokenize(text)
  let position = 0
  const peek = (): Token => tokens[position] ?? endOfString
  const next = (): Token => tokens[position++] ?? endOfString

  const requirements: ParsedRequirement[] = []
  while (peek().type !== 'end') {
    if (peek().type !== 'identifier' && peek().type !== '!') {
      throw badRequest(`found '${peek().text}', expected: !, identifier, or 'end of string'`)
    }
    requirements.push(requirement())
    const separator = next()
    if (separator.type === 'end') break
    if (separator.type !== ',') throw badRequest(`found '${separator.text}', expected: ',' or 'end of string'`)
    if (peek().type !== 'identifier' && peek().type !== '!') throw badRequest(`found '${peek().text}', expected: identifier after ','`)
  }
  return requirements

  function requirement(): ParsedRequirement {
    const negated = peek().type === '!'
    if (negated) next()
    const key = next()
    if (key.type !== 'identifier') throw unparsable(`found '${key.text}', expected: identifier`)
    const bare = peek().type === 'end' || peek().type === ','
    if (bare || negated) return { key: key.text, operator: negated ? '!' : 'exists', values: [] }
    const operator = binaryOperator()
    return { key: key.text, operator, values: operator === 'in' || operator === 'notin' ? valueList() : [exactValue()] }
  }

  function binaryOperator(): LabelOperator {
    const token = next()
    if (token.type === '=' || token.type === '==' || token.type === '!=') return token.type
    if (token.type === '>') return 'gt'
    if (token.type === '<') return 'lt'
    if (token.type === 'identifier' && (token.text === 'in' || token.text === 'notin')) return token.text
    throw unparsable(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`)
  }

  /** An empty place is the empty value: `a in (,b)`, and `a in ()` as well. */
  function valueList(): string[] {
    const open = next()
    if (open.type !== '(') throw unparsable(`found '${open.text}' expected: '('`)
    if (peek().type === ')') {
      next()
      return ['']
    }
    if (peek().type !== 'identifier' && peek().type !== ',') {
      throw unparsable(`found '${peek().text}', expected: ',', ')' or identifier`)
    }
    const values: string[] = []
    for (;;) {
      values.push(peek().type === 'identifier' ? next().text : '')
      const separator = next()
      if (separator.type === ')') return values
      if (separator.type !== ',') throw unparsable(`found '${separator.text}', expected: ',' or ')'`)
    }
  }

  function exactValue(): string {
    if (peek().type === 'end' || peek().type === ',') return ''
    const value = next()
    if (value.type !== 'identifier') throw unparsable(`found '${value.text}', expected: identifier`)
    return value.text
  }
}

const unparsable = (detail: string) => badRequest(`unable to parse requirement: ${detail}`)

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  // A run of symbols is cut into the longest ones that exist: `!==` is `!=` and `=`.
  for (const [match] of text.matchAll(/[^\s=!(),<>]+|==|!=|[=!(),<>]/g)) {
    tokens.push(symbols.has(match) ? { type: match as Punctuation, text: match } : { type: 'identifier', text: match })
  }
  return tokens
}
