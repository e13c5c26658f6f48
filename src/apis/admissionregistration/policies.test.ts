import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, cells, createCases, created, defaultCases, statusCases, updated } from '../testing/cases.ts'
import { mutatingAdmissionPolicyKind } from './mutating-admission-policy.ts'
import { mutatingAdmissionPolicyBindingKind } from './mutating-admission-policy-binding.ts'
import { validatingAdmissionPolicyKind } from './validating-admission-policy.ts'
import { validatingAdmissionPolicyBindingKind } from './validating-admission-policy-binding.ts'

const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }
const constraints = { resourceRules: [rule] }
const validating = {
  kind: validatingAdmissionPolicyKind,
  valid: {
    metadata: { name: 'limit' },
    spec: { matchConstraints: constraints, validations: [{ expression: 'object.spec.replicas <= 5' }] },
  },
}
const mutation = { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 3}}' } }
const mutating = {
  kind: mutatingAdmissionPolicyKind,
  valid: { metadata: { name: 'fill' }, spec: { matchConstraints: constraints, mutations: [mutation] } },
}
const binding = {
  kind: validatingAdmissionPolicyBindingKind,
  valid: { metadata: { name: 'limit' }, spec: { policyName: 'limit', validationActions: ['Deny'] } },
}
const mutatingBinding = {
  kind: mutatingAdmissionPolicyBindingKind,
  valid: { metadata: { name: 'fill' }, spec: { policyName: 'fill' } },
}

const spec = (by: object) => ({ spec: by })
const validation = (by: object) => spec({ validations: [{ expression: 'true', ...by }] })
const undeclared = (name: string) =>
  `compilation failed: ERROR: <input>:1:1: undeclared reference to '${name}' (in container '')\n | ${name}\n | ^`

const common: readonly Case[] = [
  ['no constraints', spec({ matchConstraints: null }), 'spec.matchConstraints: Required value'],
  ['no rules', spec({ matchConstraints: { resourceRules: [] } }), 'spec.matchConstraints.resourceRules: Required value'],
  [
    'a rule without groups',
    spec({ matchConstraints: { resourceRules: [{ ...rule, apiGroups: [] }] } }),
    'spec.matchConstraints.resourceRules[0].apiGroups: Required value',
  ],
  [
    'a name twice',
    spec({ matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a', 'a'] }] } }),
    'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
  ],
  [
    'an unknown match policy',
    spec({ matchConstraints: { ...constraints, matchPolicy: 'Some' } }),
    'spec.matchConstraints.matchPolicy: Unsupported value: "Some": supported values: "Equivalent", "Exact"',
  ],
  [
    'an unknown failure policy',
    spec({ failurePolicy: 'Retry' }),
    'spec.failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"',
  ],
  ['no kind of parameters', spec({ paramKind: { apiVersion: 'v1' } }), 'spec.paramKind.kind: Required value'],
  [
    'a group of parameters that is none',
    spec({ paramKind: { apiVersion: 'a/b/c', kind: 'ConfigMap' } }),
    'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
  ],
  [
    'a condition that is no expression',
    spec({ matchConditions: [{ name: 'a', expression: 'foo' }] }),
    `spec.matchConditions[0].expression: Invalid value: "foo": ${undeclared('foo')}`,
  ],
  [
    'a condition that is no boolean',
    spec({ matchConditions: [{ name: 'a', expression: '1' }] }),
    'spec.matchConditions[0].expression: Invalid value: "1": must evaluate to bool',
  ],
  [
    'a condition about parameters that there are none of',
    spec({ matchConditions: [{ name: 'a', expression: 'params.x' }] }),
    `spec.matchConditions[0].expression: Invalid value: "params.x": ${undeclared('params').replace('| params', '| params.x')}`,
  ],
  [
    'a variable',
    spec({
      variables: [
        { name: 'a', expression: '1' },
        { name: 'b', expression: 'variables.a + 1' },
      ],
    }),
  ],
  [
    'a variable before its time',
    spec({ variables: [{ name: 'b', expression: 'variables.a + 1' }] }),
    `spec.variables[0].expression: Invalid value: "variables.a + 1": ${undeclared('variables').replace('| variables', '| variables.a + 1')}`,
  ],
  [
    'a variable of no name',
    spec({ variables: [{ name: '1a', expression: '1' }] }),
    'spec.variables[0].name: Invalid value: "1a": name is not a valid CEL identifier',
  ],
]

createCases(validating, [
  ...common,
  [
    'nothing to check',
    spec({ validations: [] }),
    'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
    'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
  ],
  ['no expression', validation({ expression: ' ' }), 'spec.validations[0].expression: Required value: expression is not specified'],
  ['no boolean', validation({ expression: '"a"' }), 'spec.validations[0].expression: Invalid value: "\\"a\\"": must evaluate to bool'],
  [
    'an unknown field of the request',
    validation({ expression: 'request.nope' }),
    'spec.validations[0].expression: Invalid value: "request.nope": compilation failed: ERROR: <input>:1:8: undefined field \'nope\'\n | request.nope\n | .......^',
  ],
  [
    'a message of two lines',
    validation({ message: 'a\nb' }),
    'spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
  ],
  [
    'a message of spaces',
    validation({ message: ' ' }),
    'spec.validations[0].message: Invalid value: " ": message must be non-empty if specified',
  ],
  [
    'a message that is no text',
    validation({ messageExpression: '1' }),
    'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string',
  ],
  [
    'a message that asks the authorizer',
    validation({ messageExpression: 'authorizer' }),
    `spec.validations[0].messageExpression: Invalid value: "authorizer": ${undeclared('authorizer')}`,
  ],
  [
    'an unknown reason',
    validation({ reason: 'Because' }),
    'spec.validations[0].reason: Unsupported value: "Because": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"',
  ],
  ['notes only', spec({ validations: null, auditAnnotations: [{ key: 'who', valueExpression: 'request.userInfo.username' }] })],
  [
    'a note twice',
    spec({
      auditAnnotations: [
        { key: 'a', valueExpression: 'null' },
        { key: 'a', valueExpression: '1' },
      ],
    }),
    'spec.auditAnnotations[1].valueExpression: Invalid value: "1": must evaluate to one of [string null]',
    'spec.auditAnnotations[1].key: Duplicate value: "a"',
  ],
  ['asks the authorizer', validation({ expression: "authorizer.group('').resource('pods').namespace('a').check('get').allowed()" })],
  ['asks about the request', validation({ expression: "authorizer.requestResource.check('approve').allowed()" })],
])

createCases(mutating, [
  ...common,
  ['nothing to change', spec({ mutations: [] }), 'spec.mutations: Required value: mutations must contain at least one item'],
  [
    'an unknown type',
    spec({ mutations: [{ patchType: 'Merge' }] }),
    'spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
  ],
  [
    'the other type',
    spec({ mutations: [{ patchType: 'JSONPatch', applyConfiguration: mutation.applyConfiguration }] }),
    'spec.mutations[0].applyConfiguration: Forbidden: must not specify applyConfiguration when patchType is JSONPatch',
    'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
  ],
  [
    'a patch',
    spec({
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: { expression: '[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "c"}]' },
        },
      ],
    }),
  ],
  [
    'no object',
    spec({ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: '1' } }] }),
    'spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object',
  ],
  [
    'an unknown reinvocation policy',
    spec({ reinvocationPolicy: 'Always' }),
    'spec.reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
  ],
])

const bindings: readonly Case[] = [
  ['no policy', spec({ policyName: '' }), 'spec.policyName: Required value'],
  [
    'neither name nor selector',
    spec({ paramRef: { parameterNotFoundAction: 'Deny' } }),
    'spec.paramRef: Required value: one of name or selector must be specified',
  ],
  [
    'both',
    spec({ paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } }),
    'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
  ],
  ['no action', spec({ paramRef: { name: 'a' } }), 'spec.paramRef.parameterNotFoundAction: Required value'],
  [
    'an unknown action',
    spec({ paramRef: { name: 'a', parameterNotFoundAction: 'Warn' } }),
    'spec.paramRef.parameterNotFoundAction: Unsupported value: "Warn": supported values: "Allow", "Deny"',
  ],
]
createCases(mutatingBinding, bindings)
createCases(binding, [
  ...bindings,
  ['no actions', spec({ validationActions: [] }), 'spec.validationActions: Required value: at least one validation action is required'],
  [
    'an unknown action of validation',
    spec({ validationActions: ['Shout'] }),
    'spec.validationActions[0]: Unsupported value: "Shout": supported values: "Audit", "Deny", "Warn"',
  ],
  [
    'Deny and Warn',
    spec({ validationActions: ['Deny', 'Warn'] }),
    'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ],
])

for (const kind of [validating, mutating as unknown as typeof validating]) {
  defaultCases(kind, [
    [{}, 'spec.failurePolicy', 'Fail'],
    [{}, 'spec.matchConstraints.matchPolicy', 'Equivalent'],
    [{}, 'spec.matchConstraints.namespaceSelector', {}],
    [{}, 'spec.matchConstraints.objectSelector', {}],
    [{}, 'spec.matchConstraints.resourceRules.0.scope', '*'],
  ])
}
defaultCases(mutating, [[{}, 'spec.reinvocationPolicy', 'Never']])
defaultCases(binding, [
  [{ spec: { matchResources: { resourceRules: [rule] } } }, 'spec.matchResources.matchPolicy', 'Equivalent'],
  [{ spec: { matchResources: { excludeResourceRules: [rule] } } }, 'spec.matchResources.excludeResourceRules.0.scope', '*'],
])

statusCases(validating, [
  [
    'a warning',
    { status: { observedGeneration: 1, typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0]', warning: 'w' }] } } },
  ],
  [
    'an empty warning',
    { status: { typeChecking: { expressionWarnings: [{ fieldRef: '', warning: '' }] } } },
    'status.typeChecking.expressionWarnings[0].warning: Required value',
    'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
  ],
])

test('policies count changes of their specification, and keep their status', () => {
  const old = { ...created(validatingAdmissionPolicyKind, validating.valid), status: { observedGeneration: 1 } }
  assert.equal(old.metadata.generation, 1)
  const changed = updated(validatingAdmissionPolicyKind, { ...old, status: {}, spec: { ...old.spec, failurePolicy: 'Ignore' } }, old)
  assert.equal(changed.metadata.generation, 2)
  assert.deepEqual(changed.status, { observedGeneration: 1 })
})

test('policies and bindings have columns', () => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
  assert.deepEqual(cells(validatingAdmissionPolicyKind, { ...validating.valid, spec: { ...validating.valid.spec, paramKind } }), [
    'limit',
    1,
    'v1/ConfigMap',
    '<unknown>',
  ])
  assert.deepEqual(cells(mutatingAdmissionPolicyKind, mutating.valid), ['fill', 1, '<unset>', '<unknown>'])
  assert.deepEqual(cells(validatingAdmissionPolicyBindingKind, binding.valid), ['limit', 'limit', '<unset>', '<unknown>'])
  const paramRef = { name: 'p', namespace: 'n' }
  assert.deepEqual(cells(mutatingAdmissionPolicyBindingKind, { ...mutatingBinding.valid, spec: { policyName: 'fill', paramRef } }), [
    'fill',
    'fill',
    'n/p',
    '<unknown>',
  ])
})
