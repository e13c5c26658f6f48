import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, optional, required } from '../../apimachinery/schema.ts'
import { bindingColumns, validateBinding, validateRoleRefUpdate, withBindingDefaults } from './binding.ts'
import { RoleRef, Subject } from './role-binding.ts'

export const ClusterRoleBinding = topLevel('io.k8s.api.rbac.v1.ClusterRoleBinding', "Grants a cluster role's rights everywhere.", {
  subjects: optional(2, atomicList(Subject), 'To whom it is granted.'),
  roleRef: required(3, RoleRef, "The cluster role that is granted; can't be changed."),
})
export interface ClusterRoleBinding extends Infer<typeof ClusterRoleBinding> {}

export const clusterRoleBindingKind: Kind<ClusterRoleBinding> = defineKind({
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  schema: ClusterRoleBinding,
  scope: 'Cluster',
  columns: [nameColumn, ...bindingColumns(ageColumn)],
  strategy: {
    applyDefaults: withBindingDefaults,
    validate: binding => validateBinding(binding, { isNamespaced: false, roleKinds: ['ClusterRole'] }),
    validateUpdate: validateRoleRefUpdate,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validatePathSegmentName),
  },
})
