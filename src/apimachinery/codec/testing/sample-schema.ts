import fc from 'fast-check'
import {
  boolean,
  bytes,
  double,
  duration,
  type Infer,
  int32,
  int64,
  intOrString,
  lazy,
  list,
  map,
  microTime,
  object,
  optional,
  plainList,
  quantity,
  rawExtension,
  required,
  type Schema,
  text,
  time,
} from '../../schema.ts'

/** A type with every kind of field that the codecs know, with values for it. */
export const Sample = object('sample.v1.Sample', '', {
  text: required(1, text, ''),
  flag: optional(2, boolean, ''),
  small: optional(3, int32, '', { default: 7 }),
  large: optional(4, int64, ''),
  real: optional(5, double, ''),
  raw: optional(6, bytes, ''),
  at: optional(7, time, ''),
  exactly: optional(8, microTime, ''),
  lasting: optional(9, duration, ''),
  amount: optional(10, quantity, ''),
  either: optional(11, intOrString, ''),
  any: optional(12, rawExtension, ''),
  inlined: optional([13, 2], text, ''),
  inlinedList: optional([13, 1], plainList(int64), ''),
  amounts: optional(14, map(quantity), ''),
  extra: optional(15, map(list(text, { wrapped: true })), ''),
  children: optional(16, plainList(lazy((): Schema<unknown> => Sample)), ''),
  named: optional(200, map(lazy((): Schema<unknown> => Sample)), ''),
})
export interface Sample extends Infer<typeof Sample> {}

const seconds = fc
  .date({ min: new Date('1000-01-01'), max: new Date('3000-01-01'), noInvalidDate: true })
  .map(date => `${date.toISOString().slice(0, 19)}Z`)
const key = fc.string({ maxLength: 5, unit: 'binary' })
const words = fc.string({ maxLength: 55 })

const leafFields = {
  text: words,
  flag: fc.boolean(),
  small: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  large: fc.maxSafeInteger(),
  real: fc.double({ noNaN: true, noDefaultInfinity: true }).map(one => (one === 0 ? 0 : one)),
  raw: fc.uint8Array({ minLength: 1, maxLength: 8 }).map(one => Buffer.from(one).toString('base64')),
  at: seconds,
  exactly: seconds.map(one => `${one.slice(0, 19)}.123456Z`),
  lasting: fc.constantFrom('0s', '1h0m0s', '1.5s'),
  amount: fc.constantFrom('0', '500m', '1Gi', '-1'),
  either: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom('', '50%')),
  any: fc.dictionary(key, fc.jsonValue({ maxDepth: 1 })).map(one => JSON.parse(JSON.stringify(one)) as unknown),
  inlined: words.filter(one => one !== ''),
  inlinedList: fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 3 }),
  amounts: nonEmpty(fc.constantFrom('1', '2Ki')),
  extra: nonEmpty(fc.array(words, { maxLength: 3 })),
}

const leaves: fc.Arbitrary<Sample> = fc.record(leafFields, { requiredKeys: ['text'], noNullPrototype: true })

/** Two levels: enough for lists and maps of messages, and quick. */
export const samples: fc.Arbitrary<Sample> = fc.record(
  { ...leafFields, children: fc.array(leaves, { minLength: 1, maxLength: 2 }), named: nonEmpty(leaves) },
  { requiredKeys: ['text'], noNullPrototype: true },
)

function nonEmpty<T>(values: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.dictionary(key, values, { minKeys: 1, maxKeys: 2, noNullPrototype: true })
}
