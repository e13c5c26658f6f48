import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaulterOf, type JsonSchema, prune, settler, validateJson } from './index.ts'
import { isPruned } from './settle.ts'

/** Random schemas and values against an oracle that goes another way: on paths, by mutation, by yes and no. */

const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin) % 2 ** 31)
const count = Number(process.env.CASES ?? 4000)

function diceOf(start: number) {
  let state = start || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, once: (times: number) => below(times) === 0, pick: <T>(from: readonly T[]): T => from[below(from.length)] as T }
}
type Dice = ReturnType<typeof diceOf>

const names = ['a', 'b', 'c', 'd', 'toString', '__proto__']

function schemaOf(dice: Dice, depth: number): JsonSchema {
  const base: Record<string, unknown> = {}
  if (dice.once(6)) base.nullable = true
  const type = dice.pick(
    depth > 0
      ? ['object', 'object', 'map', 'array', 'string', 'integer', 'open', 'intOrString']
      : ['string', 'integer', 'number', 'boolean'],
  )
  switch (type) {
    case 'object': {
      const chosen = names.slice(0, 4).filter(() => dice.once(2))
      base.type = 'object'
      base.properties = Object.fromEntries(chosen.map(name => [name, schemaOf(dice, depth - 1)]))
      if (dice.once(3)) base.required = [dice.pick(names)]
      if (dice.once(6)) base['x-kubernetes-preserve-unknown-fields'] = true
      if (dice.once(6)) base.maxProperties = dice.below(4)
      break
    }
    case 'map':
      Object.assign(base, { type: 'object', additionalProperties: dice.once(5) ? true : schemaOf(dice, depth - 1) })
      if (dice.once(4)) base.minProperties = dice.below(3)
      break
    case 'array':
      Object.assign(base, { type: 'array', items: schemaOf(dice, depth - 1) })
      if (dice.once(3)) base.maxItems = dice.below(3)
      break
    case 'open':
      Object.assign(base, { 'x-kubernetes-preserve-unknown-fields': true })
      break
    case 'intOrString':
      Object.assign(base, { 'x-kubernetes-int-or-string': true })
      break
    default:
      base.type = type
      if (type === 'string' && dice.once(3)) base.minLength = dice.below(4)
      if (type === 'string' && dice.once(4)) base.enum = ['a', 'bb', 'ccc']
      if (type === 'string' && dice.once(5)) base.pattern = '^[a-c]*$'
      if (type === 'integer' && dice.once(3)) Object.assign(base, { minimum: dice.below(4), exclusiveMinimum: dice.once(2) })
      if (type === 'integer' && dice.once(4)) base.multipleOf = dice.pick([1, 2, 3])
      if (dice.once(4)) base.default = type === 'string' ? 'bb' : type === 'boolean' ? true : 6
  }
  if (depth > 0 && dice.once(5)) base[dice.pick(['anyOf', 'oneOf', 'allOf'])] = [{ required: [dice.pick(names)] }, { maxProperties: 2 }]
  if (depth > 0 && dice.once(9)) base.not = { required: [dice.pick(names)] }
  return base as JsonSchema
}

function someValue(dice: Dice, schema: JsonSchema | undefined, depth: number): unknown {
  if (dice.once(8)) return null
  if (schema && !dice.once(5)) {
    if (schema.type === 'string') return dice.pick(['a', 'bb', 'ccc', 'dddd', ''])
    if (schema.type === 'integer') return dice.below(8)
    if (schema.type === 'number') return dice.below(8) / 2
    if (schema.type === 'boolean') return dice.once(2)
    if (schema.type === 'array') return Array.from({ length: dice.below(4) }, () => someValue(dice, schema.items as JsonSchema, depth - 1))
  }
  if (depth <= 0) return dice.pick<unknown>([1, 'x', true, 2.5])
  const additional = typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined
  const chosen = names.filter(() => dice.once(2))
  return Object.fromEntries(
    chosen.map(name => [
      name,
      someValue(dice, schema?.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : additional, depth - 1),
    ]),
  )
}

/** Every path of a value, each of its ends with what is there. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (readonly [readonly (string | number)[], unknown])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  const below = Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...path, Array.isArray(value) ? Number(name) : name]))
  return [[path, Array.isArray(value) ? '[]' : '{}'], ...below]
}

/** Whether the schema lets something stand at this path, asked from the root for each path anew. */
function mayStand(schema: JsonSchema | undefined, path: readonly (string | number)[], end: unknown): boolean {
  let at = schema
  let isOpen = false
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1
    if (isOpen) return true
    if (typeof step === 'number') {
      if (at && !at.items && at['x-kubernetes-preserve-unknown-fields']) return true
      at = at?.items as JsonSchema | undefined
      continue
    }
    if (!at) return false
    const named: JsonSchema | undefined = at.properties && Object.hasOwn(at.properties, step) ? at.properties[step] : undefined
    const preserves = at['x-kubernetes-preserve-unknown-fields'] === true
    const { additionalProperties }: JsonSchema = at
    if (named) {
      if (isLast && end === null && !named.nullable) return false
      at = named
    } else if (typeof additionalProperties === 'object') {
      if (isLast && end === null && !additionalProperties.nullable && additionalProperties.default === undefined) return false
      at = additionalProperties
    } else if (additionalProperties === true) {
      if (preserves) return true
      at = undefined
    } else if (preserves) isOpen = true
    else return false
  }
  return true
}

/** Upstream's rule, read aloud: absent and forbidden nulls take the default, then what is below. */
function fill(schema: JsonSchema | undefined, value: unknown): void {
  if (!schema || typeof value !== 'object' || value === null) return
  const isMissing = (one: unknown, of: JsonSchema) => one === undefined || (one === null && of.nullable !== true)
  if (Array.isArray(value)) {
    const items = schema.items as JsonSchema | undefined
    for (let index = 0; index < value.length; index++) {
      if (items?.default !== undefined && isMissing(value[index], items)) value[index] = structuredClone(items.default)
      fill(items, value[index])
    }
    return
  }
  const members = value as Record<string, unknown>
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const own = Object.hasOwn(members, name) ? members[name] : undefined
    if (property.default !== undefined && isMissing(own, property)) members[name] = structuredClone(property.default)
    if (Object.hasOwn(members, name)) fill(property, members[name])
  }
  const { additionalProperties } = schema
  if (typeof additionalProperties !== 'object') return
  for (const name of Object.keys(members)) {
    if (schema.properties && Object.hasOwn(schema.properties, name)) continue
    if (additionalProperties.default !== undefined && isMissing(members[name], additionalProperties)) {
      Object.defineProperty(members, name, {
        value: structuredClone(additionalProperties.default),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    fill(additionalProperties, members[name])
  }
}

/** Yes or no. */
function holds(schema: JsonSchema, value: unknown): boolean {
  if (value === null)
    return (schema.nullable === true || (schema.type === undefined && !schema['x-kubernetes-int-or-string'])) && !schema.enum
  const isObject = typeof value === 'object' && !Array.isArray(value)
  const types: Record<string, boolean> = {
    object: isObject,
    array: Array.isArray(value),
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    number: typeof value === 'number',
    integer: Number.isInteger(value),
  }
  if (schema['x-kubernetes-int-or-string']) {
    if (!types.integer && !types.string) return false
  } else if (schema.type && !types[schema.type]) return false
  if (schema.enum && !schema.enum.includes(value)) return false
  if (typeof value === 'string' && (value.length < (schema.minLength ?? 0) || (schema.pattern && !new RegExp(schema.pattern).test(value))))
    return false
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && (schema.exclusiveMinimum ? value <= schema.minimum : value < schema.minimum)) return false
    if (schema.multipleOf !== undefined && value % schema.multipleOf !== 0) return false
  }
  if (Array.isArray(value)) {
    if (value.length > (schema.maxItems ?? 99)) return false
    if (schema.items && !value.every(item => holds(schema.items as JsonSchema, item))) return false
  }
  if (isObject) {
    const size = Object.keys(value as object).length
    if (size > (schema.maxProperties ?? 99) || size < (schema.minProperties ?? 0)) return false
    if (schema.required?.some(name => !Object.hasOwn(value as object, name))) return false
    for (const [name, member] of Object.entries(value as object)) {
      const known = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
      const of = known ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined)
      if (of && !holds(of, member)) return false
    }
  }
  const valid = (of: readonly JsonSchema[] = []) => of.filter(one => holds(one, value)).length
  if (schema.anyOf && valid(schema.anyOf) === 0) return false
  if (schema.oneOf && valid(schema.oneOf) !== 1) return false
  if (schema.allOf && valid(schema.allOf) !== schema.allOf.length) return false
  return !(schema.not && holds(schema.not, value))
}

test(`pruning, defaulting and validation agree with their oracles (SEED=${seed} CASES=${count})`, () => {
  const dice = diceOf(seed)
  let valid = 0
  for (let index = 0; index < count; index++) {
    const schema = schemaOf(dice, 3)
    const value = someValue(dice, schema, 4)
    const told = () => JSON.stringify({ seed, index, schema, value })
    const before = JSON.stringify(value)

    const pruned = prune(schema, value)
    const kept = pathsOf(value).filter(([path, end]) =>
      path.every((_, length) => mayStand(schema, path.slice(0, length + 1), length === path.length - 1 ? end : '')),
    )
    assert.deepEqual(pathsOf(pruned), kept, told())
    assert.equal(isPruned(schema, value), JSON.stringify(pruned) === before, told())
    assert.ok(isPruned(schema, pruned), told())

    const filled = defaulterOf(schema)?.(pruned) ?? pruned
    const oracle = structuredClone(pruned)
    fill(schema, oracle)
    assert.deepEqual(sorted(filled), sorted(oracle), told())
    assert.equal(defaulterOf(schema)?.(filled) ?? filled, filled, `twice is once: ${told()}`)

    const errors = validateJson(schema, filled)
    assert.equal(errors.length === 0, holds(schema, filled), `${told()} ${JSON.stringify(errors)}`)
    assert.deepEqual(validateJson(schema, filled, { value: filled }), [], `what stays may stay: ${told()}`)
    const ratcheted = validateJson(schema, filled, { value: someValue(dice, schema, 4) }).map(error => JSON.stringify(error))
    assert.ok(
      ratcheted.length <= errors.length || schema.anyOf !== undefined || schema.oneOf !== undefined || schema.not !== undefined,
      told(),
    )
    assert.equal(JSON.stringify(value), before, `nothing that goes in is changed: ${told()}`)
    if (errors.length === 0) valid++
    const object = { apiVersion: 'x/v1', kind: 'X', metadata: { name: 'x', labels: { a: 'b' } } }
    // At the root of a kind there are no additional properties.
    if (schema.additionalProperties === undefined) assert.deepEqual(settler(schema)(object).metadata, object.metadata, told())
  }
  assert.ok(valid > count / 20 && valid < count, `${valid} of ${count} were valid`)
})

const sorted = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, one) =>
      typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
    ) ?? 'null',
  )
