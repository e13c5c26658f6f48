import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../field-error.ts'
import { hasFormat } from './formats.ts'
import { type JsonSchema, patternProblem, publishSchema, validateEmbedded, validateJson } from './index.ts'
import { parseJsonPath, valuesAt } from './json-path.ts'
import { prune } from './prune.ts'

/** [keywords, a value, the errors] */
const cases: readonly (readonly [object, unknown, ...string[]])[] = [
  [{ type: 'string', maxLength: 2 }, '😀😀'],
  [{ type: 'string', maxLength: 2 }, 'abc', 'x: Too long: may not be more than 2 bytes'],
  [{ type: 'string', minLength: 2 }, '😀', 'x: Invalid value: "😀": x in body should be at least 2 chars long'],
  [{ type: 'string', pattern: 'b+' }, 'abba'],
  [{ type: 'string', pattern: '^b+$' }, 'abba', `x: Invalid value: "abba": x in body should match '^b+$'`],
  [
    { type: 'string', pattern: '^(a+)+$' },
    `${'a'.repeat(5000)}!`,
    `x: Invalid value: "${'a'.repeat(5000)}!": x in body should match '^(a+)+$'`,
  ],
  [{ type: 'number', maximum: 3, exclusiveMaximum: true }, 3, 'x: Invalid value: 3: x in body should be less than 3'],
  [{ type: 'number', maximum: 3 }, 3.5, 'x: Invalid value: 3.5: x in body should be less than or equal to 3'],
  [{ type: 'number', minimum: 3, exclusiveMinimum: true }, 3, 'x: Invalid value: 3: x in body should be greater than 3'],
  [{ type: 'number', multipleOf: 0.1 }, 0.3],
  [{ type: 'integer', multipleOf: 3 }, 7, 'x: Invalid value: 7: x in body should be a multiple of 3'],
  [{ type: 'integer', format: 'int32' }, 2 ** 31, 'x: Invalid value: 2147483648: x in body must be of type int32: "2147483648"'],
  [{ type: 'number' }, 3],
  [{ type: 'boolean' }, 'true', 'x: Invalid value: "string": x in body must be of type boolean: "string"'],
  [{ type: 'object' }, null, 'x: Invalid value: "null": x in body must be of type object: "null"'],
  [{ type: 'object', nullable: true }, null],
  [{ type: 'string', nullable: true, enum: ['a'] }, null, 'x: Unsupported value: null: supported values: "a"'],
  [{ type: 'integer', enum: [1, 2] }, 3, 'x: Unsupported value: 3: supported values: "1", "2"'],
  [{ type: 'array', items: { type: 'string' }, minItems: 2 }, ['a'], 'x: Invalid value: 1: x in body should have at least 2 items'],
  [{ type: 'array', items: { type: 'string' }, maxItems: 1 }, ['a', 'b'], 'x: Too many: 2: must have at most 1 items'],
  [
    { type: 'array', items: { type: 'string' } },
    ['a', 1],
    'x[1]: Invalid value: "integer": x[1] in body must be of type string: "integer"',
  ],
  [{ type: 'object', minProperties: 1 }, {}, 'x: Invalid value: 0: x in body should have at least 1 properties'],
  [{ type: 'object', maxProperties: 1 }, { a: 1, b: 2 }, 'x: Too many: 2: must have at most 1 items'],
  [
    { type: 'object', additionalProperties: { type: 'integer' } },
    { a: 1, b: 'c' },
    'x.b: Invalid value: "string": x.b in body must be of type integer: "string"',
  ],
  [{ type: 'object', required: ['a', 'b'] }, { a: 1 }, 'x.b: Required value'],
  [
    { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }] },
    {},
    '<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)',
    'x.a: Required value',
  ],
  [
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ],
  [
    { type: 'object', allOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1 },
    '<nil>: Invalid value: "": "x" must validate all the schemas (allOf)',
    'x.b: Required value',
  ],
  [{ type: 'object', not: { required: ['a'] } }, { a: 1 }, '<nil>: Invalid value: "": "x" must not validate the schema (not)'],
  [
    { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    1.5,
    'x: Invalid value: "number": x in body must be of type integer,string: "number"',
    '<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)',
    'x: Invalid value: "number": x in body must be of type integer: "number"',
  ],
]

for (const [schema, value, ...errors] of cases) {
  test(`${JSON.stringify(schema)} of ${JSON.stringify(value).slice(0, 40)}`, () => {
    assert.deepEqual(validateJson(schema as JsonSchema, value, undefined, 'x').map(formatFieldError), errors)
  })
}

/** [format, what has it, what does not] */
const formats: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['date-time', ['2026-01-02T03:04:05Z', '2026-01-02t03:04:05.678+01:00'], ['2026-01-02', '2026-02-30T00:00:00Z', '2026-01-02T24:00:00Z']],
  ['date', ['2024-02-29'], ['2023-02-29', '2024-2-9']],
  ['duration', ['1h30m', '22 ns', '3 days', '1.5s'], ['x', '']],
  ['email', ['a@example.com', 'Ada <ada@example.com>'], ['a', 'a@', '@b']],
  ['hostname', ['example.com', 'a-b.c'], ['-a', 'a..b', `${'a'.repeat(64)}.com`]],
  ['ipv4', ['10.0.0.1'], ['::1', '10.0.0', '010.0.0.1']],
  ['ipv6', ['::1', 'fd00::a'], ['10.0.0.1', ':::']],
  ['cidr', ['10.0.0.0/8', 'fd00::/64'], ['10.0.0.0', '10.0.0.0/33']],
  ['uri', ['https://example.com/a?b', 'urn:a:b', '/a/b'], ['a b', '', 'example']],
  ['mac', ['00:1a:2b:3c:4d:5e', '00-1a-2b-3c-4d-5e', '001a.2b3c.4d5e'], ['00:1a', 'zz:1a:2b:3c:4d:5e']],
  ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
  ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-12d3-a456-426614174000']],
  ['byte', ['', 'YQ==', 'YWJj'], ['YQ', '*']],
  ['hexcolor', ['#fff', 'A0b1C2'], ['#ffff']],
  ['rgbcolor', ['rgb(0, 255,10)'], ['rgb(256,0,0)']],
  ['isbn10', ['0-306-40615-2'], ['0-306-40615-3']],
  ['isbn13', ['978-0-306-40615-7'], ['978-0-306-40615-8']],
  ['creditcard', ['4111 1111 1111 1111'], ['4111 1111 1111 1112']],
  ['ssn', ['123-45-6789'], ['123-456-789']],
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['507f1f77']],
  ['k8s-short-name', ['a-b'], ['A', 'a.b']],
  ['k8s-long-name', ['a.b'], ['A']],
  ['no-such-format', ['anything'], []],
]

for (const [format, valid, invalid] of formats) {
  test(`format ${format}`, () => {
    for (const text of valid) assert.ok(hasFormat(format, text), text)
    for (const text of invalid) assert.ok(!hasFormat(format, text), text)
  })
}

const conditioned = {
  metadata: { labels: { 'a.b/c': 'x' } },
  spec: {
    ports: [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ],
    items: [1, 2, 3],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Synced', status: 'False' },
    ],
  },
}

for (const [path, values] of [
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Synced')].status", ['False']],
  ['.spec.ports[*].port', [1, 2]],
  ['.spec.ports[1].name', ['b']],
  ['.spec.ports[?(@.port>1)].name', ['b']],
  ['.spec.ports[?( @.port  > 1 )].name', ['b']],
  [`.spec.ports[?(@.port${' '.repeat(200_000)}> 1)].name`, ['b']],
  ['.spec.items[-1]', [3]],
  ['.spec.items[0:2]', [1, 2]],
  [".metadata.labels['a\\.b/c']", ['x']],
  ['.metadata.labels.a\\.b/c', ['x']],
  ['..port', [1, 2]],
  ['..spec..port', [1, 2]],
  ['....port', [1, 2]],
  ['.spec.missing.deeper', []],
] as const) {
  test(`JSON path ${path.slice(0, 80)}`, () => {
    const parsed = parseJsonPath(path)
    assert.ok('path' in parsed, JSON.stringify(parsed))
    assert.deepEqual(valuesAt(parsed.path, conditioned), values)
  })
}

test('JSON paths that are none', () => {
  for (const path of ['.a[', '.a[x', '.a{', '.a[?(x)]']) assert.ok('problem' in parseJsonPath(path), path)
})

test('patterns are those of RE2', () => {
  assert.equal(patternProblem('^a+$'), undefined)
  assert.match(patternProblem('(?=a)') ?? '', /invalid or unsupported Perl syntax/)
})

test('embedded objects keep metadata that is known, whatever their schema says', () => {
  const properties = { metadata: { type: 'object', properties: { name: { type: 'string' } } } }
  const schema = { type: 'object', 'x-kubernetes-embedded-resource': true, properties } as JsonSchema
  const unknown: string[] = []
  const metadata = { name: 'a', labels: { b: 'c' }, odd: 1, ownerReferences: [{ name: 'x', strange: true }] }
  const pruned = prune(schema, { apiVersion: 'v1', kind: 'Pod', metadata }, path => void unknown.push(path))
  assert.deepEqual(pruned, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', labels: { b: 'c' }, ownerReferences: [{ name: 'x' }] },
  })
  assert.deepEqual(unknown, ['metadata.odd', 'metadata.ownerReferences[0].strange'])
})

test('embedded objects have a kind, a version and metadata', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } },
  }
  const errors = (template: object) => validateEmbedded(schema, { template }).map(formatFieldError)
  assert.deepEqual(errors({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels: { b: 'c' } } }), [])
  assert.deepEqual(errors({ apiVersion: 'v1' }), ['template.kind: Required value: must not be empty'])
  assert.match(
    errors({ apiVersion: 'v1', kind: 'Pod', metadata: { labels: { '-': 'c' } } })[0] ?? '',
    /^template\.metadata\.labels: Invalid value: "-"/,
  )
  assert.match(
    errors({ apiVersion: 'v1', kind: 'Pod', metadata: { labels: 1 } })[0] ?? '',
    /^template\.metadata: Invalid value: .*cannot unmarshal/,
  )
})

test('what OpenAPI shows: everything in version 3, what clients of version 2 understand in that', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      a: { type: 'string', nullable: true, default: 'x' },
      b: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { c: { type: 'string' } } },
      d: { 'x-kubernetes-int-or-string': true },
      e: { type: 'array', 'x-kubernetes-preserve-unknown-fields': true, items: { type: 'object' } },
    },
    required: ['a', 'd'],
    oneOf: [{ required: ['a'] }],
  }
  const metadata = { $ref: '#/metadata' }
  assert.deepEqual(publishSchema(schema, { version: 3, metadata }), schema)
  assert.deepEqual(publishSchema(schema, { version: 2, metadata }), {
    type: 'object',
    properties: {
      a: {},
      b: { 'x-kubernetes-preserve-unknown-fields': true },
      d: { 'x-kubernetes-int-or-string': true },
      e: { 'x-kubernetes-preserve-unknown-fields': true },
    },
    required: ['d'],
  })
  const ofNullables: JsonSchema = { type: 'object', required: ['a'], properties: { a: { type: 'string', nullable: true } } }
  assert.deepEqual(publishSchema(ofNullables, { version: 2, metadata }), { type: 'object', properties: { a: {} } })
})
