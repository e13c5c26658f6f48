import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../field-error.ts'
import { type JsonSchema, validateRules } from './index.ts'

const withRules = (schema: object, ...rules: object[]): JsonSchema => ({ ...schema, 'x-kubernetes-validations': rules }) as JsonSchema
const integer = { type: 'integer' }
const text = { type: 'string' }
const object = (properties: object, ...rules: object[]): JsonSchema => withRules({ type: 'object', properties }, ...rules)
const spec = (schema: object): JsonSchema => ({ type: 'object', properties: { spec: schema as JsonSchema } })
const range = { rule: 'self.low <= self.high' }

/** [what it is about, the schema of spec, spec, spec before, the errors] */
const cases: readonly (readonly [string, object, unknown, unknown, ...string[]])[] = [
  ['a rule that holds', object({ low: integer, high: integer }, range), { low: 1, high: 2 }, undefined],
  [
    'a rule that does not',
    object({ low: integer, high: integer }, range),
    { low: 3, high: 2 },
    undefined,
    'spec: Invalid value: "object": failed rule: self.low <= self.high',
  ],
  [
    'a message',
    object({ low: integer }, { rule: 'self.low > 0', message: ' too low ' }),
    { low: 0 },
    undefined,
    'spec: Invalid value: "object": too low',
  ],
  [
    "a message's expression",
    object({ low: integer }, { rule: 'self.low > 0', message: 'written', messageExpression: '"got " + string(self.low)' }),
    { low: 0 },
    undefined,
    'spec: Invalid value: "object": got 0',
  ],
  [
    "a message's expression that fails",
    object(
      { low: integer, names: { type: 'array', items: text } },
      { rule: 'self.low > 0', message: 'written', messageExpression: 'self.names[9]' },
    ),
    { low: 0, names: [] },
    undefined,
    'spec: Invalid value: "object": written',
  ],
  [
    'reason and path',
    object({ low: integer }, { rule: 'self.low > 0', message: 'no', reason: 'FieldValueForbidden', fieldPath: '.low' }),
    { low: 0 },
    undefined,
    'spec.low: Forbidden: no',
  ],
  [
    'an absent field',
    object({ a: text }, { rule: 'self.a == "x"' }),
    {},
    undefined,
    'spec: Invalid value: "object": no such key: a evaluating rule: self.a == "x"',
  ],
  ['presence', object({ a: text }, { rule: '!has(self.a) || self.a == "x"' }), {}, undefined],
  ['nulls see no rules', withRules({ ...text, nullable: true }, { rule: 'size(self) > 3' }), null, undefined],
  [
    'items',
    { type: 'array', items: withRules(integer, { rule: 'self % 2 == 0', message: 'odd' }) },
    [2, 3, 5],
    undefined,
    'spec[1]: Invalid value: "integer": odd',
    'spec[2]: Invalid value: "integer": odd',
  ],
  [
    'members of maps',
    { type: 'object', additionalProperties: withRules(text, { rule: 'self.startsWith("x")' }) },
    { a: 'xa', b: 'yb' },
    undefined,
    'spec[b]: Invalid value: "string": failed rule: self.startsWith("x")',
  ],
  ['a transition rule on create', withRules(text, { rule: 'self == oldSelf', message: 'immutable' }), 'a', undefined],
  [
    'a transition rule on update',
    withRules(text, { rule: 'self == oldSelf', message: 'immutable' }),
    'b',
    'a',
    'spec: Invalid value: "string": immutable',
  ],
  [
    'an optional old value on create',
    withRules(text, { rule: 'oldSelf.hasValue() || self == "new"', message: 'must begin as new', optionalOldSelf: true }),
    'old',
    undefined,
    'spec: Invalid value: "string": must begin as new',
  ],
  [
    'an optional old value on update',
    withRules(text, { rule: 'oldSelf.orValue("none") != "done"', message: 'done is done', optionalOldSelf: true }),
    'again',
    'done',
    'spec: Invalid value: "string": done is done',
  ],
  [
    'transition rules of keyed items',
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: object({ name: text, size: withRules(integer, { rule: 'self >= oldSelf', message: 'shrinks' }) }),
    },
    [
      { name: 'b', size: 1 },
      { name: 'a', size: 1 },
    ],
    [{ name: 'a', size: 2 }],
    'spec[1].size: Invalid value: "integer": shrinks',
  ],
  ['what stays wrong', object({ low: integer, high: integer }, range), { low: 3, high: 2 }, { low: 3, high: 2 }],
  [
    'what changes and stays wrong',
    object({ low: integer, high: integer }, range),
    { low: 4, high: 2 },
    { low: 3, high: 2 },
    'spec: Invalid value: "object": failed rule: self.low <= self.high',
  ],
  [
    'integers or strings',
    withRules({ 'x-kubernetes-int-or-string': true }, { rule: 'type(self) == string ? self.endsWith("%") : self < 5' }),
    '30%',
    undefined,
  ],
  [
    'names that CEL has taken',
    object({ namespace: text, 'a-b': text }, { rule: 'self.__namespace__ == self.a__dash__b' }),
    { namespace: 'x', 'a-b': 'x' },
    undefined,
  ],
  [
    'sets compare without order',
    withRules({ type: 'array', 'x-kubernetes-list-type': 'set', items: text }, { rule: 'self == oldSelf' }),
    ['b', 'a'],
    ['a', 'b'],
  ],
]

for (const [name, schema, value, old, ...errors] of cases) {
  test(`rules: ${name}`, () => {
    const found = validateRules(spec(schema), { spec: value }, old === undefined ? undefined : { value: { spec: old } })
    assert.deepEqual(found.map(formatFieldError), errors)
  })
}

test('rules: the root knows the names of its metadata', () => {
  const root = object({}, { rule: 'self.metadata.name.size() <= 3', message: 'long name' })
  const named = (name: string) =>
    validateRules(root, { apiVersion: 'a/v1', kind: 'A', metadata: { name, labels: {} } }).map(formatFieldError)
  assert.deepEqual(named('abc'), [])
  assert.deepEqual(named('abcd'), ['<nil>: Invalid value: "object": long name'])
})

test('rules: what costs too much ends all asking', () => {
  const expensive = { rule: 'self.all(a, self.all(b, self.all(c, a + b + c >= 0)))' }
  const schema = spec(withRules({ type: 'array', items: integer }, expensive, expensive))
  const found = validateRules(schema, { spec: Array.from({ length: 300 }, (_, index) => index) }).map(formatFieldError)
  assert.equal(found.length, 1)
  assert.match(found[0] ?? '', /no further validation rules will be run due to call cost exceeds limit for rule/)
})
