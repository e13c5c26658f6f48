import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../../apimachinery/field-error.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import { defaulted } from '../testing/cases.ts'
import { bootstrapClusterRoleBindings, bootstrapClusterRoles, bootstrapRoleBindings, bootstrapRoles } from './bootstrap.ts'
import { clusterRoleKind } from './cluster-role.ts'
import { clusterRoleBindingKind } from './cluster-role-binding.ts'
import { roleKind } from './role.ts'
import { roleBindingKind } from './role-binding.ts'

const key = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ''}/${metadata.name}`

function check<T extends KubernetesObject>(kind: Kind<T>, objects: readonly T[]): void {
  test(`bootstrap: every ${kind.kind} is valid, complete, marked and there once`, () => {
    for (const object of objects) {
      assert.deepEqual(kind.strategy.validate(defaulted(kind, object)).map(formatFieldError), [], key(object))
      assert.deepEqual(defaulted(kind, object), object, 'nothing is left to defaults')
      assert.equal(object.metadata.labels?.['kubernetes.io/bootstrapping'], 'rbac-defaults')
      assert.equal(object.metadata.annotations?.['rbac.authorization.kubernetes.io/autoupdate'], 'true')
    }
    assert.equal(new Set(objects.map(key)).size, objects.length)
  })
}

check(clusterRoleKind, bootstrapClusterRoles)
check(clusterRoleBindingKind, bootstrapClusterRoleBindings)
check(roleKind, bootstrapRoles)
check(roleBindingKind, bootstrapRoleBindings)

test('bootstrap: every binding grants a role that is there', () => {
  const clusterRoles = new Set(bootstrapClusterRoles.map(role => role.metadata.name))
  const roles = new Set(bootstrapRoles.map(key))
  for (const { roleRef } of bootstrapClusterRoleBindings) assert.ok(clusterRoles.has(roleRef.name), roleRef.name)
  for (const { metadata, roleRef } of bootstrapRoleBindings) assert.ok(roles.has(`${metadata.namespace}/${roleRef.name}`), roleRef.name)
})

test('bootstrap: view is part of edit, and edit of admin', () => {
  const find = (name: string) => bootstrapClusterRoles.find(role => role.metadata.name === name)
  const gathers = (name: string) => {
    const matchers = (find(name)?.aggregationRule?.clusterRoleSelectors ?? []).map(selector => labelSelectorMatcher(selector))
    return bootstrapClusterRoles
      .filter(role => matchers.some(matcher => matcher.matches(role.metadata.labels)))
      .map(role => role.metadata.name)
  }
  assert.deepEqual(gathers('admin'), ['edit', 'system:aggregate-to-admin'])
  assert.deepEqual(gathers('edit'), ['view', 'system:aggregate-to-edit'])
  assert.deepEqual(gathers('view'), ['system:aggregate-to-view'])
})

test('bootstrap: viewing never shows a secret', () => {
  const view = bootstrapClusterRoles.find(role => role.metadata.name === 'system:aggregate-to-view')
  assert.equal(
    view?.rules?.some(rule => rule.resources?.includes('secrets') || rule.resources?.includes('*')),
    false,
  )
})

test('bootstrap: whoever is not signed in gets health and version, and nothing more', () => {
  const granted = bootstrapClusterRoleBindings.filter(binding =>
    binding.subjects?.some(subject => subject.name === 'system:unauthenticated'),
  )
  assert.deepEqual(
    granted.map(binding => binding.roleRef.name),
    ['system:public-info-viewer'],
  )
  const rules = bootstrapClusterRoles.find(role => role.metadata.name === 'system:public-info-viewer')?.rules
  assert.deepEqual(rules, [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }])
})
