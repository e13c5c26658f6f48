/** The tree that the parser makes of an expression. Macros are already written out as comprehensions. */
export type Expression =
  | LiteralExpression
  | IdentifierExpression
  | SelectExpression
  | CallExpression
  | ListExpression
  | MapExpression
  | StructExpression
  | ComprehensionExpression

/** `at` is the offset in the source that messages point to. */
interface Node {
  readonly at: number
}

export interface LiteralExpression extends Node {
  readonly type: 'literal'
  readonly kind: 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes'
  /** bigint for int and uint. */
  readonly value: null | boolean | bigint | number | string | Uint8Array
}

export interface IdentifierExpression extends Node {
  readonly type: 'identifier'
  readonly name: string
}

export interface SelectExpression extends Node {
  readonly type: 'select'
  readonly operand: Expression
  readonly field: string
  /** `has(a.b)` */
  readonly test: boolean
}

export interface CallExpression extends Node {
  readonly type: 'call'
  readonly function: string
  readonly target: Expression | undefined
  readonly arguments: readonly Expression[]
}

export interface ListExpression extends Node {
  readonly type: 'list'
  readonly elements: readonly Expression[]
  /** Indices of `[?a]`. */
  readonly optional: ReadonlySet<number>
}

export interface MapEntry extends Node {
  readonly key: Expression
  readonly value: Expression
  readonly optional: boolean
}

export interface MapExpression extends Node {
  readonly type: 'map'
  readonly entries: readonly MapEntry[]
}

export interface StructExpression extends Node {
  readonly type: 'struct'
  readonly name: string
  readonly fields: readonly { readonly at: number; readonly name: string; readonly value: Expression; readonly optional: boolean }[]
}

/** A loop over a list or a map: every macro is one. */
export interface ComprehensionExpression extends Node {
  readonly type: 'comprehension'
  readonly range: Expression
  /** One variable: element or key; two: index or key, and value. */
  readonly variables: readonly string[]
  readonly accumulator: string
  readonly initial: Expression
  readonly condition: Expression
  readonly step: Expression
  readonly result: Expression
}

/** The name of loops' hidden variable: no identifier of an expression can be the same. */
export const accumulator = '@result'

export const call = (at: number, name: string, ...args: Expression[]): CallExpression => ({
  type: 'call',
  at,
  function: name,
  target: undefined,
  arguments: args,
})

export const identifier = (at: number, name: string): IdentifierExpression => ({ type: 'identifier', at, name })
export const literal = (at: number, kind: LiteralExpression['kind'], value: LiteralExpression['value']): LiteralExpression => ({
  type: 'literal',
  at,
  kind,
  value,
})

export function* childrenOf(expression: Expression): Generator<Expression> {
  switch (expression.type) {
    case 'select':
      yield expression.operand
      return
    case 'call':
      if (expression.target) yield expression.target
      yield* expression.arguments
      return
    case 'list':
      yield* expression.elements
      return
    case 'map':
      for (const { key, value } of expression.entries) {
        yield key
        yield value
      }
      return
    case 'struct':
      for (const { value } of expression.fields) yield value
      return
    case 'comprehension':
      yield expression.range
      yield expression.initial
      yield expression.condition
      yield expression.step
      yield expression.result
      return
    default:
  }
}
