import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ValidatingAdmissionPolicySpec } from '../../../apis/admissionregistration/validating-admission-policy.ts'
import { compileValidatingPolicy } from './compile.ts'
import { type Judgement, judge } from './judge.ts'

const object = { metadata: { name: 'web' }, spec: { replicas: 5, list: Array.from({ length: 100 }, (_, index) => index) } }

const judged = (spec: ValidatingAdmissionPolicySpec, ignoresFailure = false): Judgement =>
  judge(compileValidatingPolicy({ metadata: { name: 'p' }, spec }), { object, oldObject: null }, ignoresFailure)

const messages = (spec: ValidatingAdmissionPolicySpec): readonly string[] => judged(spec).violations.map(({ message }) => message)
const wrong = { expression: 'object.spec.replicas < 5' }
const costly = {
  expression: 'object.spec.list.all(a, object.spec.list.all(b, object.spec.list.all(c, a + b + c > -1 && false || a < 90)))',
}
const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

const cases: readonly (readonly [name: string, spec: ValidatingAdmissionPolicySpec, ...messages: string[]])[] = [
  ['satisfied', { validations: [{ expression: 'object.spec.replicas == 5' }] }],
  ['the expression itself', { validations: [wrong] }, 'failed expression: object.spec.replicas < 5'],
  ['a fixed message', { validations: [{ ...wrong, message: ' too many ' }] }, 'too many'],
  ['a message made', { validations: [{ ...wrong, message: 'm', messageExpression: "'has ' + string(object.spec.replicas)" }] }, 'has 5'],
  ['a message that fails', { validations: [{ ...wrong, message: 'm', messageExpression: 'object.nope' }] }, 'm'],
  ['a message of two lines', { validations: [{ ...wrong, messageExpression: "'a\\nb'" }] }, 'failed expression: object.spec.replicas < 5'],
  ['an empty message', { validations: [{ ...wrong, message: 'm', messageExpression: "' '" }] }, 'm'],
  ['a failure', { validations: [{ expression: 'object.nope' }] }, "expression 'object.nope' resulted in error: no such key: nope"],
  [
    'a variable that fails, and one that nobody needs',
    {
      variables: [
        { name: 'bad', expression: 'object.nope' },
        { name: 'unused', expression: '1 / 0' },
      ],
      validations: [{ expression: 'variables.bad == 1' }],
    },
    'expression \'variables.bad == 1\' resulted in error: composited variable "bad" fails to evaluate: no such key: nope',
  ],
  ['a condition that is false', { matchConditions: [{ name: 'a', expression: 'false' }], validations: [wrong] }],
  [
    'a condition that fails',
    { matchConditions: [{ name: 'a', expression: 'object.nope' }], validations: [wrong] },
    "expression 'object.nope' resulted in error: no such key: nope",
  ],
  [
    'a condition that fails beside one that is false',
    {
      matchConditions: [
        { name: 'a', expression: 'object.nope' },
        { name: 'b', expression: 'false' },
      ],
      validations: [wrong],
    },
  ],
  [
    'one that costs too much',
    { validations: [costly] },
    `expression '${costly.expression}' resulted in error: operation cancelled: actual cost limit exceeded`,
  ],
  ['many that cost too much together', { validations: Array(12).fill(costly) }, outOfBudget],
  [
    'an annotation that fails',
    { auditAnnotations: [{ key: 'a', valueExpression: 'object.nope' }] },
    "expression 'object.nope' resulted in error: no such key: nope",
  ],
]

for (const [name, spec, ...expected] of cases) {
  test(`a policy judges: ${name}`, () => {
    assert.deepEqual(messages(spec), expected)
  })
}

test('failures are ignored where the policy says so; what is false is not', () => {
  const spec = { validations: [{ expression: 'object.nope' }, { ...wrong, reason: 'Forbidden' }] }
  assert.deepEqual(judged(spec, true).violations, [
    { index: 1, message: 'failed expression: object.spec.replicas < 5', reason: 'Forbidden' },
  ])
  assert.deepEqual(judged({ validations: Array(12).fill(costly) }, true).violations, [])
})

test('annotations say something, or nothing', () => {
  const auditAnnotations = [
    { key: 'name', valueExpression: "' ' + object.metadata.name" },
    { key: 'none', valueExpression: 'object.spec.replicas > 9 ? "many" : null' },
    { key: 'empty', valueExpression: '""' },
  ]
  assert.deepEqual(judged({ auditAnnotations }).annotations, [{ key: 'name', value: 'web' }])
})
