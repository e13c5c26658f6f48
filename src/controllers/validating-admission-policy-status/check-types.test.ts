import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInKinds } from '../../apis/index.ts'
import { checkTypes } from './check-types.ts'

const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }
const check = (spec: object, rules: readonly object[] = [rule]) =>
  checkTypes({ metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: rules as never }, ...spec } }, builtInKinds)

const cases: readonly (readonly [name: string, warnings: unknown, ...Parameters<typeof check>])[] = [
  ['nothing wrong', [], { validations: [{ expression: 'object.spec.replicas > 1 && has(object.metadata.labels)' }] }],
  [
    'a field that is not there',
    [
      {
        fieldRef: 'spec.validations[0].expression',
        warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
      },
    ],
    { validations: [{ expression: 'object.replicas > 1' }] },
  ],
  [
    'a message of other types',
    [
      {
        fieldRef: 'spec.validations[0].messageExpression',
        warning:
          "apps/v1, Kind=Deployment: ERROR: <input>:1:7: found no matching overload for '_+_' applied to '(string, int)'\n | 'n: ' + object.spec.replicas\n | ......^\n",
      },
    ],
    { validations: [{ expression: 'true', messageExpression: "'n: ' + object.spec.replicas" }] },
  ],
  [
    'variables have types',
    1,
    { variables: [{ name: 'n', expression: 'object.spec.replicas' }], validations: [{ expression: "variables.n == 'a'" }] },
  ],
  ['parameters have types', 1, { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: 'params.nope == 1' }] }],
  [
    'parameters of unknown kinds have none',
    [],
    { paramKind: { apiVersion: 'a/v1', kind: 'B' }, validations: [{ expression: 'params.nope == 1' }] },
  ],
  ['rules with stars', [], { validations: [{ expression: 'object.nope' }] }, [{ ...rule, apiGroups: ['*'] }]],
  ['subresources', [], { validations: [{ expression: 'object.nope' }] }, [{ ...rule, resources: ['deployments/scale'] }]],
]

for (const [name, expected, ...input] of cases) {
  test(`expressions checked by types: ${name}`, () => {
    const warnings = check(...input)
    if (typeof expected === 'number') assert.equal(warnings.length, expected)
    else assert.deepEqual(warnings, expected)
  })
}

test('a policy about several kinds is checked by each', () => {
  const warnings = check({ validations: [{ expression: 'object.data == object.spec' }] }, [
    { ...rule, apiGroups: [''], resources: ['pods', 'configmaps'] },
  ])
  assert.match(
    warnings[0]?.warning ?? '',
    /^\/v1, Kind=ConfigMap: .*undefined field 'spec'[\s\S]*\n\/v1, Kind=Pod: .*undefined field 'data'/,
  )
})
