import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, cells, createCases, defaultCases, updateCases } from '../testing/cases.ts'
import { clusterRoleKind } from './cluster-role.ts'
import { clusterRoleBindingKind } from './cluster-role-binding.ts'
import { roleKind } from './role.ts'
import { roleBindingKind } from './role-binding.ts'

const group = 'rbac.authorization.k8s.io'
const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
const role = { kind: roleKind, valid: { metadata: { name: 'reader' }, rules: [rule] } }
const clusterRole = { kind: clusterRoleKind, valid: role.valid }
const rules = (by: object) => ({ rules: [{ ...rule, ...by }] })
const paths = { verbs: ['get'], nonResourceURLs: ['/healthz'] }

const common: readonly Case[] = [
  ['no rules', { rules: null }],
  ['no verbs', rules({ verbs: [] }), 'rules[0].verbs: Required value: verbs must contain at least one value'],
  ['no groups', rules({ apiGroups: [] }), 'rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
  ['no resources', rules({ resources: [] }), 'rules[0].resources: Required value: resource rules must supply at least one resource'],
]
const mixed = 'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs'

createCases(role, [
  ...common,
  [
    'paths',
    { rules: [paths] },
    'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
  ],
])
createCases(clusterRole, [
  ...common,
  ['paths', { rules: [paths] }],
  ['paths and resources', rules(paths), mixed],
  ['aggregation', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }],
  [
    'aggregation of nothing',
    { aggregationRule: {} },
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ],
  [
    'aggregation selector',
    { aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] } },
    "aggregationRule.clusterRoleSelectors[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
])

const binding = {
  kind: roleBindingKind,
  valid: { metadata: { name: 'readers' }, roleRef: { kind: 'Role', name: 'reader' }, subjects: [{ kind: 'User', name: 'ann' }] },
}
const clusterBinding = { kind: clusterRoleBindingKind, valid: { ...binding.valid, roleRef: { kind: 'ClusterRole', name: 'reader' } } }
const subject = (by: object) => ({ subjects: [by] })

for (const one of [binding, clusterBinding]) {
  defaultCases(one as typeof binding, [
    [{}, 'roleRef.apiGroup', group],
    [{}, 'subjects.0.apiGroup', group],
    [subject({ kind: 'Group', name: 'a' }), 'subjects.0.apiGroup', group],
    [subject({ kind: 'ServiceAccount', name: 'a', namespace: 'b' }), 'subjects.0.apiGroup', undefined],
  ])
}

createCases(binding, [
  ['cluster role', { roleRef: { kind: 'ClusterRole' } }],
  ['group of the role', { roleRef: { apiGroup: 'apps' } }, `roleRef.apiGroup: Unsupported value: "apps": supported values: "${group}"`],
  ['kind of the role', { roleRef: { kind: 'Pod' } }, 'roleRef.kind: Unsupported value: "Pod": supported values: "ClusterRole", "Role"'],
  ['no role', { roleRef: { name: null } }, 'roleRef.name: Required value'],
  ['name of the role', { roleRef: { name: 'a/b' } }, 'roleRef.name: Invalid value: "a/b": may not contain \'/\''],
  ['nobody', { subjects: null }],
  ['subject without name', subject({ kind: 'User' }), 'subjects[0].name: Required value'],
  [
    'kind of the subject',
    subject({ kind: 'Pod', name: 'a' }),
    'subjects[0].kind: Unsupported value: "Pod": supported values: "Group", "ServiceAccount", "User"',
  ],
  [
    'group of a user',
    subject({ kind: 'User', name: 'a', apiGroup: 'apps' }),
    `subjects[0].apiGroup: Unsupported value: "apps": supported values: "${group}"`,
  ],
  [
    'group of a service account',
    subject({ kind: 'ServiceAccount', name: 'a', apiGroup: group }),
    `subjects[0].apiGroup: Unsupported value: "${group}": supported values: ""`,
  ],
  ['service account of the same namespace', subject({ kind: 'ServiceAccount', name: 'a' })],
])
createCases(clusterBinding, [
  ['role of a namespace', { roleRef: { kind: 'Role' } }, 'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  ['service account without namespace', subject({ kind: 'ServiceAccount', name: 'a' }), 'subjects[0].namespace: Required value'],
])

const changed = (kind: string) => `roleRef: Invalid value: {"kind":"${kind}","name":"writer","apiGroup":"${group}"}: cannot change roleRef`
updateCases(binding, [
  ['of subjects', { subjects: [] }],
  ['of the role', { roleRef: { name: 'writer' } }, changed('Role')],
])
updateCases(clusterBinding, [['of the role', { roleRef: { name: 'writer' } }, changed('ClusterRole')]])

test('RBAC: names may be anything that fits into a path', () => {
  for (const kind of [roleKind, clusterRoleKind, roleBindingKind, clusterRoleBindingKind]) {
    assert.deepEqual(kind.strategy.validateName?.('system:Controller:a b', false), [])
    assert.deepEqual(kind.strategy.validateName?.('a/b', false), ["may not contain '/'"])
  }
})

test('RBAC: columns', () => {
  assert.deepEqual(cells(roleKind, { metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' } }), ['a', '2026-01-01T00:00:00Z'])
  const subjects = [
    { kind: 'User', name: 'u1' },
    { kind: 'User', name: 'u2' },
    { kind: 'Group', name: 'g' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n' },
  ]
  assert.deepEqual(cells(roleBindingKind, { ...binding.valid, subjects }), ['readers', 'Role/reader', '<unknown>', 'u1, u2', 'g', 'n/s'])
})
