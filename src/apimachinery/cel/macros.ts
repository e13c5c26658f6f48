import { accumulator, type ComprehensionExpression, call, type Expression, identifier, literal } from './ast.ts'
import { CelSyntaxError } from './issues.ts'

/** A macro writes a call out as other expressions; undefined where the call is an ordinary one. */
export function expandMacro(at: number, name: string, target: Expression | undefined, args: readonly Expression[]): Expression | undefined {
  if (!target) return name === 'has' && args.length === 1 ? presenceTest(at, args[0] as Expression) : undefined
  if (target.type === 'identifier' && target.name === 'cel' && name === 'bind' && args.length === 3) return bind(at, args)
  const macro = macros[`${name}/${args.length}`]
  return macro?.(at, target, args)
}

type Macro = (at: number, target: Expression, args: readonly Expression[]) => Expression

const macros: Readonly<Record<string, Macro>> = {
  'all/2': (at, range, args) => all(at, range, variablesOf(args, 1), args[1] as Expression),
  'all/3': (at, range, args) => all(at, range, variablesOf(args, 2), args[2] as Expression),
  'exists/2': (at, range, args) => exists(at, range, variablesOf(args, 1), args[1] as Expression),
  'exists/3': (at, range, args) => exists(at, range, variablesOf(args, 2), args[2] as Expression),
  'exists_one/2': (at, range, args) => existsOne(at, range, variablesOf(args, 1), args[1] as Expression),
  'existsOne/2': (at, range, args) => existsOne(at, range, variablesOf(args, 1), args[1] as Expression),
  'exists_one/3': (at, range, args) => existsOne(at, range, variablesOf(args, 2), args[2] as Expression),
  'existsOne/3': (at, range, args) => existsOne(at, range, variablesOf(args, 2), args[2] as Expression),
  'map/2': (at, range, args) => transformList(at, range, variablesOf(args, 1), undefined, args[1] as Expression),
  'map/3': (at, range, args) => transformList(at, range, variablesOf(args, 1), args[1], args[2] as Expression),
  'filter/2': (at, range, args) => {
    const variables = variablesOf(args, 1)
    return transformList(at, range, variables, args[1], identifier((args[0] as Expression).at, variables[0] as string))
  },
  'transformList/3': (at, range, args) => transformList(at, range, variablesOf(args, 2), undefined, args[2] as Expression),
  'transformList/4': (at, range, args) => transformList(at, range, variablesOf(args, 2), args[2], args[3] as Expression),
  'transformMap/3': (at, range, args) => transformMap(at, range, variablesOf(args, 2), undefined, args[2] as Expression),
  'transformMap/4': (at, range, args) => transformMap(at, range, variablesOf(args, 2), args[2], args[3] as Expression),
  'transformMapEntry/3': (at, range, args) => transformMapEntry(at, range, variablesOf(args, 2), undefined, args[2] as Expression),
  'transformMapEntry/4': (at, range, args) => transformMapEntry(at, range, variablesOf(args, 2), args[2], args[3] as Expression),
  'sortBy/2': (at, range, args) => sortBy(at, range, variablesOf(args, 1), args[1] as Expression),
  'optMap/2': (at, target, args) => optionalMap(at, target, args, inner => call(at, 'optional.of', inner)),
  'optFlatMap/2': (at, target, args) => optionalMap(at, target, args, inner => inner),
}

function presenceTest(at: number, operand: Expression): Expression {
  if (operand.type !== 'select') throw new CelSyntaxError('invalid argument to has() macro', operand.at)
  return { ...operand, at, test: true }
}

function variablesOf(args: readonly Expression[], count: number): string[] {
  const names = args.slice(0, count).map(variableOf)
  if (count === 2 && names[0] === names[1]) {
    throw new CelSyntaxError(`duplicate iteration variable: ${names[0]}`, (args[1] as Expression).at)
  }
  return names
}

function variableOf(argument: Expression): string {
  if (argument.type !== 'identifier') throw new CelSyntaxError('argument must be a simple name', argument.at)
  return argument.name
}

type Loop = Pick<ComprehensionExpression, 'initial' | 'condition' | 'step' | 'result'>

const loop = (at: number, range: Expression, variables: readonly string[], parts: Loop): Expression => ({
  type: 'comprehension',
  at,
  range,
  variables,
  accumulator,
  ...parts,
})

const always = (at: number): Expression => literal(at, 'bool', true)
const result = (at: number): Expression => identifier(at, accumulator)

const all = (at: number, range: Expression, variables: readonly string[], predicate: Expression): Expression =>
  loop(at, range, variables, {
    initial: always(at),
    condition: call(at, '@not_strictly_false', result(at)),
    step: call(at, '_&&_', result(at), predicate),
    result: result(at),
  })

const exists = (at: number, range: Expression, variables: readonly string[], predicate: Expression): Expression =>
  loop(at, range, variables, {
    initial: literal(at, 'bool', false),
    condition: call(at, '@not_strictly_false', call(at, '!_', result(at))),
    step: call(at, '_||_', result(at), predicate),
    result: result(at),
  })

const existsOne = (at: number, range: Expression, variables: readonly string[], predicate: Expression): Expression =>
  loop(at, range, variables, {
    initial: literal(at, 'int', 0n),
    condition: always(at),
    step: call(at, '_?_:_', predicate, call(at, '_+_', result(at), literal(at, 'int', 1n)), result(at)),
    result: call(at, '_==_', result(at), literal(at, 'int', 1n)),
  })

function transformList(
  at: number,
  range: Expression,
  variables: readonly string[],
  filter: Expression | undefined,
  element: Expression,
): Expression {
  const appended = call(at, '_+_', result(at), { type: 'list', at, elements: [element], optional: new Set() })
  const step = filter ? call(at, '_?_:_', filter, appended, result(at)) : appended
  const initial: Expression = { type: 'list', at, elements: [], optional: new Set() }
  return loop(at, range, variables, { initial, condition: always(at), step, result: result(at) })
}

const transformMap = (
  at: number,
  range: Expression,
  variables: readonly string[],
  filter: Expression | undefined,
  value: Expression,
): Expression => mapLoop(at, range, variables, filter, call(at, '@mapInsert', result(at), identifier(at, variables[0] as string), value))

const transformMapEntry = (
  at: number,
  range: Expression,
  variables: readonly string[],
  filter: Expression | undefined,
  entry: Expression,
): Expression => mapLoop(at, range, variables, filter, call(at, '@mapInsert', result(at), entry))

function mapLoop(
  at: number,
  range: Expression,
  variables: readonly string[],
  filter: Expression | undefined,
  inserted: Expression,
): Expression {
  const step = filter ? call(at, '_?_:_', filter, inserted, result(at)) : inserted
  return loop(at, range, variables, { initial: { type: 'map', at, entries: [] }, condition: always(at), step, result: result(at) })
}

/** The list is bound to a name, since it is both what is sorted and what the keys are made from. */
function sortBy(at: number, range: Expression, variables: readonly string[], key: Expression): Expression {
  const name = '@sorted'
  const keys = transformList(at, identifier(at, name), variables, undefined, key)
  return binding(at, name, range, call(at, '@sortByAssociatedKeys', identifier(at, name), keys))
}

function bind(at: number, args: readonly Expression[]): Expression {
  return binding(at, variableOf(args[0] as Expression), args[1] as Expression, args[2] as Expression)
}

/** A loop that never runs: its accumulator is a variable that `body` can use. */
function binding(at: number, name: string, value: Expression, body: Expression): Expression {
  return {
    type: 'comprehension',
    at,
    range: { type: 'list', at, elements: [], optional: new Set() },
    variables: ['@unused'],
    accumulator: name,
    initial: value,
    condition: literal(at, 'bool', false),
    step: identifier(at, name),
    result: body,
  }
}

function optionalMap(at: number, target: Expression, args: readonly Expression[], wrap: (inner: Expression) => Expression): Expression {
  const name = variableOf(args[0] as Expression)
  const optional = '@target'
  const method = (method: string): Expression => ({
    type: 'call',
    at,
    function: method,
    target: identifier(at, optional),
    arguments: [],
  })
  const inner = binding(at, name, method('value'), args[1] as Expression)
  return binding(at, optional, target, call(at, '_?_:_', method('hasValue'), wrap(inner), call(at, 'optional.none')))
}
