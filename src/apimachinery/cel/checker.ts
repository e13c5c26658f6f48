import type { CallExpression, ComprehensionExpression, Expression, ListExpression, MapExpression, StructExpression } from './ast.ts'
import type { CelFunction } from './functions.ts'
import { issueAt } from './issues.ts'
import { functionNamed } from './library.ts'
import { validateLiterals } from './literal-checks.ts'
import type { CelEnvironment, CelIssue } from './program.ts'
import type { Signature } from './signature.ts'
import { typeNamed } from './type-names.ts'
import { type CelType, celTypes, fieldOf, formatType, isOptional, listOf, mapOf, optionalOf, parameter, typeOf } from './types.ts'
import { instantiate, isAssignable, Substitution, sameType, substitute } from './unify.ts'

/** What is known about an expression after checking: the type of each part, and what names and calls stand for. */
export interface Checked {
  readonly expression: Expression
  readonly types: ReadonlyMap<Expression, CelType>
  /** Identifiers and chains of names that are a variable, or a type where `type` is set. */
  readonly references: ReadonlyMap<Expression, Reference>
  readonly calls: ReadonlyMap<Expression, ResolvedCall>
  readonly issues: readonly CelIssue[]
}

export type Reference = { readonly variable: string; readonly type?: undefined } | { readonly type: CelType; readonly variable?: undefined }

export interface ResolvedCall {
  readonly function: CelFunction
  /** The target first, where it is one. */
  readonly arguments: readonly Expression[]
  /** The signatures that fit; at run time dynamic arguments choose. */
  readonly signatures: readonly Signature[]
}

/** Nobody reads more. */
const mostIssues = 100

interface Scope {
  readonly parent: Scope | undefined
  readonly variables: ReadonlyMap<string, CelType>
}

export function checkCel(source: string, expression: Expression, environment: CelEnvironment): Checked {
  const types = new Map<Expression, CelType>()
  const references = new Map<Expression, Reference>()
  const calls = new Map<Expression, ResolvedCall>()
  const found: { at: number; message: string }[] = []
  const substitution = new Substitution()
  let instances = 0

  const report = (at: number, message: string): CelType => {
    found.push({ at, message })
    return celTypes.dyn
  }
  const shown = (type: CelType): string => formatType(substitute(substitution, type, true))
  const fits = (wanted: CelType, given: CelType): boolean => {
    const mark = substitution.mark()
    if (isAssignable(substitution, wanted, given)) return true
    substitution.rollBack(mark)
    return false
  }

  const resultType = check(expression, undefined)
  const { results } = environment
  const isWanted = results === undefined || results.some(wanted => fits(wanted, resultType))
  validateLiterals(expression, report)
  // In the order of the text, as far as known.
  found.sort((a, b) => a.at - b.at)
  const issues = found.slice(0, mostIssues).map(({ at, message }) => issueAt(source, at, message))
  if (!isWanted && issues.length === 0) issues.push({ message: wantedMessage(results), line: 0, column: 0 })
  for (const [part, type] of types) types.set(part, substitute(substitution, type, true))
  return { expression, types, references, calls, issues }

  function check(part: Expression, scope: Scope | undefined): CelType {
    const type = typeOfPart(part, scope)
    types.set(part, type)
    return type
  }

  function typeOfPart(part: Expression, scope: Scope | undefined): CelType {
    switch (part.type) {
      case 'literal':
        return celTypes[part.kind]
      case 'identifier':
        return resolveName(part, part.name, scope) ?? report(part.at, `undeclared reference to '${part.name}' (in container '')`)
      case 'select':
        return checkSelect(part, scope)
      case 'call':
        return checkCall(part, scope)
      case 'list':
        return checkList(part, scope)
      case 'map':
        return checkMap(part, scope)
      case 'struct':
        return checkStruct(part, scope)
      case 'comprehension':
        return checkComprehension(part, scope)
    }
  }

  function resolveName(part: Expression, name: string, scope: Scope | undefined): CelType | undefined {
    for (let at = scope; at; at = at.parent) {
      const local = at.variables.get(name)
      if (local) {
        references.set(part, { variable: name })
        return local
      }
    }
    const declared = Object.hasOwn(environment.variables, name) ? environment.variables[name] : undefined
    if (declared) {
      references.set(part, { variable: name })
      return declared
    }
    const named = typeNamed(name) ?? environment.constructible?.(name)
    if (!named) return undefined
    references.set(part, { type: named })
    return typeOf(named)
  }

  function checkSelect(part: Expression & { type: 'select' }, scope: Scope | undefined): CelType {
    const dotted = part.test ? undefined : dottedName(part)
    const head = dotted?.split('.')[0]
    const isDeclared = dotted !== undefined && Object.hasOwn(environment.variables, dotted)
    if (dotted !== undefined && head !== undefined && (isDeclared ? !isLocal(head, scope) : !isVariable(head, scope))) {
      const whole = resolveName(part, dotted, scope)
      if (whole) return whole
    }
    const operand = substitute(substitution, check(part.operand, scope), false)
    const type = selectFrom(operand, part.field, part.at)
    return part.test ? celTypes.bool : type
  }

  function isVariable(name: string, scope: Scope | undefined): boolean {
    return isLocal(name, scope) || Object.hasOwn(environment.variables, name)
  }

  function isLocal(name: string, scope: Scope | undefined): boolean {
    for (let at = scope; at; at = at.parent) if (at.variables.has(name)) return true
    return false
  }

  function selectFrom(operand: CelType, field: string, at: number): CelType {
    if (isOptional(operand)) {
      const inner = selectFrom(substitute(substitution, operand.parameters[0] as CelType, false), field, at)
      return isOptional(inner) ? inner : optionalOf(inner)
    }
    switch (operand.kind) {
      case 'map':
        return operand.value
      case 'object':
        return fieldOf(operand, field)?.type ?? report(at, `undefined field '${field}'`)
      case 'dyn':
      case 'parameter':
        return celTypes.dyn
      default:
        return report(at, `type '${shown(operand)}' does not support field selection`)
    }
  }

  function checkCall(part: CallExpression, scope: Scope | undefined): CelType {
    if (part.function === '_?._') return checkOptionalSelect(part, scope)
    const qualified = part.target && qualifiedFunction(part.target, part.function, scope)
    const target = qualified ? undefined : part.target
    const declared = qualified ?? functionNamed(part.function)
    const args = target ? [target, ...part.arguments] : part.arguments
    const isFormat = target !== undefined && part.function === 'format'
    const given = args.map(argument => (isFormat && argument.type === 'list' ? checkMixedList(argument, scope) : check(argument, scope)))
    if (!declared) return report(part.at, `undeclared reference to '${part.function}' (in container '')`)
    return resolveOverload(part, declared, target !== undefined, args, given)
  }

  function qualifiedFunction(target: Expression, name: string, scope: Scope | undefined): CelFunction | undefined {
    const dotted = dottedName(target)
    if (dotted === undefined || isVariable(dotted.split('.')[0] as string, scope)) return undefined
    return functionNamed(`${dotted}.${name}`)
  }

  function checkOptionalSelect(part: CallExpression, scope: Scope | undefined): CelType {
    const [operandPart, fieldPart] = part.arguments as [Expression, Expression]
    const operand = substitute(substitution, check(operandPart, scope), false)
    check(fieldPart, scope)
    const field = fieldPart.type === 'literal' ? (fieldPart.value as string) : ''
    const type = selectFrom(operand, field, part.at)
    return isOptional(type) ? type : optionalOf(type)
  }

  function resolveOverload(
    part: CallExpression,
    declared: CelFunction,
    receiver: boolean,
    args: readonly Expression[],
    given: readonly CelType[],
  ): CelType {
    const fitting: Signature[] = []
    let result: CelType | undefined
    for (const candidate of declared.signatures) {
      if (candidate.receiver !== receiver || candidate.parameters.length !== given.length) continue
      const suffix = `#${instances++}`
      const mark = substitution.mark()
      const isFitting = candidate.parameters.every((wanted, index) =>
        isAssignable(substitution, instantiate(wanted, suffix), given[index] as CelType),
      )
      if (!isFitting) {
        substitution.rollBack(mark)
        continue
      }
      fitting.push(candidate)
      const type = substitute(substitution, instantiate(candidate.result, suffix), false)
      if (result === undefined) result = type
      else if (result.kind !== 'dyn' && !sameType(result, type)) result = celTypes.dyn
    }
    if (result === undefined) return report(part.at, noOverload(declared.name, receiver, given))
    calls.set(part, { function: declared, arguments: args, signatures: fitting })
    return result
  }

  function noOverload(name: string, receiver: boolean, given: readonly CelType[]): string {
    const [first, ...rest] = given.map(shown)
    const list = receiver ? `${first}.(${rest.join(', ')})` : `(${given.map(shown).join(', ')})`
    return `found no matching overload for '${name}' applied to '${list}'`
  }

  function checkList({ elements, optional }: ListExpression, scope: Scope | undefined): CelType {
    let element: CelType | undefined
    elements.forEach((one, index) => {
      const type = check(one, scope)
      element = joined(element, optional.has(index) ? contentOf(type, one.at) : type, one.at)
    })
    return listOf(element ?? parameter(`E#${instances++}`))
  }

  /** What is to be formatted may be of different types. */
  function checkMixedList(part: ListExpression, scope: Scope | undefined): CelType {
    for (const one of part.elements) check(one, scope)
    const type = listOf(celTypes.dyn)
    types.set(part, type)
    return type
  }

  function checkMap({ entries }: MapExpression, scope: Scope | undefined): CelType {
    let key: CelType | undefined
    let value: CelType | undefined
    for (const entry of entries) {
      key = joined(key, check(entry.key, scope), entry.key.at)
      const type = check(entry.value, scope)
      value = joined(value, entry.optional ? contentOf(type, entry.value.at) : type, entry.value.at)
    }
    return mapOf(key ?? parameter(`K#${instances++}`), value ?? parameter(`V#${instances++}`))
  }

  /** What an entry marked with `?` adds. */
  function contentOf(type: CelType, at: number): CelType {
    const resolved = substitute(substitution, type, false)
    if (isOptional(resolved)) return resolved.parameters[0] as CelType
    if (resolved.kind === 'dyn') return resolved
    return report(at, `expected type 'optional_type(${shown(resolved)})' but found '${shown(resolved)}'`)
  }

  // Literals hold values of one type.
  function joined(before: CelType | undefined, type: CelType, at: number): CelType {
    if (before === undefined) return type
    if (fits(before, type)) return substitute(substitution, type, false).kind === 'dyn' ? type : before
    return report(at, `expected type '${shown(before)}' but found '${shown(type)}'`)
  }

  function checkStruct(part: StructExpression, scope: Scope | undefined): CelType {
    const type = environment.constructible?.(part.name)
    if (type?.kind !== 'object') {
      for (const field of part.fields) check(field.value, scope)
      if (type || typeNamed(part.name)) return report(part.at, `'${part.name}' is not a message type`)
      return report(part.at, `undeclared reference to '${part.name}' (in container '')`)
    }
    references.set(part, { type })
    for (const field of part.fields) {
      const given = check(field.value, scope)
      const wanted = fieldOf(type, field.name)?.type
      if (!wanted) report(field.at, `undefined field '${field.name}'`)
      else if (!fits(wanted, field.optional ? contentOf(given, field.at) : given)) {
        report(field.at, `expected type of field '${field.name}' is '${shown(wanted)}' but provided type is '${shown(given)}'`)
      }
    }
    return type
  }

  function checkComprehension(part: ComprehensionExpression, scope: Scope | undefined): CelType {
    const range = substitute(substitution, check(part.range, scope), false)
    const initial = check(part.initial, scope)
    const outer: Scope = { parent: scope, variables: new Map([[part.accumulator, initial]]) }
    const [first, second] = loopTypes(range, part)
    const variables = new Map<string, CelType>()
    if (part.variables.length === 1)
      variables.set(part.variables[0] as string, second === undefined || range.kind === 'map' ? first : second)
    else {
      variables.set(part.variables[0] as string, first)
      variables.set(part.variables[1] as string, second ?? celTypes.dyn)
    }
    const inner: Scope = { parent: outer, variables }
    expectType(celTypes.bool, check(part.condition, inner), part.condition.at)
    expectType(initial, check(part.step, inner), part.step.at)
    return check(part.result, outer)
  }

  /** Key or index, and value. */
  function loopTypes(range: CelType, part: ComprehensionExpression): [CelType, CelType | undefined] {
    switch (range.kind) {
      case 'list':
        return [celTypes.int, known(range.element)]
      case 'map':
        return [known(range.key), known(range.value)]
      case 'dyn':
      case 'parameter':
        return [celTypes.dyn, celTypes.dyn]
      default: {
        const message = `expression of type '${shown(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`
        report(part.range.at, message)
        return [celTypes.dyn, celTypes.dyn]
      }
    }
  }

  /** Of an empty list or map nobody knows what it would hold. */
  function known(type: CelType): CelType {
    const resolved = substitute(substitution, type, false)
    return resolved.kind === 'parameter' ? celTypes.dyn : resolved
  }

  function expectType(wanted: CelType, given: CelType, at: number): void {
    if (!fits(wanted, given)) report(at, `expected type '${shown(wanted)}' but found '${shown(given)}'`)
  }
}

/** `a.b.c` of a chain of plain selections. */
function dottedName(part: Expression): string | undefined {
  if (part.type === 'identifier') return part.name
  if (part.type !== 'select' || part.test) return undefined
  const head = dottedName(part.operand)
  return head === undefined ? undefined : `${head}.${part.field}`
}

function wantedMessage(results: readonly CelType[] = []): string {
  const names = results.map(formatType)
  return names.length === 1 ? `must evaluate to ${names[0]}` : `must evaluate to one of [${names.join(' ')}]`
}
