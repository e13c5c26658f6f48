import assert from 'node:assert/strict'
import { StatusError } from '../../src/apimachinery/api-errors.ts'
import { applyJsonPatch, applyMergePatch } from '../../src/apimachinery/patch/index.ts'
import { type Dice, isObject, objectOf, ownMember } from './dice.ts'

/** RFC 6902 against a model that copies the whole document for every operation. */
export function fuzzJsonPatch(dice: Dice): void {
  const document = { root: dice.json(4), list: dice.several(4, () => dice.json(1)), object: { a: dice.json(1), b: dice.json(1) } }
  const before = JSON.stringify(document)
  const operations = dice.several(5, () => operation(dice, document))
  const expected = outcome(() => operations.reduce<unknown>((value, one) => modelOf(structuredClone(value), one), document))
  const actual = outcome(() => applyJsonPatch(document, operations))
  assert.deepEqual(actual, expected, JSON.stringify({ document, operations }))
  assert.equal(JSON.stringify(document), before, 'the document itself stays as it was')
}

const refused = Symbol('refused')

function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    if (error === refused || error instanceof StatusError) return refused
    throw error
  }
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

function operation(dice: Dice, document: unknown): Operation {
  const op = dice.pick(['add', 'remove', 'replace', 'move', 'copy', 'test'])
  const path = pointer(dice, document)
  if (op === 'move' || op === 'copy') return { op, path, from: pointer(dice, document) }
  if (op === 'remove') return { op, path }
  const value = op === 'test' && dice.once(2) ? (outcome(() => find(document, tokensOf(path))) as unknown) : dice.json(2)
  return { op, path, value: typeof value === 'symbol' || value === undefined ? null : value }
}

/** Mostly to something that is there. */
function pointer(dice: Dice, document: unknown): string {
  let path = ''
  let value = document
  for (;;) {
    if (dice.once(12)) return `${path}/${dice.pick(['-', '-1', '00', '9', 'none', '', '~0', 'a~1b'])}`
    const keys = Array.isArray(value) ? [...value.keys(), '-'].map(String) : isObject(value) ? Object.keys(value) : []
    if (keys.length === 0 || (path !== '' && dice.once(3))) return path
    const key = dice.pick(keys)
    path += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    value = Array.isArray(value) ? value[Number(key)] : ownMember(value as Record<string, unknown>, key)
  }
}

const tokensOf = (path: string): string[] =>
  path === ''
    ? []
    : path
        .slice(1)
        .split('/')
        .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))

function find(document: unknown, tokens: readonly string[]): unknown {
  return tokens.reduce((value, token) => {
    if (Array.isArray(value)) return value[place(token, value.length, value.length - 1)]
    if (!isObject(value) || !Object.hasOwn(value, token)) throw refused
    return value[token]
  }, document)
}

function place(token: string, length: number, last: number): number {
  if (!/^-?\d+$/.test(token) || String(Number(token)) !== token) throw refused
  const index = Number(token) < 0 ? Number(token) + (last === length ? length + 1 : length) : Number(token)
  if (index < 0 || index > last) throw refused
  return index
}

function modelOf(document: unknown, { op, path, from = '', value }: Operation): unknown {
  const tokens = tokensOf(path)
  const last = tokens.at(-1)
  switch (op) {
    case 'test': {
      const missing = last !== undefined && isMissingMember(document, tokens)
      assert.equal(typeof document, 'object')
      const found = missing ? null : find(document, tokens)
      if (!sameJson(found, value)) throw refused
      return document
    }
    case 'add':
      return put(document, tokens, value, true)
    case 'replace':
      return put(document, tokens, value, false)
    case 'remove':
      return take(document, tokens)
    case 'copy':
      return put(document, tokens, structuredClone(find(document, tokensOf(from))), true)
    default: {
      const moved = find(document, tokensOf(from))
      return put(take(document, tokensOf(from)), tokens, moved, true)
    }
  }
}

function isMissingMember(document: unknown, tokens: readonly string[]): boolean {
  const parent = find(document, tokens.slice(0, -1))
  return isObject(parent) && !Object.hasOwn(parent, tokens.at(-1) as string)
}

function put(document: unknown, tokens: readonly string[], value: unknown, adds: boolean): unknown {
  const last = tokens.at(-1)
  if (last === undefined) return value
  const parent = find(document, tokens.slice(0, -1))
  if (Array.isArray(parent)) {
    if (adds && last === '-') parent.push(value)
    else if (adds) parent.splice(place(last, parent.length, parent.length), 0, value)
    else parent[place(last, parent.length, parent.length - 1)] = value
  } else {
    if (!isObject(parent) || (!adds && !Object.hasOwn(parent, last))) throw refused
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true })
  }
  return document
}

function take(document: unknown, tokens: readonly string[]): unknown {
  const last = tokens.at(-1)
  if (last === undefined) throw refused
  const parent = find(document, tokens.slice(0, -1))
  if (Array.isArray(parent)) parent.splice(place(last, parent.length, parent.length - 1), 1)
  else if (isObject(parent) && Object.hasOwn(parent, last)) delete parent[last]
  else throw refused
  return document
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : isObject(value)
      ? Object.entries(value)
          .map(([key, member]) => [key, sorted(member)] as const)
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .concat([['object', true]])
      : value
const sameJson = (left: unknown, right: unknown): boolean => JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))

/** RFC 7386 against its own few lines, and: the difference of two documents leads from one to the other. */
export function fuzzMergePatch(dice: Dice): void {
  const document = objectOf([['root', dice.json(3)], ...dice.several(3, () => [dice.word(), dice.json(3)] as const)])
  const patch = objectOf(dice.several(4, () => [dice.pick(['root', dice.word()]), dice.json(3)] as const))
  assert.deepEqual(applyMergePatch(document, patch), mergeModel(document, patch), JSON.stringify({ document, patch }))
  const target = withoutNulls(objectOf(dice.several(4, () => [dice.word(), dice.json(3)] as const))) as Record<string, unknown>
  assert.deepEqual(applyMergePatch(document, difference(document, target)), target, JSON.stringify({ document, target }))
}

function mergeModel(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key)
    else result.set(key, mergeModel(result.get(key), value))
  }
  return objectOf(result)
}

function difference(from: Record<string, unknown>, to: Record<string, unknown>): Record<string, unknown> {
  const members: [string, unknown][] = Object.keys(from)
    .filter(key => !Object.hasOwn(to, key))
    .map(key => [key, null])
  for (const [key, value] of Object.entries(to)) {
    const old = ownMember(from, key)
    members.push([key, isObject(value) && isObject(old) ? difference(old, value) : value])
  }
  return objectOf(members)
}

/** A merge patch can't say null. */
const withoutNulls = (value: unknown): unknown =>
  isObject(value)
    ? objectOf(
        Object.entries(value)
          .filter(([, member]) => member !== null)
          .map(([key, member]) => [key, withoutNulls(member)]),
      )
    : value
