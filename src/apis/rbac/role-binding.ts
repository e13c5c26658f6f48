import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'
import { bindingColumns, validateBinding, validateRoleRefUpdate, withBindingDefaults } from './binding.ts'

export const RoleRef = object(
  'io.k8s.api.rbac.v1.RoleRef',
  '',
  {
    apiGroup: optional(1, text, ''),
    kind: required(2, text, ''),
    name: required(3, text, ''),
  },
  { mapType: 'atomic' },
)
export interface RoleRef extends Infer<typeof RoleRef> {}

export const Subject = object(
  'io.k8s.api.rbac.v1.Subject',
  '',
  {
    kind: required(1, text, ''),
    apiGroup: optional(2, text, ''),
    name: required(3, text, ''),
    namespace: optional(4, text, ''),
  },
  { mapType: 'atomic' },
)
export interface Subject extends Infer<typeof Subject> {}

export const RoleBinding = topLevel('io.k8s.api.rbac.v1.RoleBinding', '', {
  subjects: optional(2, atomicList(Subject), ''),
  roleRef: required(3, RoleRef, ''),
})
export interface RoleBinding extends Infer<typeof RoleBinding> {}

export const roleBindingKind: Kind<RoleBinding> = defineKind({
  kind: 'RoleBinding',
  resource: 'rolebindings',
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  schema: RoleBinding,
  scope: 'Namespaced',
  columns: [nameColumn, ...bindingColumns(ageColumn)],
  strategy: {
    applyDefaults: withBindingDefaults,
    validate: binding => validateBinding(binding, { isNamespaced: true, roleKinds: ['ClusterRole', 'Role'] }),
    validateUpdate: validateRoleRefUpdate,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validatePathSegmentName),
  },
})
