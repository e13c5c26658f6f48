import { defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'
import { each } from '../core/validation/rules.ts'
import { createdAtColumn, validatePolicyRule } from './policy-rule.ts'

export const PolicyRule = object('io.k8s.api.rbac.v1.PolicyRule', 'Something that is allowed; rules only ever add up.', {
  verbs: required(1, atomicList(text), 'What may be done; * for everything.'),
  apiGroups: optional(2, atomicList(text), 'Groups of the resources, an empty text for the core group; * for all.'),
  resources: optional(3, atomicList(text), 'Resources, with a slash before a subresource as in pods/log; * for all.'),
  resourceNames: optional(4, atomicList(text), 'Names of the objects; any if left out.'),
  nonResourceURLs: optional(5, atomicList(text), 'Paths such as /healthz, with * at the end for all below; in cluster roles only.'),
})
export interface PolicyRule extends Infer<typeof PolicyRule> {}

export const Role = topLevel('io.k8s.api.rbac.v1.Role', 'A set of rights in one namespace.', {
  rules: optional(2, atomicList(PolicyRule), 'What is allowed.'),
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
