import type { ClusterRole } from '../cluster-role.ts'
import { allow, clusterRole, core, read, readWrite, write } from './rules.ts'

/** Roles for people: admin, edit and view, each gathered from every role that is labelled for it. */

const aggregationLabel = (target: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${target}`]: 'true' })

const withLabel = (given: ClusterRole, target: string): ClusterRole => ({
  ...given,
  metadata: { ...given.metadata, labels: { ...given.metadata.labels, ...aggregationLabel(target) } },
})

/** Its rules are filled in by the aggregation controller. */
const gathered = (name: string): ClusterRole => ({
  ...clusterRole(name),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregationLabel(name) }] },
})

const editable = {
  apps: 'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
  extensions:
    'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
}

const viewable = {
  core: 'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  coreStatus:
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  apps: 'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
  extensions:
    'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
}

const aggregateToAdmin = clusterRole(
  'system:aggregate-to-admin',
  allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  allow(readWrite, 'rbac.authorization.k8s.io', 'rolebindings roles'),
)

const aggregateToEdit = clusterRole(
  'system:aggregate-to-edit',
  allow(read, core, 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  allow('impersonate', core, 'serviceaccounts'),
  allow(write, core, 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  allow('create', core, 'pods/eviction'),
  allow(
    write,
    core,
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  allow('create', core, 'serviceaccounts/token'),
  allow(write, 'apps', editable.apps),
  allow(write, 'autoscaling', 'horizontalpodautoscalers'),
  allow(write, 'batch', 'cronjobs jobs'),
  allow(write, 'extensions', editable.extensions),
  allow(write, 'policy', 'poddisruptionbudgets'),
  allow(write, 'networking.k8s.io', 'ingresses networkpolicies'),
  allow(readWrite, 'coordination.k8s.io', 'leases'),
  allow(write, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
)

/** Secrets are left out: who can read a service account's token has that account's rights. */
const aggregateToView = clusterRole(
  'system:aggregate-to-view',
  allow(read, core, viewable.core),
  allow(read, core, viewable.coreStatus),
  allow(read, core, 'namespaces'),
  allow(read, 'discovery.k8s.io', 'endpointslices'),
  allow(read, 'apps', viewable.apps),
  allow(read, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  allow(read, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  // Upstream's comes with metrics-server, which is part of the API server here.
  allow(read, 'metrics.k8s.io', 'nodes pods'),
  allow(read, 'extensions', viewable.extensions),
  allow(read, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  allow(read, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
  allow(read, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
)

export const userRoles: readonly ClusterRole[] = [
  clusterRole('cluster-admin', allow('*', '*', '*'), { verbs: ['*'], nonResourceURLs: ['*'] }),
  gathered('admin'),
  withLabel(gathered('edit'), 'admin'),
  withLabel(gathered('view'), 'edit'),
  withLabel(aggregateToAdmin, 'admin'),
  withLabel(aggregateToEdit, 'edit'),
  withLabel(aggregateToView, 'view'),
]
