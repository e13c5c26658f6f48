import type { CallExpression, Expression } from './ast.ts'
import type { Checked, ResolvedCall } from './checker.ts'
import type { CallSite, CelFunction } from './functions.ts'
import { toCel } from './json-values.ts'
import { planLogic } from './plan-logic.ts'
import { planLoop } from './plan-loop.ts'
import type { Signature } from './signature.ts'
import { isOfType, typeNameOf } from './type-of-value.ts'
import { type CelType, celTypes } from './types.ts'
import {
  ArrayList,
  CelFailure,
  type CelValue,
  EntryMap,
  MapValue,
  none,
  noOverload,
  ObjectValue,
  OptionalValue,
  StructValue,
  TypeValue,
  Unsigned,
} from './values.ts'

/** One evaluation: what is bound, what it has cost, and the variables of loops, each in a place of its own. */
export class Frame {
  cost = 0
  readonly limit: number
  readonly locals: (CelValue | CelFailure)[]
  readonly #bindings: Readonly<Record<string, unknown>>
  readonly #read = new Map<string, CelValue>()

  constructor(bindings: Readonly<Record<string, unknown>>, limit: number, locals: number) {
    this.#bindings = bindings
    this.limit = limit
    this.locals = new Array(locals)
  }

  charge(cost: number): void {
    this.cost += cost
    if (this.cost > this.limit) throw new CelFailure('operation cancelled: actual cost limit exceeded', true)
  }

  variable(name: string, type: CelType): CelValue {
    const known = this.#read.get(name)
    if (known !== undefined) return known
    const bound = this.#bindings[name]
    if (bound === undefined) throw new CelFailure(`no such attribute(s): ${name}`)
    const value = toCel(bound, type)
    this.#read.set(name, value)
    return value
  }
}

export type Step = (frame: Frame) => CelValue

/** Names of loops' variables and where their values lie. */
export interface Locals {
  readonly parent: Locals | undefined
  readonly name: string
  readonly place: number
}

export interface Planner {
  readonly plan: (expression: Expression, locals: Locals | undefined) => Step
  /** A place for one more variable of a loop. */
  readonly reserve: () => number
}

const listCost = 10
const mapCost = 30
const structCost = 40

/** Makes closures of a checked expression. */
export function planCel(checked: Checked, variables: Readonly<Record<string, CelType>>): { readonly step: Step; readonly locals: number } {
  let places = 0
  const planner: Planner = { plan, reserve: () => places++ }
  const step = plan(checked.expression, undefined)
  return { step, locals: places }

  function plan(expression: Expression, locals: Locals | undefined): Step {
    const reference = checked.references.get(expression)
    switch (expression.type) {
      case 'literal': {
        const value = expression.kind === 'uint' ? new Unsigned(expression.value as bigint) : expression.value
        return () => value
      }
      case 'identifier':
      case 'select': {
        if (reference?.type) {
          const value = new TypeValue(reference.type)
          return () => value
        }
        if (reference?.variable !== undefined) return planVariable(reference.variable, locals)
        return expression.type === 'select' ? planSelect(expression, locals) : unresolved(expression.at)
      }
      case 'call':
        return planCall(expression, locals)
      case 'list':
        return planList(expression, locals)
      case 'map':
        return planMap(expression, locals)
      case 'struct':
        return planStruct(expression, locals)
      case 'comprehension':
        return planLoop(planner, expression, locals)
    }
  }

  function planVariable(name: string, locals: Locals | undefined): Step {
    for (let at = locals; at; at = at.parent) {
      if (at.name !== name) continue
      const { place } = at
      return frame => {
        frame.charge(1)
        const value = frame.locals[place] as CelValue | CelFailure
        if (value instanceof CelFailure) throw value
        return value
      }
    }
    const type = variables[name] ?? celTypes.dyn
    return frame => {
      frame.charge(1)
      return frame.variable(name, type)
    }
  }

  function planSelect({ operand, field, test }: Expression & { type: 'select' }, locals: Locals | undefined): Step {
    const from = plan(operand, locals)
    if (test) return frame => isPresent(from(frame), field)
    return frame => {
      const value = from(frame)
      frame.charge(1)
      const found = selectField(value, field)
      // They are decoded whenever they are read.
      if (found instanceof Uint8Array) frame.charge(Math.floor(found.length / 1000))
      return found
    }
  }

  function planCall(expression: CallExpression, locals: Locals | undefined): Step {
    if (expression.function === '_?._') return planOptionalSelect(expression, locals)
    const resolved = checked.calls.get(expression)
    if (!resolved) return unresolved(expression.at)
    const args = resolved.arguments.map(argument => plan(argument, locals))
    return planLogic(resolved.function.name, args) ?? planFunction(resolved, args)
  }

  function planFunction({ function: called, signatures, arguments: parts }: ResolvedCall, args: readonly Step[]): Step {
    // Types that the checker knows need no look at the values.
    const isKnown = signatures.length === 1 && parts.every((part, index) => isSettled(part, signatures[0] as Signature, index))
    const receiver = signatures[0]?.receiver === true
    const site: CallSite = {}
    const { cost } = called
    return frame => {
      const values = args.map(argument => argument(frame))
      if (!isKnown) requireSignature(called, receiver, values)
      if (cost?.isChargedFirst) {
        frame.charge(cost.actual(values, null))
        const result = called.evaluate(values, site)
        if (cost.ofResult) frame.charge(cost.ofResult(result))
        return result
      }
      const result = called.evaluate(values, site)
      frame.charge(cost ? cost.actual(values, result) : 1)
      return result
    }
  }

  function isSettled(part: Expression, { parameters }: Signature, index: number): boolean {
    const wanted = (parameters[index] as CelType).kind
    return wanted === 'dyn' || wanted === 'parameter' || checked.types.get(part)?.kind === wanted
  }

  function planOptionalSelect({ arguments: [operand, field] }: CallExpression, locals: Locals | undefined): Step {
    const from = plan(operand as Expression, locals)
    const name = field?.type === 'literal' ? (field.value as string) : ''
    return frame => {
      const value = from(frame)
      frame.charge(1)
      return selectOptional(value, name)
    }
  }

  function planList({ elements, optional }: Expression & { type: 'list' }, locals: Locals | undefined): Step {
    const steps = elements.map(element => plan(element, locals))
    return frame => {
      frame.charge(listCost)
      const values: CelValue[] = []
      steps.forEach((element, index) => {
        const value = optional.has(index) ? optionalContent(element(frame)) : element(frame)
        if (value !== undefined) values.push(value)
      })
      return new ArrayList(values)
    }
  }

  function planMap({ entries }: Expression & { type: 'map' }, locals: Locals | undefined): Step {
    const steps = entries.map(entry => ({ key: plan(entry.key, locals), value: plan(entry.value, locals), optional: entry.optional }))
    return frame => {
      frame.charge(mapCost)
      const made = new EntryMap()
      for (const { key, value, optional } of steps) {
        const name = key(frame)
        const content = optional ? optionalContent(value(frame)) : value(frame)
        if (content !== undefined && !made.insert(name, content)) throw new CelFailure(`Failed with repeated key`)
      }
      return made
    }
  }

  function planStruct(expression: Expression & { type: 'struct' }, locals: Locals | undefined): Step {
    const type = checked.references.get(expression)?.type
    if (type?.kind !== 'object') return unresolved(expression.at)
    const steps = expression.fields.map(({ name, value, optional }) => ({ name, value: plan(value, locals), optional }))
    return frame => {
      frame.charge(structCost)
      const fields = new Map<string, CelValue>()
      for (const { name, value, optional } of steps) {
        const content = optional ? optionalContent(value(frame)) : value(frame)
        if (content !== undefined) fields.set(name, content)
      }
      return new StructValue(type, fields)
    }
  }
}

// Checking refuses such expressions: whoever gets here planned one with issues.
function unresolved(at: number): Step {
  throw new Error(`plan an expression: the part at offset ${at} was not resolved by checking`)
}

function requireSignature({ name, signatures }: CelFunction, receiver: boolean, values: readonly CelValue[]): void {
  for (const candidate of signatures) {
    if (candidate.receiver !== receiver || candidate.parameters.length !== values.length) continue
    if (values.every((value, index) => isOfType(value, candidate.parameters[index] as CelType))) return
  }
  throw new CelFailure(`no such overload: ${name}(${values.map(typeNameOf).join(', ')})`)
}

export function selectField(value: CelValue, field: string): CelValue {
  const found = memberOf(value, field)
  if (found !== undefined) return found
  throw new CelFailure(`no such key: ${field}`)
}

function memberOf(value: CelValue, field: string): CelValue | undefined {
  if (value instanceof ObjectValue || value instanceof MapValue) return value.find(field)
  if (value instanceof OptionalValue) return selectOptional(value, field)
  throw noOverload()
}

function isPresent(value: CelValue, field: string): boolean {
  if (value instanceof OptionalValue) return value.value !== undefined && isPresent(value.value, field)
  if (value instanceof ObjectValue || value instanceof MapValue) return value.find(field) !== undefined
  throw noOverload()
}

function selectOptional(value: CelValue, field: string): OptionalValue {
  const from = value instanceof OptionalValue ? value.value : value
  if (from === undefined) return none
  const found = memberOf(from, field)
  if (found === undefined) return none
  return found instanceof OptionalValue ? found : new OptionalValue(found)
}

function optionalContent(value: CelValue): CelValue | undefined {
  if (value instanceof OptionalValue) return value.value
  throw new CelFailure(`expected optional_type but found ${typeNameOf(value)}`)
}
