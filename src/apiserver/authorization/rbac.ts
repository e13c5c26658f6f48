import type { ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { ClusterRole } from '../../apis/rbac/cluster-role.ts'
import type { PolicyRule, Role } from '../../apis/rbac/role.ts'
import type { RoleBinding, RoleRef } from '../../apis/rbac/role-binding.ts'
import type { Authorization, Authorizer } from '../types.ts'
import { keyOfSubject, ruleAllows, subjectKeys } from './rules.ts'

/** RBAC over the committed roles and bindings, kept as an index from subjects to bindings: a decision scans nothing. */
export interface RbacAuthorizer extends Authorizer {
  authorize(user: UserInfo, attributes: RequestAttributes): Authorization
  /** Follows these views from now on; before that, everything is refused. */
  attach(views: RbacViews): void
  /** All rules that hold for a user in a namespace; empty for the cluster's own. */
  rulesOf(user: UserInfo, namespace: string): readonly PolicyRule[]
  /** The rules of a role that a binding refers to, or undefined when there is no such role. */
  rulesOfRole(reference: RoleRef, namespace: string): readonly PolicyRule[] | undefined
  close(): void
}

export interface RbacViews {
  readonly roles: ResourceView
  readonly roleBindings: ResourceView
  readonly clusterRoles: ResourceView
  readonly clusterRoleBindings: ResourceView
}

/** A binding as decisions need it; `namespace` is empty for cluster bindings. */
interface IndexedBinding {
  readonly namespace: string
  readonly name: string
  readonly roleRef: RoleRef
}

type SubjectIndex = Map<string, Map<string, IndexedBinding>>

export function createRbacAuthorizer(): RbacAuthorizer {
  let views: RbacViews | undefined
  const unsubscribe: (() => void)[] = []
  // By namespace ('' for cluster bindings), then subject, then binding.
  const index = new Map<string, SubjectIndex>()

  const place = (binding: RoleBinding, add: boolean) => {
    const namespace = binding.metadata.namespace ?? ''
    const name = binding.metadata.name ?? ''
    const subjects = index.get(namespace) ?? new Map()
    index.set(namespace, subjects)
    for (const subject of binding.subjects ?? []) {
      const key = keyOfSubject(subject, namespace)
      if (add) subjects.set(key, (subjects.get(key) ?? new Map()).set(name, { namespace, name, roleRef: binding.roleRef }))
      else if (subjects.get(key)?.delete(name) && subjects.get(key)?.size === 0) subjects.delete(key)
    }
  }

  const follow = (view: ResourceView) => {
    unsubscribe.push(
      view.subscribe(change => {
        if (change.old) place(change.old as RoleBinding, false)
        if (change.new) place(change.new as RoleBinding, true)
      }),
    )
    for (const binding of view.list()) place(binding as RoleBinding, true)
  }

  const rulesOfRole = (reference: RoleRef, namespace: string): readonly PolicyRule[] | undefined => {
    const role: (KubernetesObject & Pick<Role & ClusterRole, 'rules'>) | undefined =
      reference.kind === 'Role' ? views?.roles.get(namespace, reference.name) : views?.clusterRoles.get(undefined, reference.name)
    return role && (role.rules ?? [])
  }

  function* bindingsOf(user: UserInfo, namespace: string): Generator<IndexedBinding> {
    const scopes = namespace === '' ? [''] : ['', namespace]
    const keys = subjectKeys(user)
    for (const scope of scopes) {
      const subjects = index.get(scope)
      if (!subjects) continue
      for (const key of keys) yield* subjects.get(key)?.values() ?? []
    }
  }

  return {
    attach(given) {
      views = given
      follow(given.roleBindings)
      follow(given.clusterRoleBindings)
    },
    rulesOfRole,
    rulesOf(user, namespace) {
      const rules: PolicyRule[] = []
      for (const binding of bindingsOf(user, namespace)) rules.push(...(rulesOfRole(binding.roleRef, binding.namespace) ?? []))
      return rules
    },
    authorize(user, attributes) {
      const missing: string[] = []
      for (const binding of bindingsOf(user, attributes.isResourceRequest ? attributes.namespace : '')) {
        const rules = rulesOfRole(binding.roleRef, binding.namespace)
        if (!rules)
          missing.push(`${binding.roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(binding.roleRef.name)} not found`)
        else if (rules.some(rule => ruleAllows(rule, attributes))) return { allowed: true, reason: allowedBy(binding, user) }
      }
      return { allowed: false, reason: missing.length ? `RBAC: ${missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`}` : '' }
    },
    close() {
      for (const end of unsubscribe) end()
      index.clear()
    },
  }
}

function allowedBy(binding: IndexedBinding, user: UserInfo): string {
  const kind = binding.namespace ? 'RoleBinding' : 'ClusterRoleBinding'
  const name = binding.namespace ? `${binding.name}/${binding.namespace}` : binding.name
  return `RBAC: allowed by ${kind} ${JSON.stringify(name)} of ${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)} to User ${JSON.stringify(user.name)}`
}
