import assert from 'node:assert/strict'
import { type CelType, type CelValue, celTypes, compileCel, listOf, mapOf, toJson } from '../../src/apimachinery/cel/index.ts'
import type { Dice } from './dice.ts'

/** What an expression comes to by the model: a value, or that there is none. */
type Value = bigint | boolean | string | readonly Value[]
class Failure extends Error {}

/** Names of variables and what they hold. */
type Scope = Readonly<Record<string, Value>>

interface Term {
  readonly text: string
  readonly value: (scope: Scope) => Value
}

type Kind = 'int' | 'bool' | 'string' | 'list'

const variables: Readonly<Record<string, CelType>> = {
  n: celTypes.int,
  s: celTypes.string,
  l: listOf({ ...celTypes.int }),
  d: celTypes.dyn,
  m: mapOf(celTypes.string, celTypes.int),
}

/** Random expressions of known types against a model of their own, what they cost within what was estimated; noise ends with issues. */
export function fuzzCel(dice: Dice): void {
  const scope: Scope = {
    n: BigInt(dice.pick([0, 1, -1, 7, 2 ** 40])),
    s: dice.pick(['', 'a', 'abc', 'é😀']),
    l: dice.several(4, () => BigInt(dice.integer(-2, 3))),
  }
  const term = termOf(dice, dice.pick(['int', 'bool', 'string', 'list'] as const), 4, ['n'])
  const { program, issues } = compileCel(term.text, { variables })
  assert.ok(program, `${term.text}: ${JSON.stringify(issues)}`)
  const { value, error, cost } = program.evaluate({ ...json(scope), d: { n: Number(scope.n) }, m: {} }, { costLimit: 1_000_000 })
  const expected = outcome(() => term.value(scope))
  const actual = error ? 'failure' : toJson(value as CelValue)
  assert.deepEqual(
    actual,
    expected === 'failure' ? expected : plain(expected),
    `${term.text} with ${JSON.stringify(json(scope))}: ${error?.message ?? ''}`,
  )
  const { max } = program.estimateCost()
  if (!error) assert.ok(cost <= max, `${term.text} costs ${cost}, more than ${max}`)
  noise(dice)
  hostile(dice)
}

const json = (scope: Scope): Record<string, unknown> =>
  Object.fromEntries(Object.entries(scope).map(([name, value]) => [name, plain(value)]))

function plain(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value)
  return Array.isArray(value) ? value.map(plain) : value
}

function outcome(evaluate: () => Value): Value | 'failure' {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof Failure) return 'failure'
    throw error
  }
}

/** `ints`: variables that hold integers here. */
function termOf(dice: Dice, kind: Kind, depth: number, ints: readonly string[]): Term {
  if (depth === 0 || dice.once(5)) return leaf(dice, kind, ints)
  const make = (of: Kind): Term => termOf(dice, of, depth - 1, ints)
  if (dice.once(6)) return choice(make('bool'), make(kind), make(kind))
  switch (kind) {
    case 'int':
      return intTerm(dice, make)
    case 'bool':
      return boolTerm(dice, make, depth, ints)
    case 'string':
      return stringTerm(dice, make)
    case 'list':
      return listTerm(dice, make, depth, ints)
  }
}

function leaf(dice: Dice, kind: Kind, ints: readonly string[]): Term {
  switch (kind) {
    case 'int': {
      if (dice.once(2)) {
        const name = dice.pick(ints)
        return { text: name, value: scope => scope[name] as Value }
      }
      const number = dice.pick([0n, 1n, 2n, -3n, 9223372036854775807n])
      return { text: String(number), value: () => number }
    }
    case 'bool': {
      const value = dice.once(2)
      return { text: String(value), value: () => value }
    }
    case 'string': {
      if (dice.once(2)) return { text: 's', value: scope => scope.s as Value }
      const text = dice.text().toWellFormed()
      return { text: literal(text), value: () => text }
    }
    case 'list':
      return { text: 'l', value: scope => scope.l as Value }
  }
}

const literal = (text: string): string =>
  `"${[...text].map(one => (/[a-zA-Z0-9 ]/.test(one) ? one : `\\U${(one.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`)).join('')}"`

const choice = (condition: Term, yes: Term, no: Term): Term => ({
  text: `(${condition.text} ? ${yes.text} : ${no.text})`,
  value: scope => (condition.value(scope) ? yes.value(scope) : no.value(scope)),
})

function checked(value: bigint): bigint {
  if (value < -(2n ** 63n) || value >= 2n ** 63n) throw new Failure()
  return value
}

type Make = (kind: Kind) => Term

function intTerm(dice: Dice, make: Make): Term {
  const [a, b] = [make('int'), make('int')]
  const of = (operator: string, compute: (x: bigint, y: bigint) => bigint): Term => ({
    text: `(${a.text} ${operator} ${b.text})`,
    value: scope => checked(compute(a.value(scope) as bigint, b.value(scope) as bigint)),
  })
  const divided = (compute: (x: bigint, y: bigint) => bigint) => (x: bigint, y: bigint) => {
    if (y === 0n) throw new Failure()
    return compute(x, y)
  }
  switch (dice.integer(0, 7)) {
    case 0:
      return of('+', (x, y) => x + y)
    case 1:
      return of('-', (x, y) => x - y)
    case 2:
      return of('*', (x, y) => x * y)
    case 3:
      return of(
        '/',
        divided((x, y) => x / y),
      )
    case 4:
      return of(
        '%',
        divided((x, y) => x % y),
      )
    case 5: {
      const text = make('string')
      return { text: `size(${text.text})`, value: scope => BigInt([...(text.value(scope) as string)].length) }
    }
    case 6: {
      const list = make('list')
      return { text: `${list.text}.size()`, value: scope => BigInt((list.value(scope) as readonly Value[]).length) }
    }
    default: {
      const list = make('list')
      return {
        text: `${list.text}[${a.text}]`,
        value(scope) {
          const values = list.value(scope) as readonly Value[]
          const index = a.value(scope) as bigint
          const found = index < 0n || index > 100n ? undefined : values[Number(index)]
          if (found === undefined) throw new Failure()
          return found
        },
      }
    }
  }
}

function boolTerm(dice: Dice, make: Make, depth: number, ints: readonly string[]): Term {
  switch (dice.integer(0, 8)) {
    case 0:
      return logic('&&', false, make('bool'), make('bool'))
    case 1:
      return logic('||', true, make('bool'), make('bool'))
    case 2: {
      const operand = make('bool')
      return { text: `!(${operand.text})`, value: scope => !operand.value(scope) }
    }
    case 3: {
      const kind = dice.pick(['int', 'bool', 'string', 'list'] as const)
      const [a, b] = [make(kind), make(kind)]
      return { text: `(${a.text} == ${b.text})`, value: scope => same(a.value(scope), b.value(scope)) }
    }
    case 4: {
      const [a, b] = [make('int'), make('int')]
      return { text: `(${a.text} <= ${b.text})`, value: scope => a.value(scope) <= b.value(scope) }
    }
    case 5: {
      const [a, b] = [make('string'), make('string')]
      return { text: `${a.text}.contains(${b.text})`, value: scope => (a.value(scope) as string).includes(b.value(scope) as string) }
    }
    case 6: {
      const [a, list] = [make('int'), make('list')]
      return {
        text: `(${a.text} in ${list.text})`,
        value(scope) {
          const element = a.value(scope)
          return (list.value(scope) as readonly Value[]).some(one => one === element)
        },
      }
    }
    default:
      return quantifier(dice, make('list'), depth, ints)
  }
}

/** Either side may settle it, even where the other one fails. */
const logic = (operator: string, settling: boolean, a: Term, b: Term): Term => ({
  text: `(${a.text} ${operator} ${b.text})`,
  value(scope) {
    const [left, right] = [outcome(() => a.value(scope)), outcome(() => b.value(scope))]
    if (left === settling || right === settling) return settling
    if (left === 'failure' || right === 'failure') throw new Failure()
    return !settling
  },
})

const same = (a: Value, b: Value): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((one, index) => same(one, b[index] as Value)) : a === b

function quantifier(dice: Dice, list: Term, depth: number, ints: readonly string[]): Term {
  const name = `x${depth}`
  const predicate = termOf(dice, 'bool', depth - 1, [...ints, name])
  const outcomes = (scope: Scope) =>
    (list.value(scope) as readonly Value[]).map(one => outcome(() => predicate.value({ ...scope, [name]: one })))
  const settled = (settling: boolean) => (scope: Scope) => {
    const found = outcomes(scope)
    if (found.includes(settling)) return settling
    if (found.includes('failure')) throw new Failure()
    return !settling
  }
  const text = (macro: string) => `${list.text}.${macro}(${name}, ${predicate.text})`
  switch (dice.integer(0, 2)) {
    case 0:
      return { text: text('all'), value: settled(false) }
    case 1:
      return { text: text('exists'), value: settled(true) }
    default:
      return {
        text: text('exists_one'),
        value(scope) {
          const found = outcomes(scope)
          if (found.includes('failure')) throw new Failure()
          return found.filter(one => one === true).length === 1
        },
      }
  }
}

function stringTerm(dice: Dice, make: Make): Term {
  const a = make('string')
  switch (dice.integer(0, 3)) {
    case 0: {
      const b = make('string')
      return { text: `(${a.text} + ${b.text})`, value: scope => `${a.value(scope)}${b.value(scope)}` }
    }
    case 1: {
      const number = make('int')
      return { text: `string(${number.text})`, value: scope => String(number.value(scope)) }
    }
    case 2:
      return { text: `${a.text}.upperAscii()`, value: scope => (a.value(scope) as string).replace(/[a-z]/g, one => one.toUpperCase()) }
    default:
      return {
        text: `${a.text}.substring(1)`,
        value(scope) {
          const points = [...(a.value(scope) as string)]
          if (points.length < 1) throw new Failure()
          return points.slice(1).join('')
        },
      }
  }
}

function listTerm(dice: Dice, make: Make, depth: number, ints: readonly string[]): Term {
  const name = `x${depth}`
  switch (dice.integer(0, 3)) {
    case 0: {
      const elements = dice.several(3, () => make('int'))
      return { text: `[${elements.map(one => one.text).join(', ')}]`, value: scope => elements.map(one => one.value(scope)) }
    }
    case 1: {
      const [a, b] = [make('list'), make('list')]
      return {
        text: `(${a.text} + ${b.text})`,
        value: scope => [...(a.value(scope) as readonly Value[]), ...(b.value(scope) as readonly Value[])],
      }
    }
    case 2: {
      const list = make('list')
      const predicate = termOf(dice, 'bool', depth - 1, [...ints, name])
      return {
        text: `${list.text}.filter(${name}, ${predicate.text})`,
        value: scope => (list.value(scope) as readonly Value[]).filter(one => predicate.value({ ...scope, [name]: one })),
      }
    }
    default: {
      const list = make('list')
      const element = termOf(dice, 'int', depth - 1, [...ints, name])
      return {
        text: `${list.text}.map(${name}, ${element.text})`,
        value: scope => (list.value(scope) as readonly Value[]).map(one => element.value({ ...scope, [name]: one })),
      }
    }
  }
}

const pieces = [
  'n',
  's',
  'l',
  'd',
  'm',
  '.',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '?',
  '+',
  '-',
  '!',
  '&&',
  '||',
  ' in ',
  '==',
  '1',
  '1u',
  '"a"',
  "b'",
  'has(d.n)',
  '.all(x, ',
  '.map(x, ',
  'x',
  'cel.bind(y, ',
  '.?',
  'size',
  'null',
  'true',
  '`',
  '\\',
  '/*',
]

/** Whatever is written, it is a program or it has issues with a place; and a program has a value or an error. */
function noise(dice: Dice): void {
  const text = dice.several(12, () => dice.pick([...pieces, dice.text()])).join('')
  const { program, issues } = compileCel(text, { variables })
  if (!program) {
    for (const { line, column, message } of issues) assert.ok(line >= 1 && column >= 0 && message !== '', text)
    return
  }
  const { error } = program.evaluate({ n: 1, s: 'a', l: [1, 2], d: { n: 1, l: [1], s: 'b' }, m: { a: 1 } }, { costLimit: 100_000 })
  if (error) assert.ok(error.message !== '', text)
  program.estimateCost()
}

/** Loops in loops end by their cost. */
function hostile(dice: Dice): void {
  if (!dice.once(200)) return
  const depth = dice.integer(2, 5)
  const range = '[1,2,3,4,5,6,7,8,9,10].map(z, [1,2,3,4,5,6,7,8,9,10]).map(z, z[0])'
  let text = dice.pick(['a0 > 0', 's + s == s', 'l + l == l'])
  for (let level = 0; level < depth; level++)
    text = `${range}.${dice.pick(['all', 'exists', 'exists_one'])}(a${level}, ${text} || true == ${dice.pick(['true', 'false'])})`
  const limit = 20_000
  const { program } = compileCel(text, { variables })
  const { cost, error } = program?.evaluate({ s: 'x'.repeat(100), l: Array(100).fill(1) }, { costLimit: limit }) ?? { cost: 0 }
  assert.ok(error === undefined || error.costExceeded, text)
  // The step that goes too far is the last one.
  assert.ok(cost <= limit + 1000, `${text} cost ${cost}`)
}
