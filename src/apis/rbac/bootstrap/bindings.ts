import type { ClusterRoleBinding } from '../cluster-role-binding.ts'
import { rbacGroup } from '../policy-rule.ts'
import type { RoleBinding, Subject } from '../role-binding.ts'
import { controllerNames, controllerRoleName } from './controller-roles.ts'
import { bootstrapMeta } from './rules.ts'

const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name })
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name })
const serviceAccount = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })

const bindClusterRole = (role: string, ...subjects: readonly Subject[]): ClusterRoleBinding => ({
  metadata: { ...bootstrapMeta, name: role },
  roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
  ...(subjects.length && { subjects }),
})

const bindRole = (namespace: string, role: string, subjects: readonly Subject[], name = role): RoleBinding => ({
  metadata: { ...bootstrapMeta, name, namespace },
  roleRef: { apiGroup: rbacGroup, kind: 'Role', name: role },
  subjects,
})

const authenticated = group('system:authenticated')

export const clusterRoleBindings: readonly ClusterRoleBinding[] = [
  bindClusterRole('cluster-admin', group('system:masters')),
  bindClusterRole('system:monitoring', group('system:monitoring')),
  bindClusterRole('system:discovery', authenticated),
  bindClusterRole('system:basic-user', authenticated),
  bindClusterRole('system:public-info-viewer', authenticated, group('system:unauthenticated')),
  bindClusterRole('system:node-proxier', user('system:kube-proxy')),
  bindClusterRole('system:kube-controller-manager', user('system:kube-controller-manager')),
  bindClusterRole('system:kube-dns', serviceAccount('kube-dns')),
  bindClusterRole('system:kube-scheduler', user('system:kube-scheduler')),
  bindClusterRole('system:volume-scheduler', user('system:kube-scheduler')),
  bindClusterRole('system:service-account-issuer-discovery', group('system:serviceaccounts')),
  // Nodes are authorized by what their pods use; the binding stands without subjects so that nobody else fills it unseen.
  bindClusterRole('system:node'),
  ...controllerNames.map(name => bindClusterRole(controllerRoleName(name), serviceAccount(name))),
]

export const roleBindings: readonly RoleBinding[] = [
  bindRole(
    'kube-system',
    'extension-apiserver-authentication-reader',
    [user('system:kube-controller-manager'), user('system:kube-scheduler')],
    'system::extension-apiserver-authentication-reader',
  ),
  bindRole('kube-system', 'system::leader-locking-kube-controller-manager', [
    user('system:kube-controller-manager'),
    serviceAccount('kube-controller-manager'),
    serviceAccount('leader-election-controller'),
  ]),
  bindRole('kube-system', 'system::leader-locking-kube-scheduler', [user('system:kube-scheduler'), serviceAccount('kube-scheduler')]),
  bindRole('kube-system', 'system:controller:bootstrap-signer', [serviceAccount('bootstrap-signer')]),
  bindRole('kube-system', 'system:controller:cloud-provider', [serviceAccount('cloud-provider')]),
  bindRole('kube-system', 'system:controller:token-cleaner', [serviceAccount('token-cleaner')]),
  bindRole('kube-public', 'system:controller:bootstrap-signer', [serviceAccount('bootstrap-signer')]),
]
