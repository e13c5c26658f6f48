import type { ClusterRole } from '../cluster-role.ts'
import type { PolicyRule } from '../role.ts'
import { allow, allowNamed, allowPaths, clusterRole, core, leaseNamed, read, workloads, writeEvents } from './rules.ts'

/** Roles for everyone who has signed in, for the components, and for signers. */

/** Components ask the API who their callers are and what they may do. These creations change nothing. */
const delegateAuthentication: readonly PolicyRule[] = [
  allow('create', 'authentication.k8s.io', 'tokenreviews'),
  allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
]

const discovery: readonly ClusterRole[] = [
  clusterRole('system:discovery', allowPaths('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/')),
  clusterRole('system:public-info-viewer', allowPaths('/healthz /livez /readyz /version /version/')),
  clusterRole(
    'system:monitoring',
    allowPaths('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'),
    allowPaths('/flagz'),
    allowPaths('/statusz'),
  ),
  clusterRole(
    'system:service-account-issuer-discovery',
    allowPaths('/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/'),
  ),
  clusterRole(
    'system:basic-user',
    allow('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    allow('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ),
  clusterRole('system:auth-delegator', ...delegateAuthentication),
]

const controlPlane: readonly ClusterRole[] = [
  clusterRole('system:kube-aggregator', allow(read, core, 'endpoints services')),
  clusterRole(
    'system:kube-controller-manager',
    writeEvents,
    ...leaseNamed('kube-controller-manager'),
    allow('create', core, 'secrets serviceaccounts'),
    allow('delete', core, 'secrets'),
    allow('get', core, 'configmaps namespaces secrets serviceaccounts'),
    allow('update', core, 'secrets serviceaccounts'),
    ...delegateAuthentication,
    // Informers of every kind, which the garbage collector and the quota controller need.
    allow('list watch', '*', '*'),
    allow('create', core, 'serviceaccounts/token'),
  ),
  clusterRole(
    'system:kube-scheduler',
    writeEvents,
    ...leaseNamed('kube-scheduler'),
    allow(read, core, 'nodes'),
    allow('delete get list watch', core, 'pods'),
    allow('create', core, 'bindings pods/binding'),
    allow('patch update', core, 'pods/status'),
    allow(read, core, 'replicationcontrollers services'),
    allow(read, workloads, 'replicasets'),
    allow(read, 'apps', 'statefulsets'),
    allow(read, 'policy', 'poddisruptionbudgets'),
    allow(read, core, 'persistentvolumeclaims persistentvolumes'),
    ...delegateAuthentication,
    allow(read, 'storage.k8s.io', 'csinodes'),
    allow(read, 'storage.k8s.io', 'volumeattachments'),
    allow(read, core, 'namespaces'),
    allow(read, 'storage.k8s.io', 'csidrivers'),
    allow(read, 'storage.k8s.io', 'csistoragecapacities'),
    allow(read, 'resource.k8s.io', 'deviceclasses'),
    allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims'),
    allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims/status'),
    allow('get list patch update watch', core, 'pods/finalizers'),
    allow(read, 'resource.k8s.io', 'resourceslices'),
  ),
  clusterRole(
    'system:volume-scheduler',
    allow('get list patch update watch', core, 'persistentvolumes'),
    allow(read, 'storage.k8s.io', 'storageclasses'),
    allow('get list patch update watch', core, 'persistentvolumeclaims'),
  ),
  clusterRole('system:kube-dns', allow('list watch', core, 'endpoints services')),
  clusterRole(
    'system:persistent-volume-provisioner',
    allow('create delete get list watch', core, 'persistentvolumes'),
    allow('get list update watch', core, 'persistentvolumeclaims'),
    allow(read, 'storage.k8s.io', 'storageclasses'),
    allow('watch', core, 'events'),
    writeEvents,
  ),
]

/** Kubelets get these through the node authorizer, which looks at whose pods they are; the role itself is bound to nobody. */
const nodes: readonly ClusterRole[] = [
  clusterRole(
    'system:node',
    allow('create', 'authentication.k8s.io', 'tokenreviews'),
    allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
    allow(read, core, 'services'),
    allow('create get list watch', core, 'nodes'),
    allow('patch update', core, 'nodes/status'),
    allow('patch update', core, 'nodes'),
    allow('create patch update', core, 'events'),
    allow(read, core, 'pods'),
    allow('create delete', core, 'pods'),
    allow('patch update', core, 'pods/status'),
    allow('create', core, 'pods/eviction'),
    allow(read, core, 'configmaps secrets'),
    allow('get', core, 'persistentvolumeclaims persistentvolumes'),
    allow('get', core, 'endpoints'),
    allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
    allow('create delete get patch update', 'coordination.k8s.io', 'leases'),
    allow('get', 'storage.k8s.io', 'volumeattachments'),
    allow('create', core, 'serviceaccounts/token'),
    allow('get patch update', core, 'persistentvolumeclaims/status'),
    allow(read, 'storage.k8s.io', 'csidrivers'),
    allow('create delete get patch update', 'storage.k8s.io', 'csinodes'),
    allow(read, 'node.k8s.io', 'runtimeclasses'),
    allow('get', 'resource.k8s.io', 'resourceclaims'),
    allow('deletecollection', 'resource.k8s.io', 'resourceslices'),
    allow('get', core, 'serviceaccounts'),
  ),
  clusterRole(
    'system:node-proxier',
    allow('list watch', core, 'endpoints services'),
    allow(read, core, 'nodes'),
    writeEvents,
    allow('list watch', 'networking.k8s.io', 'servicecidrs'),
    allow('list watch', 'discovery.k8s.io', 'endpointslices'),
  ),
  clusterRole('system:node-bootstrapper', allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests')),
  clusterRole('system:node-problem-detector', allow('get', core, 'nodes'), allow('patch', core, 'nodes/status'), writeEvents),
  clusterRole(
    'system:kubelet-api-admin',
    allow(read, core, 'nodes'),
    allow('proxy', core, 'nodes'),
    allow('*', core, 'nodes/log nodes/metrics nodes/proxy nodes/stats'),
    allow('*', core, 'nodes/configz nodes/healthz nodes/pods'),
  ),
]

const signerRole = (name: string, signer: string): ClusterRole =>
  clusterRole(`system:certificates.k8s.io:${name}`, allowNamed('approve', 'certificates.k8s.io', 'signers', [signer]))

const requestRole = (subresource: string): ClusterRole =>
  clusterRole(
    `system:certificates.k8s.io:certificatesigningrequests:${subresource}`,
    allow('create', 'certificates.k8s.io', `certificatesigningrequests/${subresource}`),
  )

const certificates: readonly ClusterRole[] = [
  requestRole('nodeclient'),
  requestRole('selfnodeclient'),
  signerRole('kube-apiserver-client-approver', 'kubernetes.io/kube-apiserver-client'),
  signerRole('kube-apiserver-client-kubelet-approver', 'kubernetes.io/kube-apiserver-client-kubelet'),
  signerRole('kubelet-serving-approver', 'kubernetes.io/kubelet-serving'),
  signerRole('legacy-unknown-approver', 'kubernetes.io/legacy-unknown'),
]

export const systemRoles: readonly ClusterRole[] = [...discovery, ...controlPlane, ...nodes, ...certificates]
