import type { Role } from '../role.ts'
import { allow, allowNamed, core, read, role, writeEvents } from './rules.ts'

const leaderLocking = (component: string): Role =>
  role(
    'kube-system',
    `system::leader-locking-${component}`,
    allow('create get list update watch', 'coordination.k8s.io', 'leases'),
    allow('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
  )

/** Roles in kube-system and kube-public. */
export const namespaceRoles: readonly Role[] = [
  role(
    'kube-system',
    'extension-apiserver-authentication-reader',
    allowNamed('get list watch', core, 'configmaps', ['extension-apiserver-authentication']),
  ),
  leaderLocking('kube-controller-manager'),
  leaderLocking('kube-scheduler'),
  role('kube-system', 'system:controller:bootstrap-signer', allow(read, core, 'secrets')),
  role('kube-system', 'system:controller:cloud-provider', allow('create get list watch', core, 'configmaps')),
  role('kube-system', 'system:controller:token-cleaner', allow('delete get list watch', core, 'secrets'), writeEvents),
  role(
    'kube-public',
    'system:controller:bootstrap-signer',
    allow(read, core, 'configmaps'),
    allowNamed('update', core, 'configmaps', ['cluster-info']),
    writeEvents,
  ),
]
