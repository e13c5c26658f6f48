import type { ClusterRole } from '../cluster-role.ts'
import type { PolicyRule, Role } from '../role.ts'

/** The notation in which the bootstrap roles are written. */

export const read = ['get', 'list', 'watch']
export const readWrite = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
export const write = ['create', 'delete', 'deletecollection', 'patch', 'update']

export const core = ''
/** Workloads were once served in the extensions group, and old clients may still ask there. */
export const workloads = ['apps', 'extensions']

const words = (given: string | readonly string[]): readonly string[] => (typeof given === 'string' ? given.split(' ') : given)

/** Lists may be written as words: `allow('list watch', core, 'pods services')`. */
export const allow = (verbs: string | readonly string[], groups: string | readonly string[], resources: string): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: typeof groups === 'string' ? [groups] : groups,
  resources: words(resources),
})

export const allowNamed = (verbs: string, group: string, resources: string, resourceNames: readonly string[]): PolicyRule => ({
  ...allow(verbs, group, resources),
  resourceNames,
})

export const allowPaths = (paths: string): PolicyRule => ({ verbs: ['get'], nonResourceURLs: words(paths) })

export const writeEvents: PolicyRule = allow('create patch update', [core, 'events.k8s.io'], 'events')

/** A lease for choosing a leader: anyone of the component may create it, and use the one of that name. */
export const leaseNamed = (name: string): readonly PolicyRule[] => [
  allow('create', 'coordination.k8s.io', 'leases'),
  allowNamed('get update', 'coordination.k8s.io', 'leases', [name]),
]

/** Marks what the cluster itself brings, and lets it be brought up to date at the next start. */
export const bootstrapMeta = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
}

export const clusterRole = (name: string, ...rules: readonly PolicyRule[]): ClusterRole => ({
  metadata: { ...bootstrapMeta, name },
  ...(rules.length && { rules }),
})

export const role = (namespace: string, name: string, ...rules: readonly PolicyRule[]): Role => ({
  metadata: { ...bootstrapMeta, name, namespace },
  rules,
})
