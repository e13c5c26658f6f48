import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, object, optional, required, text } from '../../apimachinery/schema.ts'
import { bindingColumns, validateBinding, validateRoleRefUpdate, withBindingDefaults } from './binding.ts'

export const RoleRef = object(
  'io.k8s.api.rbac.v1.RoleRef',
  'The role that is granted.',
  {
    apiGroup: optional(1, text, 'Group of the role, rbac.authorization.k8s.io.'),
    kind: required(2, text, 'Role or ClusterRole.'),
    name: required(3, text, 'Name of the role.'),
  },
  { mapType: 'atomic' },
)
export interface RoleRef extends Infer<typeof RoleRef> {}

export const Subject = object(
  'io.k8s.api.rbac.v1.Subject',
  'Somebody to whom a role is granted.',
  {
    kind: required(1, text, 'User, Group or ServiceAccount.'),
    apiGroup: optional(2, text, 'Group of the subject: rbac.authorization.k8s.io for users and groups, empty for service accounts.'),
    name: required(3, text, 'Name of the user, group or service account.'),
    namespace: optional(4, text, 'Namespace of a service account.'),
  },
  { mapType: 'atomic' },
)
export interface Subject extends Infer<typeof Subject> {}

export const RoleBinding = topLevel('io.k8s.api.rbac.v1.RoleBinding', "Grants a role's rights in one namespace.", {
  subjects: optional(2, atomicList(Subject), 'To whom it is granted.'),
  roleRef: required(3, RoleRef, "The role that is granted; can't be changed."),
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
