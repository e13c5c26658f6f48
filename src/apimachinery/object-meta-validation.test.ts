import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FieldError, formatFieldError } from './field-error.ts'
import type { LabelSelector, ObjectMeta } from './meta.ts'
import { validateLabelSelector, validateObjectMeta, validateObjectMetaUpdate } from './object-meta-validation.ts'

const good: ObjectMeta = { name: 'web', namespace: 'default' }
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' }
const texts = (errors: readonly FieldError[]): string[] => errors.map(formatFieldError)
const head = (errors: readonly FieldError[]): string[] => texts(errors).map(text => text.split(' (')[0] ?? '')

test('a plain object is valid', () => {
  assert.deepEqual(validateObjectMeta(good, { namespaced: true }), [])
  assert.deepEqual(validateObjectMeta({ name: 'node', finalizers: ['orphan', 'example.com/x'] }, { namespaced: false }), [])
})

test('each rule on creation', () => {
  const label = 'must consist of alphanumeric characters'
  const cases: readonly (readonly [Partial<ObjectMeta>, RegExp])[] = [
    [{ name: '' }, /^metadata\.name: Required value: name or generateName is required$/],
    [{ name: 'A' }, /^metadata\.name: Invalid value: "A": a lowercase RFC 1123 subdomain/],
    [{ generateName: 'A-' }, /^metadata\.generateName: Invalid value: "A-": a lowercase/],
    [{ namespace: '' }, /^metadata\.namespace: Required value$/],
    [{ namespace: 'a.b' }, /^metadata\.namespace: Invalid value: "a\.b": must not contain dots$/],
    [{ generation: -1 }, /^metadata\.generation: Invalid value: -1: must be greater than or equal to 0$/],
    [{ labels: { 'a b': 'x' } }, new RegExp(`^metadata\\.labels: Invalid value: "a b": name part ${label}`)],
    [{ labels: { a: '-' } }, /^metadata\.labels: Invalid value: "-": a valid label must be an empty string/],
    [{ annotations: { 'a b': 'x' } }, new RegExp(`^metadata\\.annotations: Invalid value: "a b": name part ${label}`)],
    [{ annotations: { a: 'x'.repeat(262144) } }, /^metadata\.annotations: Too long: may not be more than 262144 bytes$/],
    [
      { ownerReferences: [{ ...owner, apiVersion: 'apps/' }] },
      /^metadata\.ownerReferences\.apiVersion: Invalid value: "apps\/": version must not be empty$/,
    ],
    [{ ownerReferences: [{ ...owner, kind: '' }] }, /^metadata\.ownerReferences\.kind: Invalid value: "": must not be empty$/],
    [{ ownerReferences: [{ ...owner, name: '' }] }, /^metadata\.ownerReferences\.name: Invalid value: "": must not be empty$/],
    [{ ownerReferences: [{ ...owner, uid: '' }] }, /^metadata\.ownerReferences\.uid: Invalid value: "": must not be empty$/],
    [
      { ownerReferences: [{ ...owner, kind: 'Event' }] },
      /^metadata\.ownerReferences: Invalid value: .*: \/v1, Kind=Event is disallowed from being an owner$/,
    ],
    [
      {
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'b', controller: true },
        ],
      },
      /Only one reference can have Controller set to true\. Found "true" in references for Pod\/a and Pod\/b$/,
    ],
    [{ finalizers: ['a b/c'] }, /^metadata\.finalizers: Invalid value: "a b\/c": prefix part/],
    [{ finalizers: ['orphan', 'foregroundDeletion'] }, /finalizer orphan and foregroundDeletion cannot be both set$/],
    [
      { finalizers: ['mine'] },
      /^metadata\.finalizers\[0\]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified$/,
    ],
    [
      { managedFields: [{ operation: 'Other' }] },
      /^metadata\.managedFields\[0\]\.operation: Invalid value: "Other": must be `Apply` or `Update`$/,
    ],
    [
      { managedFields: [{ operation: 'Update', fieldsType: 'X' }] },
      /^metadata\.managedFields\[0\]\.fieldsType: Invalid value: "X": must be `FieldsV1`$/,
    ],
    [
      { managedFields: [{ operation: 'Update', manager: 'a\nb' }] },
      /^metadata\.managedFields\[0\]\.manager: Invalid value: "a\\nb": invalid character U\+000A \(at position 1\)$/,
    ],
  ]
  for (const [change, expected] of cases) {
    const errors = texts(validateObjectMeta({ ...good, ...change }, { namespaced: true }))
    assert.equal(errors.length, 1, `${JSON.stringify(change).slice(0, 80)}: ${errors.join('; ')}`)
    assert.match(errors[0] ?? '', expected)
  }
})

test('cluster-scoped objects have no namespace, custom ones any finalizer', () => {
  assert.deepEqual(texts(validateObjectMeta(good, { namespaced: false })), ['metadata.namespace: Forbidden: not allowed on this type'])
  assert.deepEqual(validateObjectMeta({ name: 'a', finalizers: ['mine'] }, { namespaced: false, custom: true }), [])
})

test('what an update may not change', () => {
  const old: ObjectMeta = { ...good, uid: 'u', generation: 2, creationTimestamp: '2020-01-01T00:00:00Z' }
  assert.deepEqual(validateObjectMetaUpdate({ ...old, labels: { a: 'b' }, generation: 3 }, old), [])
  const immutable: Partial<ObjectMeta>[] = [
    { name: 'x' },
    { namespace: 'x' },
    { uid: 'x' },
    { creationTimestamp: '2021-01-01T00:00:00Z' },
    { deletionTimestamp: '2021-01-01T00:00:00Z' },
    { deletionGracePeriodSeconds: 1 },
  ]
  for (const change of immutable) {
    const [[field, value]] = Object.entries(change) as [[string, unknown]]
    assert.deepEqual(texts(validateObjectMetaUpdate({ ...old, ...change }, old)), [
      `metadata.${field}: Invalid value: ${JSON.stringify(value)}: field is immutable`,
    ])
  }
  assert.deepEqual(texts(validateObjectMetaUpdate({ ...old, generation: 1 }, old)), [
    'metadata.generation: Invalid value: 1: must not be decremented',
  ])
})

test('an object that is being deleted gets no new finalizers', () => {
  const old: ObjectMeta = { ...good, deletionTimestamp: '2020-01-01T00:00:00Z', finalizers: ['a/b'] }
  assert.deepEqual(validateObjectMetaUpdate({ ...old, finalizers: [] }, old), [])
  assert.deepEqual(texts(validateObjectMetaUpdate({ ...old, finalizers: ['a/b', 'a/c'] }, old)), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/c"}',
  ])
})

test('label selectors', () => {
  const cases: readonly (readonly [LabelSelector | undefined, readonly string[]])[] = [
    [undefined, []],
    [{}, []],
    [{ matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['x'] }] }, []],
    [
      { matchExpressions: [{ key: 'a', operator: 'NotIn' }] },
      ["spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
    ],
    [
      { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
      ["spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"],
    ],
    [
      { matchExpressions: [{ key: 'a', operator: 'Near' }] },
      ['spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator'],
    ],
    [
      { matchExpressions: [{ key: '', operator: 'Exists' }] },
      [
        'spec.selector.matchExpressions[0].key: Invalid value: "": name part must be non-empty',
        "spec.selector.matchExpressions[0].key: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      ],
    ],
    [
      { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] },
      [
        "spec.selector.matchExpressions[0].values[0]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      ],
    ],
  ]
  for (const [selector, expected] of cases) assert.deepEqual(head(validateLabelSelector(selector, 'spec.selector')), expected)
})
