import assert from 'node:assert/strict'
import { applyStrategicMergePatch } from '../../src/apimachinery/patch/index.ts'
import { keyedList, map, object, optional, plainList, required, text } from '../../src/apimachinery/schema.ts'
import { type Dice, isObject, objectOf } from './dice.ts'

const Port = object('Port', '', { port: required(1, text, ''), name: optional(2, text, ''), host: optional(3, text, '') })
const Part = object('Part', '', {
  name: required(1, text, ''),
  image: optional(2, text, ''),
  ports: optional(3, keyedList(Port, 'port'), '', { patchStrategy: 'merge', patchMergeKey: 'port' }),
  words: optional(4, plainList(text), ''),
})
const schema = object('Thing', '', {
  parts: optional(1, keyedList(Part, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  marks: optional(2, plainList(text), '', { patchStrategy: 'merge' }),
  plain: optional(3, plainList(text), ''),
  labels: optional(4, map(text), ''),
})

/** What a thing is, said without lists: keyed items as members of an object. */
interface Model {
  readonly [name: string]: unknown
}

const mergeKeys: ReadonlyMap<string, string> = new Map([
  ['parts', 'name'],
  ['ports', 'port'],
])

/**
 * Strategic merge patches against a model in which keyed lists are maps and merged scalars are sets; items that were
 * there keep their order, and new ones follow the patch's.
 */
export function fuzzStrategicMerge(dice: Dice): void {
  const original = thing(dice)
  const patch = patchOf(dice)
  const told = JSON.stringify({ original, patch })
  const before = JSON.stringify(original)
  const result = applyStrategicMergePatch(schema, original, patch) as Record<string, unknown>
  assert.deepEqual(toModel(result), merged(toModel(original) as Model, patch), told)
  assert.equal(JSON.stringify(original), before)
  assert.deepEqual(applyStrategicMergePatch(schema, result, patch), result, `applied twice: ${told}`)
  const names = (of: Record<string, unknown>) => ((of.parts ?? []) as { name: string }[]).map(({ name }) => name)
  const untouched = names(original).filter(name => !names(patch).includes(name))
  assert.deepEqual(
    names(result).filter(name => untouched.includes(name)),
    untouched,
    told,
  )
}

function thing(dice: Dice): Record<string, unknown> {
  return members(dice, {
    parts: () => keyed(dice, 'name', ['a', 'b', 'c', 'd'], () => part(dice)),
    marks: () => [...new Set(dice.several(3, () => dice.pick(['m', 'n', 'o'])))],
    plain: () => dice.several(3, () => dice.pick(['p', 'q'])),
    labels: () => objectOf(dice.several(3, () => [dice.pick(['k', 'l', '__proto__']), dice.pick(['1', '2'])] as const)),
  })
}

const part = (dice: Dice): Record<string, unknown> =>
  members(dice, {
    image: () => dice.pick(['i', 'j']),
    ports: () => keyed(dice, 'port', ['80', '81', '82'], () => members(dice, { name: () => dice.pick(['http', 'web']), host: () => 'h' })),
    words: () => dice.several(2, () => dice.pick(['x', 'y'])),
  })

function patchOf(dice: Dice): Record<string, unknown> {
  const patch = thing(dice)
  for (const key of ['plain', 'labels', 'marks']) if (dice.once(6)) patch[key] = null
  if (Array.isArray(patch.parts)) {
    patch.parts = patch.parts.map(one =>
      dice.once(4) ? { name: one.name, $patch: 'delete' } : dice.once(4) ? { ...one, image: null } : one,
    )
  }
  if (dice.once(5)) patch['$deleteFromPrimitiveList/marks'] = dice.several(2, () => dice.pick(['n', 'o']))
  if (Array.isArray(patch.marks)) {
    const removed = (patch['$deleteFromPrimitiveList/marks'] ?? []) as string[]
    patch.marks = patch.marks.filter(mark => !removed.includes(mark as string))
  }
  return patch
}

function members(dice: Dice, makers: Readonly<Record<string, () => unknown>>): Record<string, unknown> {
  return objectOf(
    Object.entries(makers)
      .filter(() => !dice.once(3))
      .map(([key, make]) => [key, make()] as const),
  )
}

const keyed = (dice: Dice, key: string, names: readonly string[], make: () => Record<string, unknown>): Record<string, unknown>[] =>
  dice
    .shuffled(names)
    .slice(0, dice.integer(0, 3))
    .map(name => ({ [key]: name, ...make() }))

function toModel(value: unknown, key = ''): unknown {
  if (key === 'marks' && Array.isArray(value)) return value.toSorted()
  const mergeKey = mergeKeys.get(key)
  if (mergeKey && Array.isArray(value)) return objectOf(value.map(item => [item[mergeKey] as string, toModel(item)] as const))
  if (!isObject(value)) return value
  return objectOf(Object.entries(value).map(([name, member]) => [name, toModel(member, name)] as const))
}

function merged(model: Model, patch: Record<string, unknown>): Model {
  const result = new Map<string, unknown>(Object.entries(model))
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue
    if (value === null) result.delete(key)
    else result.set(key, mergedMember(key, result.get(key), value))
  }
  const removed = patch['$deleteFromPrimitiveList/marks']
  if (Array.isArray(removed) && result.has('marks'))
    result.set(
      'marks',
      (result.get('marks') as string[]).filter(mark => !removed.includes(mark)),
    )
  return objectOf(result)
}

function mergedMember(key: string, current: unknown, value: unknown): unknown {
  const mergeKey = mergeKeys.get(key)
  if (mergeKey) {
    const items = new Map<string, unknown>(Object.entries((current ?? {}) as Model))
    for (const item of value as Record<string, unknown>[]) {
      const name = item[mergeKey] as string
      if (item.$patch === 'delete') items.delete(name)
      else items.set(name, merged((items.get(name) ?? {}) as Model, item))
    }
    return objectOf(items)
  }
  if (key === 'marks') return [...new Set([...((current ?? []) as string[]), ...(value as string[])])].sort()
  return isObject(value) ? merged((current ?? {}) as Model, value) : value
}
