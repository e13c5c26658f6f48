import assert from 'node:assert/strict'
import { DecodeError, decode, decodeProtobufMessage, encodeProtobufMessage } from '../../src/apimachinery/codec/index.ts'
import type { Kind } from '../../src/apimachinery/kind.ts'
import { type Field, type ObjectNode, resolveSchema, type ScalarType, type Schema } from '../../src/apimachinery/schema.ts'
import { builtInKinds } from '../../src/apis/index.ts'
import { type Dice, isObject, objectOf } from './dice.ts'

/**
 * Objects of every built-in kind, in their canonical form with unknown fields put in between: decoding gives back the
 * object and names each of those; protobuf gives back the object; damaged protobuf is refused or reads as some object
 * that writes and reads again as itself.
 */
export function fuzzObjects(dice: Dice): void {
  const kind = dice.pick(builtInKinds) as Kind
  const schema: Schema = kind.schema
  const object = sampleOf(dice, schema, 7) as object
  const planted: string[] = []
  const found: string[] = []
  const decoded = decode(schema, plant(dice, schema, object, '', planted), path => found.push(path))
  assert.deepEqual(decoded, object, kind.kind)
  assert.deepEqual(found.toSorted(), planted.toSorted(), kind.kind)
  if (kind.custom) return

  const bytes = encodeProtobufMessage(schema, object)
  const read = decodeProtobufMessage(schema, bytes)
  const { apiVersion, kind: name, ...rest } = object as { apiVersion?: string; kind?: string }
  assert.deepEqual(decode(schema, read), rest, `${kind.kind} ${apiVersion} ${name}`)
  damagedProtobuf(dice, schema, bytes, kind.kind)
}

function damagedProtobuf(dice: Dice, schema: Schema, bytes: Uint8Array, kind: string): void {
  const damaged = Buffer.from(bytes)
  for (let times = dice.integer(1, 3); times > 0; times--) damaged[dice.integer(0, damaged.length - 1)] = dice.integer(0, 255)
  const cut = dice.once(4) ? damaged.subarray(0, dice.integer(0, damaged.length)) : damaged
  let first: unknown
  try {
    first = decodeProtobufMessage(schema, cut)
  } catch (error) {
    assert.ok(error instanceof DecodeError, `${kind}: ${error instanceof Error ? error.stack : error}`)
    return
  }
  const written = encodeProtobufMessage(schema, first)
  assert.deepEqual(decodeProtobufMessage(schema, written), first, kind)
}

const text = (dice: Dice): string =>
  dice.pick(['a', 'web', 'x'.repeat(dice.integer(1, 200)), 'é☃😀', 'line\nbreak', '"quoted"', dice.text() || 'b'])
const int = (dice: Dice): number => dice.pick([1, -1, 7, 127, 128, 300, 65_536, 2_147_483_647, -2_147_483_648])

/** Values in canonical form that no rule of Go's leaves out: no zeros, no empty collections. */
const scalars: Readonly<Record<ScalarType, (dice: Dice) => unknown>> = {
  string: text,
  boolean: () => true,
  int32: int,
  int64: dice => dice.pick([int(dice), 2 ** 40, -(2 ** 40), Number.MAX_SAFE_INTEGER]),
  double: dice => dice.pick([0.5, -2.25, 1e21, 3]),
  bytes: dice => Buffer.from(dice.text() || 'x').toString('base64'),
  time: dice => `20${dice.integer(10, 60)}-0${dice.integer(1, 9)}-1${dice.integer(0, 9)}T0${dice.integer(0, 9)}:30:5${dice.integer(0, 9)}Z`,
  microTime: dice => `2026-01-02T03:04:05.${String(dice.integer(0, 999_999)).padStart(6, '0')}Z`,
  duration: dice => dice.pick(['1s', '1.5s', '1h0m0s', '2m30s']),
  quantity: dice => dice.pick(['100m', '1', '1Gi', '250Mi', '-1', '5k']),
  intOrString: dice => dice.pick([80, -1, 'http', '25%']),
}

function sampleOf(dice: Dice, schema: Schema, depth: number): unknown {
  const node = resolveSchema(schema)
  switch (node.type) {
    case 'scalar':
      return scalars[node.scalar](dice)
    case 'any':
      return { f: dice.pick([{}, { 'f:a': {} }]) }
    case 'list':
      return Array.from({ length: dice.integer(1, 2) }, () => sampleOf(dice, node.items, depth - 1))
    case 'map':
      return objectOf(
        Array.from({ length: dice.integer(1, 3) }, (_, index) => [`key${index}`, sampleOf(dice, node.values, depth - 1)] as const),
      )
    case 'union':
      return sampleOf(dice, depth > 0 && dice.once(2) ? node.object : node.other, depth - 1)
    default:
      return objectValue(dice, node, depth)
  }
}

function objectValue(dice: Dice, node: ObjectNode, depth: number): Record<string, unknown> {
  const chosen = Object.entries(node.fields).filter(
    ([name, field]) => field.required || (isInProtobuf(name, field) && depth > 0 && dice.once(depth > 4 ? 3 : 5)),
  )
  return objectOf(chosen.map(([name, field]) => [name, sampleOf(dice, field.schema, depth - 1)] as const))
}

// Type meta stands beside the message, not in it; other fields without a number are not sent at all.
const isInProtobuf = (_: string, { proto }: Field): boolean => proto !== 0

function plant(dice: Dice, schema: Schema, value: unknown, path: string, planted: string[]): unknown {
  const node = resolveSchema(schema)
  if (Array.isArray(value) && node.type === 'list')
    return value.map((item, index) => plant(dice, node.items, item, `${path}[${index}]`, planted))
  if (!isObject(value)) return value
  const below = (key: string) => (path === '' ? key : `${path}.${key}`)
  if (node.type === 'map')
    return objectOf(Object.entries(value).map(([key, one]) => [key, plant(dice, node.values, one, below(key), planted)]))
  if (node.type !== 'object') return value
  const members: [string, unknown][] = Object.entries(value).map(([key, one]) => [
    key,
    plant(dice, node.fields[key]?.schema as Schema, one, below(key), planted),
  ])
  if (!node.preserveUnknown && dice.once(4)) {
    const key = dice.pick(['unknownField', 'replcas', 'constructor', '__proto__'])
    members.push([key, dice.json(2)])
    planted.push(below(key))
  }
  return objectOf(dice.shuffled(members))
}
