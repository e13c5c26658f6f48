import type { CallExpression, ComprehensionExpression, Expression } from './ast.ts'
import type { Locals, Planner, Step } from './plan.ts'
import { attempt } from './plan-logic.ts'
import { ArrayList, CelFailure, type CelValue, EntryMap, ListValue, MapValue } from './values.ts'

/** A comprehension. Lists and maps that grow by it are grown in place: nobody else has seen them yet. */
export function planLoop(planner: Planner, expression: ComprehensionExpression, locals: Locals | undefined): Step {
  const accumulator: Locals = { parent: locals, name: expression.accumulator, place: planner.reserve() }
  const variables = expression.variables.reduce<Locals>((parent, name) => ({ parent, name, place: planner.reserve() }), accumulator)
  const places = expression.variables.map(name => placeOf(variables, name))
  const range = planner.plan(expression.range, locals)
  const initial = planner.plan(expression.initial, locals)
  const isEndless = expression.condition.type === 'literal' && expression.condition.value === true
  const condition = planner.plan(expression.condition, variables)
  const growth = planGrowth(planner, expression, variables)
  const step = growth ?? planner.plan(expression.step, variables)
  const result = planner.plan(expression.result, accumulator)
  const isBinding = expression.condition.type === 'literal' && expression.condition.value === false

  return frame => {
    if (isBinding) {
      frame.charge(listCost)
      frame.locals[accumulator.place] = initial(frame)
      return result(frame)
    }
    const over = range(frame)
    const before = initial(frame)
    frame.locals[accumulator.place] = growth ? growing(before) : before
    for (const [first, second] of pairsOf(over, places.length)) {
      frame.locals[places[0] as number] = first
      if (places[1] !== undefined) frame.locals[places[1]] = second
      if (!isEndless && condition(frame) !== true) break
      const next: CelValue | CelFailure = attempt(step, frame)
      if (isEndless && next instanceof CelFailure) throw next
      frame.locals[accumulator.place] = next
    }
    return result(frame)
  }
}

// The empty list that a binding ranges over.
const listCost = 10

function placeOf(locals: Locals, name: string): number {
  for (let at: Locals | undefined = locals; at; at = at.parent) if (at.name === name) return at.place
  throw new Error(`plan a loop: no place for ${name}`)
}

/** One variable takes elements or keys; two take index or key, and value. */
function* pairsOf(over: CelValue, variables: number): Generator<readonly [CelValue, CelValue]> {
  if (over instanceof ListValue) {
    for (let index = 0; index < over.size; index++) yield variables === 1 ? [over.at(index), null] : [BigInt(index), over.at(index)]
  } else if (over instanceof MapValue) {
    for (const key of over.keys()) yield [key, variables === 1 ? null : (over.find(key) as CelValue)]
  } else {
    throw new CelFailure('no such overload')
  }
}

class GrowingList extends ArrayList {
  push(value: CelValue): void {
    ;(this.values as CelValue[]).push(value)
  }
}

const growing = (before: CelValue): CelValue => (before instanceof EntryMap ? new EntryMap() : new GrowingList([]))

/** The step of a loop that begins with an empty list or map and adds to it, with or without a filter. */
function planGrowth(planner: Planner, { initial, step }: ComprehensionExpression, locals: Locals): Step | undefined {
  const isEmptyList = initial.type === 'list' && initial.elements.length === 0
  const isEmptyMap = initial.type === 'map' && initial.entries.length === 0
  if (step.type !== 'call' || (!isEmptyList && !isEmptyMap)) return undefined
  if (step.function === '_?_:_') {
    const [filter, added, kept] = step.arguments as [Expression, Expression, Expression]
    const add = added.type === 'call' && isAccumulator(kept) ? planAddition(planner, added, locals) : undefined
    if (!add) return undefined
    const test = planner.plan(filter, locals)
    const keep = planner.plan(kept, locals)
    return frame => {
      const isWanted = test(frame)
      if (typeof isWanted !== 'boolean') throw new CelFailure('no such overload')
      return isWanted ? add(frame) : keep(frame)
    }
  }
  return planAddition(planner, step, locals)
}

const isAccumulator = (part: Expression | undefined): boolean => part?.type === 'identifier' && part.name === '@result'

function planAddition(planner: Planner, step: CallExpression, locals: Locals): Step | undefined {
  const [into, first, second] = step.arguments
  if (!into || !first || !isAccumulator(into)) return undefined
  const target = planner.plan(into, locals)
  if (step.function === '_+_' && first.type === 'list' && first.elements.length === 1) {
    const element = planner.plan(first.elements[0] as Expression, locals)
    return frame => {
      const list = target(frame)
      frame.charge(listCost + 1)
      const value = element(frame)
      ;(list as GrowingList).push(value)
      return list
    }
  }
  if (step.function !== '@mapInsert') return undefined
  const key = planner.plan(first, locals)
  const value = second && planner.plan(second, locals)
  return frame => {
    const map = target(frame) as EntryMap
    frame.charge(1)
    if (value) insert(map, key(frame), value(frame))
    else insertAll(map, key(frame))
    return map
  }
}

function insert(map: EntryMap, key: CelValue, value: CelValue): void {
  if (!map.insert(key, value)) throw new CelFailure(`insert failed: key ${String(key)} already exists`)
}

function insertAll(map: EntryMap, entries: CelValue): void {
  if (!(entries instanceof MapValue)) throw new CelFailure('no such overload')
  for (const key of entries.keys()) insert(map, key, entries.find(key) as CelValue)
}
