import type { CallExpression, ComprehensionExpression, Expression, IdentifierExpression } from './ast.ts'
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

/** A value that is reached from a variable through members and elements: what is declared there, if anything is. */
interface Place {
  readonly type: CelType | undefined
}

/** Where a value comes from decides how large it can be: a place with a declared type, or what was computed. */
interface Origin {
  readonly place: Place | undefined
  readonly size: Range | undefined
  /** Of a list that is made here: the sizes of its elements. */
  readonly elementSize?: Range | undefined
  /** What an optional value holds, as declared. */
  readonly within?: CelType | undefined
}

interface Scope {
  readonly parent: Scope | undefined
  readonly name: string
  readonly origin: Origin
}

interface Estimate extends Origin {
  readonly cost: Range
}

const computed = (cost: Range, size?: Range): Estimate => ({ cost, place: undefined, size })

/** The least and the most that an evaluation can cost, from the sizes that declared types allow. */
export function estimateCost(
  { expression: whole, types, references, calls }: Checked,
  variables: Readonly<Record<string, CelType>>,
): CostEstimate {
  // Upstream follows the way to a value from the type of `self`, whatever variable it starts from, and takes a value that
  // was computed for `self` itself once a member or an element of it is asked for. Which rules may be created depends on it.
  const root = Object.hasOwn(variables, 'self') ? variables.self : undefined
  return estimate(whole, undefined).cost

  function estimate(part: Expression, scope: Scope | undefined): Estimate {
    const found = part.type === 'identifier' ? { ...originOf(part.name, scope), cost: exactly(1) } : estimatePart(part, scope)
    if (root && found.place?.type) return part.type === 'identifier' ? { ...found, size: undefined } : found
    if (isOfOneUnit(types.get(part))) return { ...found, size: exactly(1) }
    return found
  }

  function estimatePart(part: Exclude<Expression, IdentifierExpression>, scope: Scope | undefined): Estimate {
    switch (part.type) {
      case 'literal':
        return computed(exactly(0), literalSize(part.value))
      case 'select':
        return estimateSelect(part, scope)
      case 'call':
        return estimateCall(part, scope)
      case 'list':
        return estimateList(part.elements, scope)
      case 'map': {
        const parts = part.entries.flatMap(({ key, value }) => [key, value])
        return computed(sum(parts, scope, 30), exactly(part.entries.length))
      }
      case 'struct': {
        const parts = part.fields.map(({ value }) => value)
        return computed(sum(parts, scope, 40))
      }
      case 'comprehension':
        return estimateLoop(part, scope)
    }
  }

  function estimateList(elements: readonly Expression[], scope: Scope | undefined): Estimate {
    const estimates = elements.map(element => estimate(element, scope))
    const cost = estimates.map(one => one.cost).reduce(addRanges, exactly(10))
    const elementSize = estimates.map(sizeOf).reduce(unionOfRanges, exactly(0))
    return { ...computed(cost, exactly(elements.length)), elementSize }
  }

  function sum(parts: readonly Expression[], scope: Scope | undefined, base: number): Range {
    return parts.reduce((cost, part) => addRanges(cost, estimate(part, scope).cost), exactly(base))
  }

  function originOf(name: string, scope: Scope | undefined): Origin {
    for (let at = scope; at; at = at.parent) if (at.name === name) return at.origin
    if (!Object.hasOwn(variables, name)) return { place: undefined, size: undefined }
    const type = variables[name]
    return { place: { type: root ?? type }, size: undefined, within: type && isOptional(type) ? type.parameters[0] : undefined }
  }

  function estimateSelect(part: Expression & { type: 'select' }, scope: Scope | undefined): Estimate {
    if (references.get(part)?.type) return computed(exactly(1))
    const operand = estimate(part.operand, scope)
    if (part.test) return computed(operand.cost)
    const kind = types.get(part.operand)?.kind
    const cost = kind === 'map' || kind === 'object' || kind === 'parameter' ? addRanges(operand.cost, exactly(1)) : operand.cost
    const place = operand.place ? memberPlace(operand.place, part.field) : { type: root }
    return { cost, place, size: undefined }
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
        return computed({ min: first?.cost.min ?? 0, max: total.max })
      case '_?_:_': {
        if (!first || !second || !third) break
        const size = unionOfRanges(sizeOf(second), sizeOf(third))
        const cost = addRanges(first.cost, unionOfRanges(second.cost, third.cost))
        return { ...computed(cost, size), elementSize: unionOfElements(second, third) }
      }
      case '_[_]':
        return { cost: addRanges(total, exactly(1)), place: elementPlace(first?.place), size: first?.elementSize }
      case '_[?_]':
        return { ...computed(addRanges(total, exactly(1))), within: elementType(declaredType(first)) }
      case '_?._':
        return { ...computed(addRanges(total, exactly(1))), within: memberType(declaredType(first), literalText(part.arguments[1])) }
      default:
    }
    const parts = resolved?.arguments ?? []
    const call: CallEstimate = resolved?.function.cost?.estimate(args.map((one, index) => argumentOf(one, parts[index]))) ?? {
      cost: exactly(1),
    }
    const cost = addRanges(total, call.cost)
    if (part.function === '_+_') return { ...computed(cost, call.size), elementSize: unionOfElements(first, second) }
    return passedThrough(part, first, computed(cost, call.size))
  }

  // What an optional or a conversion holds is what went in.
  function passedThrough(part: CallExpression, first: Estimate | undefined, found: Estimate): Estimate {
    if (!first || !/^(?:value|orValue|or|optional\.of|dyn|string)$/.test(part.function)) return found
    // The text of a number is longer than the number.
    if (part.function === 'string' && isOfOneUnit(types.get(part.target ?? (part.arguments[0] as Expression)))) return found
    const within = declaredType(first)
    const size = within?.maxElements === undefined ? first.size : { min: 0, max: within.maxElements }
    return { ...found, size: size ?? found.size, elementSize: first.elementSize, within }
  }

  function argumentOf(argument: Estimate, part: Expression | undefined): EstimatedArgument {
    const type = part && types.get(part)
    const isList = type?.kind === 'list'
    const kind = isList ? type.element.kind : undefined
    const isText = kind === 'string' || kind === 'bytes'
    const declared = argument.place?.type
    const elementSize = (declared?.kind === 'list' ? declaredSize(declared.element) : argument.elementSize) ?? unbounded
    const number = part?.type === 'literal' && typeof part.value === 'bigint' ? part.value : undefined
    return { size: sizeOf(argument), isList, isText: type?.kind === 'string', number, ...(isText && { elementSize }) }
  }

  function estimateLoop(part: ComprehensionExpression, scope: Scope | undefined): Estimate {
    const range = estimate(part.range, scope)
    const initial = estimate(part.initial, scope)
    const outer: Scope = { parent: scope, name: part.accumulator, origin: initial }
    if (part.variables[0] === '@unused') {
      const body = estimate(part.result, outer)
      return { ...body, place: undefined, size: knownSize(body), cost: addRanges(addRanges(range.cost, initial.cost), body.cost) }
    }
    const inner = part.variables.reduce<Scope>((parent, name, index) => {
      const place = loopPlace(range.place, part.variables.length, index)
      return { parent, name, origin: { place, size: index === part.variables.length - 1 ? range.elementSize : undefined } }
    }, outer)
    const condition = estimate(part.condition, inner)
    const step = estimate(part.step, inner)
    const result = estimate(part.result, outer)
    const count = sizeOf(range)
    const cost = [range.cost, initial.cost, multiplyRanges(count, addRanges(condition.cost, step.cost)), result.cost].reduce(addRanges)
    const kind = types.get(part.initial)?.kind
    if (kind !== 'list' && kind !== 'map') return computed(cost)
    return { ...computed(cost, { min: 0, max: count.max }), elementSize: step.elementSize }
  }

  // Upstream knows the values of a map by index only, but those of devices by name too.
  function memberPlace({ type }: Place, field: string): Place {
    return { type: root && type?.kind === 'map' ? undefined : memberType(type, field) }
  }

  function elementPlace(from: Place | undefined): Place {
    return from ? { type: elementType(from.type) } : { type: root }
  }

  function loopPlace(from: Place | undefined, variables: number, index: number): Place {
    if (!from) return { type: root }
    if (from.type?.kind === 'map') return { type: index === 0 ? from.type.key : from.type.value }
    return { type: from.type?.kind === 'list' && (variables === 1 || index === 1) ? from.type.element : undefined }
  }
}

function unionOfElements(first: Estimate | undefined, second: Estimate | undefined): Range | undefined {
  return first?.elementSize && second?.elementSize && unionOfRanges(first.elementSize, second.elementSize)
}

const declaredType = (from: Estimate | undefined): CelType | undefined => from?.within ?? from?.place?.type

const knownSize = ({ size, place }: Origin): Range | undefined => size ?? (place?.type && declaredSize(place.type))

/** What a definition declares as numbers, truth values and objects has no length and counts nothing. What has one and no limit can be of any size. */
function declaredSize({ kind, maxElements }: CelType): Range | undefined {
  if (maxElements !== undefined) return { min: 0, max: maxElements }
  return hasLength.has(kind) ? undefined : exactly(0)
}

const hasLength: ReadonlySet<CelType['kind']> = new Set(['list', 'map', 'string', 'bytes', 'dyn'])

const sizeOf = (origin: Origin): Range => knownSize(origin) ?? unbounded

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
      return isOptional(type) ? isOfOneUnit(type.parameters[0]) : true
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
