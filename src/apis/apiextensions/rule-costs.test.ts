import assert from 'node:assert/strict'
import { test } from 'node:test'
import { celTypes } from '../../apimachinery/cel/index.ts'
import { formatFieldError } from '../../apimachinery/field-error.ts'
import { compileExpression, type JsonSchema, selfTypeOf } from '../../apimachinery/json-schema/index.ts'
import { validateSchemaRules } from './rule-validation.ts'

const rules = (...sources: readonly string[]) => ({ 'x-kubernetes-validations': sources.map(rule => ({ rule })) })
const text = { type: 'string' } as const
const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const objectOf = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({ type: 'object', properties, ...more })
const host = { ...text, maxLength: 100 }

/** Rules that Kubernetes takes, by the sizes that it sees in them, though nothing bounds most of what they read. */
const affordable: readonly (readonly [name: string, spec: JsonSchema])[] = [
  [
    'keys of maps, which upstream takes for empty',
    { type: 'object', additionalProperties: text, ...rules('self.all(k, !k.contains("*") && k.matches("^[a-z]{1,63}$"))') },
  ],
  ['elements of a list that is written out', objectOf({ url: text }, rules('["http://", "https://"].exists(p, self.url.startsWith(p))'))],
  [
    'elements of a list that is chosen',
    objectOf({ hosts: { ...listOf(text), maxItems: 100 } }, rules('(has(self.hosts) ? self.hosts : []).all(h, !h.contains("*"))')),
  ],
  [
    'elements of an optional list',
    objectOf({ hosts: { ...listOf(text), maxItems: 100 } }, rules('self.?hosts.orValue([]).all(h, !h.contains("*"))')),
  ],
  ['parts of a text', objectOf({ range: host }, rules('self.range.split("-").all(part, part.matches("^[0-9]+$"))'))],
  ['few parts of a text', objectOf({ hosts: text }, rules('self.hosts.split(",", 4).all(h, h.matches("^[a-z]+[a-z]$"))'))],
  [
    'elements that were picked out',
    objectOf({ hosts: { ...listOf(text), maxItems: 100 } }, rules('self.hosts.filter(h, h != "").all(h, h.matches("^[a-z]+$"))')),
  ],
  [
    'objects below two lists without limits',
    listOf(
      objectOf({
        inner: listOf(objectOf({ name: text, a: text, b: text }, { required: ['name'], ...rules('!(has(self.a) && has(self.b))') })),
      }),
    ),
  ],
  ['texts below a map without limits', { type: 'object', additionalProperties: { ...host, ...rules('self != "a" && self != "b"') } }],
  [
    'numbers, which have no length, compared with each other',
    {
      ...listOf(objectOf({ port: { type: 'integer' } }, { required: ['port'] })),
      maxItems: 1000,
      ...rules('self.all(a, self.exists_one(b, a.port == b.port))'),
    },
  ],
  [
    'a message about one of many',
    listOf(
      objectOf({ a: host }, { 'x-kubernetes-validations': [{ rule: 'has(self.a)', messageExpression: '"not " + self.a + " but more"' }] }),
    ),
  ],
  [
    'an object with anything in it',
    objectOf({ values: { type: 'object', additionalProperties: true }, file: text }, rules('!(has(self.values) && has(self.file))')),
  ],
]

for (const [name, spec] of affordable) {
  test(`a definition may have a rule about ${name}`, () => {
    assert.deepEqual(validateSchemaRules(objectOf({ spec }), 'schema').map(formatFieldError), [])
  })
}

const advice = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
const tooMuch = (at: string, factor: string, what = 'rule') =>
  `schema.properties[spec]${at}: Forbidden: estimated ${what} cost exceeds budget by factor of ${factor} ${advice}`

const costly: readonly (readonly [name: string, spec: JsonSchema, ...errors: readonly string[]])[] = [
  [
    'a little too much, told exactly',
    listOf({ ...text, ...rules('self != "a" && self != "b" && self != "c" && self != "d" && self != "e"') }),
    tooMuch('.items.x-kubernetes-validations[0].rule', '1.048576x'),
  ],
  [
    'the elements of a text of any length',
    objectOf({ hosts: text }, rules('self.hosts.split(",").all(h, h.matches("^[a-z]+[a-z]$"))')),
    tooMuch('.x-kubernetes-validations[0].rule', '2.6x'),
  ],
]

for (const [name, spec, ...errors] of costly) {
  test(`a definition may not have a rule that costs ${name}`, () => {
    assert.deepEqual(validateSchemaRules(objectOf({ spec }), 'schema').map(formatFieldError), errors)
  })
}

test('names have no limit in estimates, unless a definition declares all that goes with them', () => {
  const long = `self.metadata.name.matches("^${'[a-z]'.repeat(40)}$")`
  const root = (metadata: JsonSchema): JsonSchema => objectOf({ apiVersion: text, kind: text, metadata }, rules(long))
  const factors = (metadata: JsonSchema): string[] =>
    validateSchemaRules(root(metadata), 'schema').map(error => /factor of (\S+)/.exec(formatFieldError(error))?.[1] ?? '')
  const name = { ...text, maxLength: 63 }
  assert.deepEqual(factors({ type: 'object' }), ['1.6x'])
  assert.deepEqual(factors(objectOf({ name })), ['1.6x'])
  assert.deepEqual(factors(objectOf({ name, generateName: name })), [])
})

const times: JsonSchema = { type: 'string', format: 'date-time' }
const number: JsonSchema = { type: 'number' }
const mapOf = (additionalProperties: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties })

/** What the sizes of the values make of a rule: objects and numbers that a schema declares count nothing, computed ones count. */
const estimates: readonly (readonly [schema: JsonSchema, rule: string, most: number])[] = [
  [listOf(number), 'self[2] != 7.5', 2],
  [listOf(objectOf({ a: text })), 'self[2] != null', 2],
  [listOf({ 'x-kubernetes-int-or-string': true }), 'self[2] != 7', 3],
  [listOf(number), 'self.all(x, x < 7.5)', 2 + 1_572_863 * 5],
  [listOf(number), 'self.all(x, x != 7.5)', 2 + 1_572_863 * 4],
  [listOf(times), 'self.all(x, true)', 2 + 142_987 * 3],
  [mapOf(times), 'self["a"] != self["b"]', 4 + 4],
  [mapOf(number), 'self.a != 7.5', 2 + 1],
  [mapOf(number), 'self["a"] != 7.5', 2],
  [mapOf(host), 'self.all(k, k.contains(self[k]))', 2 + 393_215 * 7],
  [mapOf(listOf(number)), 'self.all(k, true)', 2 + 393_215 * 3],
  [{ type: 'string', enum: ['Always', 'WhenNobodyLooks'] }, 'self.contains("N")', 1 + 2],
]

for (const [schema, rule, most] of estimates) {
  test(`what ${rule} may cost about ${JSON.stringify(schema)}`, () => {
    const { program } = compileExpression(rule, { rule }, selfTypeOf(schema, false), celTypes.bool)
    assert.equal(program?.estimateCost().max, most)
  })
}
