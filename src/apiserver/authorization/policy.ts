import type { UserInfo } from '../../apimachinery/request.ts'
import type { ClusterRoleBinding } from '../../apis/rbac/cluster-role-binding.ts'
import type { PolicyRule, Role } from '../../apis/rbac/role.ts'
import type { RoleBinding, RoleRef } from '../../apis/rbac/role-binding.ts'
import type { StoredObjects } from '../types.ts'
import { keyOfSubject, subjectKeys } from './rules.ts'

/**
 * The RBAC policy read straight from the stored objects, by looking at every binding: for admission, which asks once
 * a role or binding is written. Requests are decided by the index instead.
 */
export interface Policy {
  rulesOf(user: UserInfo, namespace: string): readonly PolicyRule[]
  /** Undefined when there is no such role. */
  rulesOfRole(reference: RoleRef, namespace: string): readonly PolicyRule[] | undefined
}

export function storedPolicy(objects: StoredObjects): Policy {
  const kind = (resource: string) => {
    const found = objects.kind('rbac.authorization.k8s.io', resource)
    if (!found) throw new Error(`read the RBAC policy: the resource ${resource} is not served`)
    return found
  }
  const rulesOfRole: Policy['rulesOfRole'] = (reference, namespace) => {
    const role =
      reference.kind === 'Role'
        ? objects.get(kind('roles'), namespace, reference.name)
        : objects.get(kind('clusterroles'), '', reference.name)
    return role && ((role as Role).rules ?? [])
  }
  return {
    rulesOfRole,
    rulesOf(user, namespace) {
      const keys = new Set(subjectKeys(user))
      const bindings = [
        ...(objects.list(kind('clusterrolebindings')) as readonly ClusterRoleBinding[]),
        ...(namespace === '' ? [] : (objects.list(kind('rolebindings'), namespace) as readonly RoleBinding[])),
      ]
      return bindings
        .filter(({ metadata, subjects = [] }) => subjects.some(subject => keys.has(keyOfSubject(subject, metadata.namespace ?? ''))))
        .flatMap(({ metadata, roleRef }) => rulesOfRole(roleRef, metadata.namespace ?? '') ?? [])
    },
  }
}
