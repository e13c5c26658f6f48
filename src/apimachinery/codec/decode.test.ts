import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { topLevel } from '../kind.ts'
import { atomicList, bytes, int32, keyedList, map, object, optional, quantity, required, type Schema, text, time } from '../schema.ts'
import { applySchemaDefaults, DecodeError, decode } from './index.ts'
import { Sample, samples } from './testing/sample-schema.ts'

const Item = object('io.k8s.api.test.v1.Item', '', {
  name: required(1, text, ''),
  args: optional(2, atomicList(text), ''),
  limits: optional(3, map(quantity), ''),
  protocol: optional(4, text, '', { default: 'TCP' }),
})
const ThingSpec = object('io.k8s.api.test.v1.ThingSpec', '', {
  replicas: optional(1, int32, ''),
  items: required(2, keyedList(Item, 'name'), ''),
  secret: optional(3, bytes, ''),
  since: optional(4, time, ''),
})
const Thing = topLevel('io.k8s.api.test.v1.Thing', '', { spec: optional(2, ThingSpec, '') })

test('wrong types are told in the words of Go', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ['x', 'json: cannot unmarshal string into Go value of type v1.Thing'],
    [[], 'json: cannot unmarshal array into Go value of type v1.Thing'],
    [{ spec: 1 }, 'json: cannot unmarshal number into Go struct field Thing.spec of type v1.ThingSpec'],
    [{ spec: { replicas: '3' } }, 'json: cannot unmarshal string into Go struct field ThingSpec.spec.replicas of type int32'],
    [{ spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field ThingSpec.spec.replicas of type int32'],
    [{ spec: { replicas: 3e9 } }, 'json: cannot unmarshal number 3000000000 into Go struct field ThingSpec.spec.replicas of type int32'],
    [{ spec: { replicas: true } }, 'json: cannot unmarshal bool into Go struct field ThingSpec.spec.replicas of type int32'],
    [{ spec: { items: {} } }, 'json: cannot unmarshal object into Go struct field ThingSpec.spec.items of type []v1.Item'],
    [{ spec: { items: ['a'] } }, 'json: cannot unmarshal string into Go struct field ThingSpec.spec.items of type v1.Item'],
    [{ spec: { items: [{ name: 1 }] } }, 'json: cannot unmarshal number into Go struct field Item.spec.items.name of type string'],
    [
      { spec: { items: [{ limits: [] }] } },
      'json: cannot unmarshal array into Go struct field Item.spec.items.limits of type v1.ResourceList',
    ],
    [{ metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
    [
      { metadata: { labels: 'a' } },
      'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [{ spec: { secret: '%%%%' } }, 'illegal base64 data at input byte 0'],
    [{ spec: { secret: 'abcde' } }, 'illegal base64 data at input byte 4'],
    [{ spec: { since: 'now' } }, 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"'],
  ]
  for (const [value, message] of cases) assert.throws(() => decode(Thing, value), new DecodeError(message))
})

test('unknown fields are dropped and told with their paths', () => {
  const unknown: string[] = []
  const value = {
    spec: { replcas: 1, items: [{ name: 'a' }, { name: 'b', foo: {} }] },
    extra: null,
    metadata: { labels: { any: 'x' }, what: 1 },
  }
  const decoded = decode(Thing, value, path => unknown.push(path))
  assert.deepEqual(unknown, ['spec.replcas', 'spec.items[1].foo', 'extra', 'metadata.what'])
  assert.deepEqual(decoded, { spec: { items: [{ name: 'a' }, { name: 'b' }] }, metadata: { labels: { any: 'x' } } })
})

test('nulls, empty collections and missing metadata are what Go makes of them', () => {
  assert.deepEqual(decode(Thing, {}), { metadata: {} })
  assert.deepEqual(decode(Thing, { metadata: null, spec: null }), { metadata: {} })
  assert.deepEqual(decode(Thing, { metadata: { namespace: '', labels: {}, finalizers: [] }, spec: { items: [], replicas: 0 } }), {
    metadata: {},
    spec: { items: [], replicas: 0 },
  })
  assert.deepEqual(decode(Thing, { spec: { items: [null, { name: 'a', args: ['', null], limits: { cpu: null } }] } }).spec, {
    items: [{}, { name: 'a', args: ['', ''], limits: { cpu: '0' } }],
  })
})

test('quantities, times and base64 take their canonical form', () => {
  const decoded = decode(Thing, {
    metadata: { creationTimestamp: '0001-01-01T00:00:00Z' },
    spec: { items: [{ name: 'a', limits: { cpu: 0.5, memory: '1024Mi' } }], secret: 'YQ\n==', since: '2020-01-01T02:00:00.5+02:00' },
  })
  assert.deepEqual(decoded, {
    metadata: {},
    spec: { items: [{ name: 'a', limits: { cpu: '500m', memory: '1Gi' } }], secret: 'YQ==', since: '2020-01-01T00:00:00Z' },
  })
})

test('keys named like parts of a prototype are keys', () => {
  const labels = JSON.parse('{"__proto__":"x","constructor":"y","toString":"z"}') as object
  const decoded = decode(Thing, { metadata: { labels }, constructor: 1, toString: 2 })
  assert.equal(JSON.stringify(decoded), '{"metadata":{"labels":{"__proto__":"x","constructor":"y","toString":"z"}}}')
})

test('custom schemas keep unknown fields, empty collections and nulls where they say so', () => {
  const Custom: Schema = {
    type: 'object',
    description: '',
    preserveUnknown: true,
    fields: {
      list: optional(0, atomicList(text), ''),
      maybe: optional(0, { type: 'scalar', scalar: 'string', constraints: { nullable: true } }, ''),
    },
  }
  const value = { list: [], maybe: null, other: { deep: [null] } }
  assert.deepEqual(decode(Custom, value), value)
})

test('canonical values are left as they are, in new objects', () => {
  fc.assert(
    fc.property(samples, sample => {
      const decoded = decode(Sample, sample)
      assert.deepEqual(decoded, sample)
      assert.notEqual(decoded, sample)
      if (sample.any) assert.notEqual(decoded.any, sample.any)
    }),
  )
})

test('whatever JSON comes, decoding ends with a value or a DecodeError', () => {
  const names = Object.keys(Sample.fields)
  const almostSample = fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.jsonValue({ maxDepth: 2 }), samples))
  fc.assert(
    fc.property(almostSample, value => {
      try {
        const decoded = decode(Sample, value)
        assert.deepEqual(decode(Sample, decoded), decoded)
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error))
      }
    }),
    { numRuns: 300 },
  )
})

test('defaults fill what is missing in objects that are there, and nothing else', () => {
  const filled = applySchemaDefaults(Thing, decode(Thing, { spec: { items: [{ name: 'a' }, { name: 'b', protocol: 'UDP' }] } }))
  assert.deepEqual(filled.spec?.items, [
    { name: 'a', protocol: 'TCP' },
    { name: 'b', protocol: 'UDP' },
  ])
  assert.equal(applySchemaDefaults(Thing, filled), filled)
  const without = decode(Thing, {})
  assert.equal(applySchemaDefaults(Thing, without), without)
})

test('defaults reach into recursive types', () => {
  const nested = {
    text: '',
    children: [
      { text: 'a', small: 1 },
      { text: 'b', named: { c: { text: 'd' } } },
    ],
  }
  assert.deepEqual(applySchemaDefaults(Sample, nested), {
    text: '',
    small: 7,
    children: [
      { text: 'a', small: 1 },
      { text: 'b', small: 7, named: { c: { text: 'd', small: 7 } } },
    ],
  })
})
