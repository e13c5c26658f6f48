import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import type { Column } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { PolicyRule } from './role.ts'

/** What Roles and ClusterRoles have in common. */

/** The API group of RBAC, which references and subjects name. */
export const rbacGroup = 'rbac.authorization.k8s.io'

export const createdAtColumn: Column = {
  name: 'Created At',
  type: 'date',
  description: 'When the role was created.',
  priority: 0,
  cell: (role: KubernetesObject) => role.metadata.creationTimestamp ?? '',
}

export function validatePolicyRule(rule: PolicyRule, isNamespaced: boolean, path: string): FieldError[] {
  const errors = rule.verbs?.length ? [] : [requiredField(`${path}.verbs`, 'verbs must contain at least one value')]
  const urls = rule.nonResourceURLs
  if (urls?.length) return [...errors, ...validateUrls(rule, urls, isNamespaced, `${path}.nonResourceURLs`)]
  if (!rule.apiGroups?.length) errors.push(requiredField(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  if (!rule.resources?.length) errors.push(requiredField(`${path}.resources`, 'resource rules must supply at least one resource'))
  return errors
}

function validateUrls(rule: PolicyRule, urls: readonly string[], isNamespaced: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (isNamespaced) errors.push(invalidField(path, urls, 'namespaced rules cannot apply to non-resource URLs'))
  if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
    errors.push(invalidField(path, urls, 'rules cannot apply to both regular resources and non-resource URLs'))
  }
  return errors
}
