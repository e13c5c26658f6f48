import { defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'
import { each } from '../core/validation/rules.ts'
import { createdAtColumn, validatePolicyRule } from './policy-rule.ts'

export const PolicyRule = object('io.k8s.api.rbac.v1.PolicyRule', '', {
  verbs: required(1, atomicList(text), ''),
  apiGroups: optional(2, atomicList(text), ''),
  resources: optional(3, atomicList(text), ''),
  resourceNames: optional(4, atomicList(text), ''),
  nonResourceURLs: optional(5, atomicList(text), ''),
})
export interface PolicyRule extends Infer<typeof PolicyRule> {}

export const Role = topLevel('io.k8s.api.rbac.v1.Role', '', {
  rules: optional(2, atomicList(PolicyRule), ''),
})
export interface Role extends Infer<typeof Role> {}

export const roleKind: Kind<Role> = defineKind({
  kind: 'Role',
  resource: 'roles',
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  schema: Role,
  scope: 'Namespaced',
  columns: [nameColumn, createdAtColumn],
  strategy: {
    validate: role => each(role.rules, 'rules', (rule, path) => validatePolicyRule(rule, true, path)),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validatePathSegmentName),
  },
})
