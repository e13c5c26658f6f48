import type { CallExpression, ComprehensionExpression, Expression } from './ast.ts'
import type { Checked } from './checker.ts'
import {
  addRanges,
  type CallEstimate,
  type EstimatedArgument,
  exactly,
  multiplyRanges,
  type Range,
  unbounded,
  unionOfRanges,
} from './function-cost.ts'
import type { CostEstimate } from './program.ts'
import { type CelType, fieldOf, isOptional } from './types.ts'
import { codePointCount } from './values.ts'

/** Where a value comes from decides how large it can be: a declared type, or what was computed. */
interface Origin {
  readonly type: CelType | undefined
  readonly size: Range | undefined
  /** Of a list that is written out: the sizes of its elements. */
  readonly elementSize?: Range
}

interface Scope {
  readonly parent: Scope | undefined
  readonly name: string
  readonly origin: Origin
}

interface Estimate extends Origin {
  readonly cost: Range
}

/** The least and the most that an evaluation can cost, from the sizes that declared types allow. */
export function estimateCost(
  { expression: whole, types, references, calls }: Checked,
  variables: Readonly<Record<string, CelType>>,
): CostEstimate {
  return estimate(whole, undefined).cost

  function estimate(part: Expression, scope: Scope | undefined): Estimate {
    const found = estimatePart(part, scope)
    return isOfOneUnit(types.get(part)) ? { ...found, size: exactly(1) } : found
  }

  function estimatePart(part: Expression, scope: Scope | undefined): Estimate {
    switch (part.type) {
      case 'literal':
        return { cost: exactly(0), type: undefined, size: literalSize(part.value) }
      case 'identifier':
        return { ...originOf(part.name, scope), cost: exactly(1) }
      case 'select':
        return estimateSelect(part, scope)
      case 'call':
        return estimateCall(part, scope)
      case 'list':
        return estimateList(part.elements, scope)
      case 'map': {
        const parts = part.entries.flatMap(({ key, value }) => [key, value])
        return { cost: sum(parts, scope, 30), type: undefined, size: exactly(part.entries.length) }
      }
      case 'struct': {
        const parts = part.fields.map(({ value }) => value)
        return { cost: sum(parts, scope, 40), type: undefined, size: undefined }
      }
      case 'comprehension':
        return estimateLoop(part, scope)
    }
  }

  function estimateList(elements: readonly Expression[], scope: Scope | undefined): Estimate {
    const estimates = elements.map(element => estimate(element, scope))
    const cost = estimates.map(one => one.cost).reduce(addRanges, exactly(10))
    const elementSize = estimates.map(sizeOf).reduce(unionOfRanges, exactly(0))
    return { cost, type: undefined, size: exactly(elements.length), elementSize }
  }

  function sum(parts: readonly Expression[], scope: Scope | undefined, base: number): Range {
    return parts.reduce((cost, part) => addRanges(cost, estimate(part, scope).cost), exactly(base))
  }

  function originOf(name: string, scope: Scope | undefined): Origin {
    for (let at = scope; at; at = at.parent) if (at.name === name) return at.origin
    return { type: Object.hasOwn(variables, name) ? variables[name] : undefined, size: undefined }
  }

  function estimateSelect(part: Expression & { type: 'select' }, scope: Scope | undefined): Estimate {
    if (references.get(part)?.type) return { cost: exactly(1), type: undefined, size: undefined }
    const operand = estimate(part.operand, scope)
    if (part.test) return { cost: operand.cost, type: undefined, size: undefined }
    return { cost: addRanges(operand.cost, exactly(1)), type: memberType(operand.type, part.field), size: undefined }
  }

  function estimateCall(part: CallExpression, scope: Scope | undefined): Estimate {
    const resolved = calls.get(part)
    const args = (resolved?.arguments ?? part.arguments).map(argument => estimate(argument, scope))
    const costs = args.map(({ cost }) => cost)
    const total = costs.reduce(addRanges, exactly(0))
    const [first, second, third] = args
    switch (part.function) {
      case '_&&_':
      case '_||_':
        return { cost: { min: first?.cost.min ?? 0, max: total.max }, type: undefined, size: undefined }
      case '_?_:_': {
        if (!first || !second || !third) break
        const size = unionOfRanges(sizeOf(second), sizeOf(third))
        return { cost: addRanges(first.cost, unionOfRanges(second.cost, third.cost)), type: undefined, size }
      }
      case '_[_]':
      case '_[?_]':
        return { cost: addRanges(total, exactly(1)), type: elementType(first?.type), size: undefined }
      case '_?._':
        return { cost: addRanges(total, exactly(1)), type: memberType(first?.type, literalText(part.arguments[1])), size: undefined }
      default:
    }
    const parts = resolved?.arguments ?? []
    const call: CallEstimate = resolved?.function.cost?.estimate(args.map((one, index) => argumentOf(one, parts[index]))) ?? {
      cost: exactly(1),
    }
    return { cost: addRanges(total, call.cost), type: passedThrough(part, first), size: call.size }
  }

  // What an optional or a conversion holds is what went in.
  function passedThrough(part: CallExpression, first: Estimate | undefined): CelType | undefined {
    return /^(?:value|orValue|or|optional\.of|dyn|string)$/.test(part.function) ? first?.type : undefined
  }

  function argumentOf(argument: Estimate, part: Expression | undefined): EstimatedArgument {
    const type = part && types.get(part)
    const isList = type?.kind === 'list'
    const kind = isList ? type.element.kind : undefined
    const isText = kind === 'string' || kind === 'bytes'
    const element = argument.type?.kind === 'list' ? argument.type.element.maxElements : undefined
    const elementSize = element === undefined ? (argument.elementSize ?? unbounded) : { min: 0, max: element }
    return { size: sizeOf(argument), isList, isText: type?.kind === 'string', ...(isText && { elementSize }) }
  }

  function estimateLoop(part: ComprehensionExpression, scope: Scope | undefined): Estimate {
    const range = estimate(part.range, scope)
    const initial = estimate(part.initial, scope)
    if (part.variables[0] === '@unused') {
      const body = estimate(part.result, { parent: scope, name: part.accumulator, origin: initial })
      return { ...body, cost: addRanges(addRanges(range.cost, initial.cost), body.cost) }
    }
    const outer: Scope = { parent: scope, name: part.accumulator, origin: { type: undefined, size: initial.size } }
    const inner = part.variables.reduce<Scope>((parent, name, index) => {
      const type = loopType(range.type, part.variables.length, index)
      return { parent, name, origin: { type, size: undefined } }
    }, outer)
    const condition = estimate(part.condition, inner)
    const step = estimate(part.step, inner)
    const result = estimate(part.result, outer)
    const count = sizeOf(range)
    const cost = [range.cost, initial.cost, multiplyRanges(count, addRanges(condition.cost, step.cost)), result.cost].reduce(addRanges)
    const kind = types.get(part.initial)?.kind
    const isContainer = kind === 'list' || kind === 'map'
    return {
      cost,
      type: isContainer ? sameElements(part, range.type) : undefined,
      size: isContainer ? { min: 0, max: count.max } : undefined,
    }
  }
}

/** A filter's result has the elements of its range. */
function sameElements({ step, variables }: ComprehensionExpression, range: CelType | undefined): CelType | undefined {
  const appended = step.type === 'call' && step.function === '_?_:_' ? step.arguments[1] : step
  const list = appended?.type === 'call' ? appended.arguments[1] : undefined
  const element = list?.type === 'list' ? list.elements[0] : undefined
  return element?.type === 'identifier' && element.name === variables[0] && range?.kind === 'list' ? range : undefined
}

function sizeOf({ size, type }: Origin): Range {
  if (size) return size
  if (type?.maxElements !== undefined) return { min: 0, max: type.maxElements }
  return unbounded
}

/** Numbers and the like, which have no length. */
function isOfOneUnit(type: CelType | undefined): boolean {
  switch (type?.kind) {
    case 'bool':
    case 'int':
    case 'uint':
    case 'double':
    case 'timestamp':
    case 'duration':
    case 'null':
    case 'type':
    case 'object':
      return true
    case 'opaque':
      return !isOptional(type)
    default:
      return false
  }
}

function literalSize(value: unknown): Range {
  if (typeof value === 'string') return exactly(codePointCount(value))
  if (value instanceof Uint8Array) return exactly(value.length)
  return exactly(1)
}

const literalText = (part: Expression | undefined): string => (part?.type === 'literal' && typeof part.value === 'string' ? part.value : '')

const inside = (type: CelType | undefined): CelType | undefined => (type && isOptional(type) ? type.parameters[0] : type)

function memberType(from: CelType | undefined, field: string): CelType | undefined {
  const type = inside(from)
  if (type?.kind === 'map') return type.value
  return type?.kind === 'object' ? fieldOf(type, field)?.type : undefined
}

function elementType(from: CelType | undefined): CelType | undefined {
  const type = inside(from)
  if (type?.kind === 'map') return type.value
  return type?.kind === 'list' ? type.element : undefined
}

function loopType(range: CelType | undefined, variables: number, index: number): CelType | undefined {
  if (range?.kind === 'map') return index === 0 ? range.key : range.value
  if (range?.kind === 'list') return variables === 1 || index === 1 ? range.element : { kind: 'int' }
  return undefined
}
