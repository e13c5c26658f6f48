import { clusterRoleBindings, roleBindings } from './bootstrap/bindings.ts'
import { controllerRoles } from './bootstrap/controller-roles.ts'
import { namespaceRoles } from './bootstrap/namespace-roles.ts'
import { systemRoles } from './bootstrap/system-roles.ts'
import { userRoles } from './bootstrap/user-roles.ts'
import type { ClusterRole } from './cluster-role.ts'
import type { ClusterRoleBinding } from './cluster-role-binding.ts'
import type { Role } from './role.ts'
import type { RoleBinding } from './role-binding.ts'

/**
 * The roles and bindings that every cluster has from its first start, as upstream names them. At each start they are
 * created, or brought up to date where their `autoupdate` annotation has not been set to false.
 * The rules of admin, edit and view are gathered by the aggregation controller and empty here.
 */
export const bootstrapClusterRoles: readonly ClusterRole[] = [...userRoles, ...systemRoles, ...controllerRoles]
export const bootstrapClusterRoleBindings: readonly ClusterRoleBinding[] = clusterRoleBindings
export const bootstrapRoles: readonly Role[] = namespaceRoles
export const bootstrapRoleBindings: readonly RoleBinding[] = roleBindings
