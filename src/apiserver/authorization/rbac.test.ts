import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ResourceChange, ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import type { RoleBinding, Subject } from '../../apis/rbac/role-binding.ts'
import { createRbacAuthorizer } from './index.ts'
import { ruleAllows } from './rules.ts'

interface EditableView extends ResourceView {
  put(object: KubernetesObject): void
  delete(namespace: string, name: string): void
}

function editableView(): EditableView {
  const objects = new Map<string, KubernetesObject>()
  const listeners = new Set<(change: ResourceChange) => void>()
  const set = (key: string, object: KubernetesObject | undefined) => {
    const old = objects.get(key)
    if (object) objects.set(key, object)
    else objects.delete(key)
    for (const listener of listeners) listener({ old, new: object, revision: 0 })
  }
  return {
    revision: 0,
    get: (namespace = '', name) => objects.get(`${namespace}/${name}`),
    list: () => [...objects.values()],
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    put: object => set(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object),
    delete: (namespace, name) => set(`${namespace}/${name}`, undefined),
  }
}

const newViews = () => ({
  roles: editableView(),
  roleBindings: editableView(),
  clusterRoles: editableView(),
  clusterRoleBindings: editableView(),
})
type Views = ReturnType<typeof newViews>

/** The rules as they are written down: every binding is looked at. */
function naive(views: Views, user: UserInfo, attributes: RequestAttributes): boolean {
  const means = (subject: Subject, namespace: string) => {
    if (subject.kind === 'Group') return user.groups.includes(subject.name)
    if (subject.kind === 'User') return user.name === subject.name
    return user.name === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`
  }
  const allows = (binding: RoleBinding) => {
    const namespace = binding.metadata.namespace ?? ''
    if (!binding.subjects?.some(subject => means(subject, namespace))) return false
    const { kind, name } = binding.roleRef
    const role = kind === 'Role' ? views.roles.get(namespace, name) : views.clusterRoles.get('', name)
    return ((role as { rules?: PolicyRule[] } | undefined)?.rules ?? []).some(rule => ruleAllows(rule, attributes))
  }
  if (views.clusterRoleBindings.list().some(one => allows(one as RoleBinding))) return true
  if (!attributes.isResourceRequest || attributes.namespace === '') return false
  return views.roleBindings.list().some(one => one.metadata.namespace === attributes.namespace && allows(one as RoleBinding))
}

const names = fc.constantFrom('a', 'b')
const namespaces = fc.constantFrom('n1', 'n2')
const verbs = fc.constantFrom('get', 'list', '*')
const resources = fc.constantFrom('pods', 'pods/log', '*', '*/log')
const someRule: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record({
    verbs: fc.array(verbs, { minLength: 1, maxLength: 2 }),
    apiGroups: fc.constantFrom([''], ['apps'], ['*']),
    resources: fc.array(resources, { minLength: 1, maxLength: 2 }),
    resourceNames: fc.constantFrom([], ['x']),
  }),
  fc.record({
    verbs: fc.array(verbs, { minLength: 1, maxLength: 2 }),
    nonResourceURLs: fc.constantFrom(['/healthz'], ['/healthz*'], ['*']),
  }),
)
const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({ kind: fc.constant('User'), name: names }),
  fc.record({ kind: fc.constant('Group'), name: fc.constantFrom('g1', 'g2') }),
  fc.record({ kind: fc.constant('ServiceAccount'), name: names, namespace: namespaces }),
)
const binding = fc.record({
  name: names,
  subjects: fc.array(subject, { minLength: 1, maxLength: 3 }),
  role: names,
  isCluster: fc.boolean(),
})
const change = fc.oneof(
  fc.record({
    type: fc.constant('role' as const),
    namespace: namespaces,
    name: names,
    rules: fc.array(someRule, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('clusterRole' as const), name: names, rules: fc.array(someRule, { minLength: 1, maxLength: 3 }) }),
  fc.record({ type: fc.constant('binding' as const), namespace: namespaces, binding }),
  fc.record({ type: fc.constant('clusterBinding' as const), binding }),
  fc.record({
    type: fc.constant('delete' as const),
    view: fc.constantFrom<keyof Views>('roles', 'roleBindings', 'clusterRoles', 'clusterRoleBindings'),
    namespace: namespaces,
    name: names,
  }),
)
const user: fc.Arbitrary<UserInfo> = fc.record({
  name: fc.constantFrom('a', 'b', 'system:serviceaccount:n1:a', 'system:serviceaccount:n2:b'),
  groups: fc.subarray(['g1', 'g2']),
})
const request: fc.Arbitrary<RequestAttributes> = fc.record({
  verb: fc.constantFrom('get', 'list', 'delete'),
  isResourceRequest: fc.boolean(),
  path: fc.constantFrom('/healthz', '/healthz/ping', '/metrics'),
  group: fc.constantFrom('', 'apps'),
  version: fc.constant('v1'),
  resource: fc.constant('pods'),
  subresource: fc.constantFrom('', 'log', 'exec'),
  namespace: fc.constantFrom('', 'n1', 'n2'),
  name: fc.constantFrom('', 'x'),
})

function apply(views: Views, one: typeof change extends fc.Arbitrary<infer T> ? T : never): void {
  switch (one.type) {
    case 'role':
      return views.roles.put({ metadata: { namespace: one.namespace, name: one.name }, rules: one.rules } as KubernetesObject)
    case 'clusterRole':
      return views.clusterRoles.put({ metadata: { name: one.name }, rules: one.rules } as KubernetesObject)
    case 'binding': {
      const { name, subjects, role, isCluster } = one.binding
      const roleRef = { kind: isCluster ? 'ClusterRole' : 'Role', name: role }
      return views.roleBindings.put({ metadata: { namespace: one.namespace, name }, subjects, roleRef } as KubernetesObject)
    }
    case 'clusterBinding': {
      const { name, subjects, role } = one.binding
      return views.clusterRoleBindings.put({
        metadata: { name },
        subjects,
        roleRef: { kind: 'ClusterRole', name: role },
      } as KubernetesObject)
    }
    case 'delete':
      return views[one.view].delete(one.view.startsWith('cluster') ? '' : one.namespace, one.name)
  }
}

describe('RBAC', () => {
  it('decides as the rules are written, whatever was written in which order', () => {
    let allowed = 0
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 10, maxLength: 30 }),
        fc.nat(30),
        fc.array(fc.tuple(user, request), { minLength: 10, maxLength: 20 }),
        (changes, attachAfter, questions) => {
          const views = newViews()
          const rbac = createRbacAuthorizer()
          changes.forEach((one, index) => {
            if (index === attachAfter) rbac.attach(views)
            apply(views, one)
          })
          if (attachAfter >= changes.length) rbac.attach(views)
          for (const [who, what] of questions) {
            const expected = naive(views, who, what)
            if (expected) allowed++
            assert.equal(rbac.authorize(who, what).allowed, expected)
          }
          rbac.close()
        },
      ),
      { numRuns: 300, seed: 36 },
    )
    // Questions that nobody may ever ask would say nothing.
    assert.ok(allowed > 100, String(allowed))
  })

  const pods: RequestAttributes = {
    verb: 'get',
    isResourceRequest: true,
    path: '',
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'n1',
    name: 'x',
  }

  it('says by what it allows, and which role is missing', () => {
    const views = newViews()
    const rbac = createRbacAuthorizer()
    assert.equal(rbac.authorize({ name: 'a', groups: [] }, pods).allowed, false)
    rbac.attach(views)
    const metadata = { name: 'reads', namespace: 'n1' }
    const bound = { metadata, subjects: [{ kind: 'User', name: 'a' }], roleRef: { kind: 'Role', name: 'reader' } }
    views.roleBindings.put(bound as KubernetesObject)
    assert.deepEqual(rbac.authorize({ name: 'a', groups: [] }, pods), {
      allowed: false,
      reason: 'RBAC: role.rbac.authorization.k8s.io "reader" not found',
    })
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]
    views.roles.put({ metadata: { name: 'reader', namespace: 'n1' }, rules } as KubernetesObject)
    assert.deepEqual(rbac.authorize({ name: 'a', groups: [] }, pods), {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "reads/n1" of Role "reader" to User "a"',
    })
    rbac.close()
    views.roleBindings.delete('n1', 'reads')
  })
})
