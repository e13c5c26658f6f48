import { call, type Expression, identifier, literal, type MapEntry, type StructExpression } from './ast.ts'
import { CelSyntaxError } from './issues.ts'
import { type Token, tokenize } from './lexer.ts'
import { expandMacro } from './macros.ts'

/** As deep as expressions may nest, and as long as they may be: what cel-go allows. */
const deepestNesting = 250
const longestSource = 100_000

const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

const binaryLevels: readonly Readonly<Record<string, string>>[] = [
  { '<': '_<_', '<=': '_<=_', '>': '_>_', '>=': '_>=_', '==': '_==_', '!=': '_!=_', in: '@in' },
  { '+': '_+_', '-': '_-_' },
  { '*': '_*_', '/': '_/_', '%': '_%_' },
]

const primaryStart = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

/** Throws a CelSyntaxError at the first mistake. */
export function parseCel(source: string): Expression {
  if (source.length > longestSource) {
    throw new CelSyntaxError(`expression code point size exceeds limit: size: ${source.length}, limit ${longestSource}`, 0)
  }
  const tokens = tokenize(source)
  let position = 0
  let depth = 0

  const peek = (offset = 0): Token => tokens[Math.min(position + offset, tokens.length - 1)] as Token
  const next = (): Token => {
    const token = peek()
    if (position < tokens.length - 1) position++
    return token
  }
  const isAt = (text: string): boolean => peek().kind === 'punctuation' && peek().text === text
  const accept = (text: string): Token | undefined => (isAt(text) ? next() : undefined)
  const expect = (text: string): Token => {
    if (isAt(text)) return next()
    throw unexpected(`'${text}'`)
  }
  const unexpected = (expected: string): CelSyntaxError => {
    const { text, at } = peek()
    // It is only extraneous if what follows is what was expected.
    const verb = [`'${peek(1).text}'`, peek(1).text].includes(expected) && peek().kind !== 'end' ? 'extraneous' : 'mismatched'
    return new CelSyntaxError(`Syntax error: ${verb} input '${text}' expecting ${expected}`, at)
  }

  const result = parseExpression()
  if (peek().kind !== 'end') throw unexpected('<EOF>')
  return result

  function nested<T>(parse: () => T): T {
    if (++depth > deepestNesting) throw new CelSyntaxError(`expression recursion limit exceeded: ${deepestNesting}`, peek().at)
    const parsed = parse()
    depth--
    return parsed
  }

  function parseExpression(): Expression {
    return nested(() => {
      const condition = parseOr()
      const question = accept('?')
      if (!question) return condition
      const then = parseOr()
      expect(':')
      return call(question.at, '_?_:_', condition, then, parseExpression())
    })
  }

  function parseOr(): Expression {
    return balanced('||', '_||_', () => balanced('&&', '_&&_', () => parseBinary(0)))
  }

  // Long chains become balanced trees, so that they don't nest deeply.
  function balanced(operator: string, name: string, parse: () => Expression): Expression {
    const terms = [parse()]
    const places: number[] = []
    for (let token = accept(operator); token; token = accept(operator)) {
      places.push(token.at)
      terms.push(parse())
    }
    const build = (low: number, high: number): Expression => {
      if (low === high) return terms[low] as Expression
      const middle = Math.floor((low + high) / 2)
      return call(places[middle] as number, name, build(low, middle), build(middle + 1, high))
    }
    return build(0, terms.length - 1)
  }

  function parseBinary(level: number): Expression {
    const operators = binaryLevels[level]
    if (!operators) return parseUnary()
    let left = parseBinary(level + 1)
    let grown = 0
    for (;;) {
      const { kind, text } = peek()
      const name = kind === 'punctuation' && Object.hasOwn(operators, text) ? operators[text] : undefined
      if (name === undefined) {
        depth -= grown
        return left
      }
      const { at } = next()
      grown++
      if (++depth > deepestNesting) throw new CelSyntaxError(`expression recursion limit exceeded: ${deepestNesting}`, at)
      left = call(at, name, left, parseBinary(level + 1))
    }
  }

  function parseUnary(): Expression {
    const { at } = peek()
    if (isAt('!')) return parseNegations('!', '!_', at)
    if (!isAt('-')) return parseMember()
    const follower = peek(1)
    if ((follower.kind === 'int' || follower.kind === 'double') && follower.at === at + 1) {
      next()
      return parseMember(at)
    }
    return parseNegations('-', '-_', at)
  }

  // Pairs cancel each other.
  function parseNegations(operator: string, name: string, at: number): Expression {
    let count = 0
    while (accept(operator)) count++
    const operand = parseMember()
    return count % 2 === 0 ? operand : call(at, name, operand)
  }

  function parseMember(negatedAt?: number): Expression {
    let operand = parsePrimary(negatedAt)
    let grown = 0
    for (;;) {
      const { at } = peek()
      if (accept('.')) {
        const isOptional = accept('?') !== undefined
        operand = parseSelection(operand, at, isOptional)
      } else if (accept('[')) {
        const isOptional = accept('?') !== undefined
        const index = parseExpression()
        expect(']')
        operand = call(at, isOptional ? '_[?_]' : '_[_]', operand, index)
      } else {
        depth -= grown
        return operand
      }
      grown++
      if (++depth > deepestNesting) throw new CelSyntaxError(`expression recursion limit exceeded: ${deepestNesting}`, at)
    }
  }

  function parseSelection(operand: Expression, at: number, isOptional: boolean): Expression {
    const name = next()
    if (name.kind === 'escaped') return selection(operand, at, name.value as string, isOptional)
    if (name.kind !== 'identifier' || /^(?:true|false|null)$/.test(name.text)) {
      throw new CelSyntaxError(`Syntax error: no viable alternative at input '.${name.kind === 'end' ? '' : name.text}'`, name.at)
    }
    if (!isOptional && isAt('(')) {
      const open = next().at
      const args = parseArguments(')')
      return (
        expandMacro(open, name.text, operand, args) ?? { type: 'call', at: open, function: name.text, target: operand, arguments: args }
      )
    }
    return selection(operand, at, name.text, isOptional)
  }

  function selection(operand: Expression, at: number, field: string, isOptional: boolean): Expression {
    if (isOptional) return call(at, '_?._', operand, literal(at, 'string', field))
    return { type: 'select', at, operand, field, test: false }
  }

  function parseArguments(close: string): Expression[] {
    const args: Expression[] = []
    if (accept(close)) return args
    do args.push(parseExpression())
    while (accept(','))
    expect(close)
    return args
  }

  function parsePrimary(negatedAt?: number): Expression {
    const token = next()
    const { at, kind, text, value } = token
    switch (kind) {
      case 'int':
        return literal(negatedAt ?? at, 'int', checkedInt(negatedAt === undefined ? (value as bigint) : -(value as bigint), at))
      case 'double':
        return literal(negatedAt ?? at, 'double', negatedAt === undefined ? (value as number) : -(value as number))
      case 'uint':
        if ((value as bigint) >= 2n ** 64n) throw new CelSyntaxError('invalid uint literal', at)
        return literal(at, 'uint', value as bigint)
      case 'string':
      case 'bytes':
        return literal(at, kind, value as string | Uint8Array)
      case 'identifier':
        return parseIdentifier(token)
      case 'punctuation':
        return parseEnclosed(token)
      default:
        throw new CelSyntaxError(`Syntax error: mismatched input '${text}' expecting ${primaryStart}`, at)
    }
  }

  function checkedInt(value: bigint, at: number): bigint {
    if (BigInt.asIntN(64, value) !== value) throw new CelSyntaxError('invalid int literal', at)
    return value
  }

  function parseEnclosed(token: Token): Expression {
    switch (token.text) {
      case '(': {
        const inner = parseExpression()
        expect(')')
        return inner
      }
      case '[':
        return parseList(token.at)
      case '{':
        return { type: 'map', at: token.at, entries: parseEntries() }
      case '.': {
        const name = next()
        if (name.kind !== 'identifier') throw new CelSyntaxError(`Syntax error: no viable alternative at input '.${name.text}'`, name.at)
        return parseIdentifier({ ...name, at: token.at })
      }
      default:
        throw new CelSyntaxError(`Syntax error: mismatched input '${token.text}' expecting ${primaryStart}`, token.at)
    }
  }

  function parseIdentifier({ text, at }: Token): Expression {
    if (text === 'true' || text === 'false') return literal(at, 'bool', text === 'true')
    if (text === 'null') return literal(at, 'null', null)
    if (reserved.has(text)) throw new CelSyntaxError(`reserved identifier: ${text}`, at)
    const struct = parseStruct(text)
    if (struct) return struct
    if (!isAt('(')) return identifier(at, text)
    const open = next().at
    const args = parseArguments(')')
    return expandMacro(open, text, undefined, args) ?? { type: 'call', at: open, function: text, target: undefined, arguments: args }
  }

  /** `Object.spec{replicas: 1}`: a dotted name, then braces. */
  function parseStruct(first: string): StructExpression | undefined {
    let name = first
    let ahead = 0
    while (peek(ahead).text === '.' && peek(ahead + 1).kind === 'identifier') {
      name += `.${peek(ahead + 1).text}`
      ahead += 2
    }
    if (peek(ahead).kind !== 'punctuation' || peek(ahead).text !== '{') return undefined
    position += ahead
    const open = next().at
    const fields: StructExpression['fields'][number][] = []
    while (!isAt('}')) {
      const isOptional = accept('?') !== undefined
      const field = next()
      if (field.kind !== 'identifier' && field.kind !== 'escaped') {
        throw new CelSyntaxError(`Syntax error: mismatched input '${field.text}' expecting {'}', ',', '?', IDENTIFIER}`, field.at)
      }
      const colon = expect(':').at
      const fieldName = field.kind === 'escaped' ? (field.value as string) : field.text
      fields.push({ at: colon, name: fieldName, value: parseExpression(), optional: isOptional })
      if (!accept(',')) break
    }
    expect('}')
    return { type: 'struct', at: open, name, fields }
  }

  function parseList(at: number): Expression {
    const elements: Expression[] = []
    const optional = new Set<number>()
    while (!isAt(']')) {
      if (accept('?')) optional.add(elements.length)
      elements.push(parseExpression())
      if (!accept(',')) break
    }
    expect(']')
    return { type: 'list', at, elements, optional }
  }

  function parseEntries(): MapEntry[] {
    const entries: MapEntry[] = []
    while (!isAt('}')) {
      const isOptional = accept('?') !== undefined
      const key = parseExpression()
      const colon = expect(':').at
      entries.push({ at: colon, key, value: parseExpression(), optional: isOptional })
      if (!accept(',')) break
    }
    expect('}')
    return entries
  }
}
