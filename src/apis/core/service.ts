import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { Condition } from '../../apimachinery/meta.ts'
import { asNameRule, validateDnsLabel } from '../../apimachinery/names.ts'
import {
  atomicList,
  boolean,
  type Infer,
  int32,
  intOrString,
  keyedList,
  map,
  object,
  optional,
  required,
  text,
} from '../../apimachinery/schema.ts'
import { proxySubresource, statusSubresource } from '../strategy.ts'
import { serviceColumns, serviceSelectorColumn } from './service/columns.ts'
import { applyServiceDefaults } from './service/defaults.ts'
import { prepareServiceForCreate, prepareServiceForUpdate } from './service/prepare.ts'
import { validateLoadBalancerStatus } from './service/status-validation.ts'
import { validateServiceUpdate } from './service/update-validation.ts'
import { validateService } from './service/validation.ts'
import { serviceWarnings } from './service/warnings.ts'

export const ClientIPConfig = object('io.k8s.api.core.v1.ClientIPConfig', 'How long a client stays with its endpoint.', {
  timeoutSeconds: optional(1, int32, "Seconds since the client's last connection; 1 to 86400, 10800 by default."),
})
export interface ClientIPConfig extends Infer<typeof ClientIPConfig> {}

export const PortStatus = object('io.k8s.api.core.v1.PortStatus', 'What became of one port of a load balancer.', {
  port: required(1, int32, "Number of the service's port.", { default: 0 }),
  protocol: required(2, text, 'Protocol of that port.', { enum: ['SCTP', 'TCP', 'UDP'] }),
  error: optional(3, text, "Why the port can't be had, in a CamelCase word."),
})
export interface PortStatus extends Infer<typeof PortStatus> {}

export const LoadBalancerIngress = object('io.k8s.api.core.v1.LoadBalancerIngress', 'One way into a load balancer.', {
  ip: optional(1, text, 'Its address, for load balancers that have one.'),
  hostname: optional(2, text, 'Its DNS name, for load balancers that have one.'),
  ipMode: optional(3, text, 'VIP if nodes see the address as the destination, Proxy if they see their own.'),
  ports: optional(4, atomicList(PortStatus), "What became of the service's ports there."),
})
export interface LoadBalancerIngress extends Infer<typeof LoadBalancerIngress> {}

export const LoadBalancerStatus = object('io.k8s.api.core.v1.LoadBalancerStatus', 'What became of a load balancer.', {
  ingress: optional(1, atomicList(LoadBalancerIngress), 'The ways into it.'),
})
export interface LoadBalancerStatus extends Infer<typeof LoadBalancerStatus> {}

export const ServicePort = object('io.k8s.api.core.v1.ServicePort', 'One port of a service.', {
  name: optional(1, text, 'Name of the port; required and unique if there are several.'),
  protocol: optional(2, text, 'TCP (the default), UDP or SCTP.', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] }),
  port: required(3, int32, 'Number under which clients reach the service.', { default: 0 }),
  targetPort: optional(4, intOrString, 'Number, or name of a container port, on the pods; the same as port by default.'),
  nodePort: optional(
    5,
    int32,
    'Number under which every node takes connections, for types NodePort and LoadBalancer; allocated if left out.',
  ),
  appProtocol: optional(6, text, 'What is spoken on the port, as a hint for proxies.'),
})
export interface ServicePort extends Infer<typeof ServicePort> {}

export const SessionAffinityConfig = object('io.k8s.api.core.v1.SessionAffinityConfig', 'Settings of session affinity.', {
  clientIP: optional(1, ClientIPConfig, "Settings of affinity by the client's address."),
})
export interface SessionAffinityConfig extends Infer<typeof SessionAffinityConfig> {}

export const ServiceSpec = object('io.k8s.api.core.v1.ServiceSpec', 'What is asked of a service.', {
  ports: optional(1, keyedList(ServicePort, 'port', 'protocol'), 'Ports of the service.', {
    patchStrategy: 'merge',
    patchMergeKey: 'port',
  }),
  selector: optional(
    2,
    map(text, { mapType: 'atomic' }),
    "Labels of the pods behind the service; without it, endpoints are someone else's to write.",
  ),
  clusterIP: optional(3, text, 'Address inside the cluster, None for a headless service; allocated if left out.'),
  type: optional(4, text, 'ClusterIP (the default), NodePort, LoadBalancer or ExternalName.', {
    enum: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'],
  }),
  externalIPs: optional(
    5,
    atomicList(text),
    "Further addresses for which nodes take connections; bringing traffic there is the user's task.",
  ),
  sessionAffinity: optional(7, text, 'ClientIP sends a client to one endpoint again and again; None by default.', {
    enum: ['ClientIP', 'None'],
  }),
  loadBalancerIP: optional(8, text, 'Wanted address of the load balancer. Deprecated; not every provider heeds it.'),
  loadBalancerSourceRanges: optional(
    9,
    atomicList(text),
    'Client ranges that the load balancer lets through, where the provider can do that.',
  ),
  externalName: optional(10, text, 'DNS name for which the service stands, for type ExternalName.'),
  externalTrafficPolicy: optional(
    11,
    text,
    "Where traffic from outside goes: to endpoints anywhere (Cluster) or on the node that took it (Local), which keeps the client's address.",
    { enum: ['Cluster', 'Local'] },
  ),
  healthCheckNodePort: optional(
    12,
    int32,
    'Node port that tells load balancers whether a node has endpoints, for externalTrafficPolicy Local; allocated if left out.',
  ),
  publishNotReadyAddresses: optional(13, boolean, 'If true, endpoints count as ready even while their pods are not.'),
  sessionAffinityConfig: optional(14, SessionAffinityConfig, 'Settings of session affinity.'),
  ipFamilyPolicy: optional(
    17,
    text,
    'Whether the service has addresses of one family or two: SingleStack, PreferDualStack or RequireDualStack.',
    { enum: ['PreferDualStack', 'RequireDualStack', 'SingleStack'] },
  ),
  clusterIPs: optional(18, atomicList(text), 'Addresses inside the cluster, one for each family; the first equals clusterIP.'),
  ipFamilies: optional(19, atomicList(text), 'Families of the addresses, in order: IPv4, IPv6.', { enum: ['', 'IPv4', 'IPv6'] }),
  allocateLoadBalancerNodePorts: optional(20, boolean, 'Whether a load balancer gets node ports too; true by default.'),
  loadBalancerClass: optional(21, text, "Which implementation provides the load balancer; can't be changed once set."),
  internalTrafficPolicy: optional(
    22,
    text,
    'Where traffic from inside goes: to endpoints anywhere (Cluster) or on the same node only (Local).',
    { enum: ['Cluster', 'Local'] },
  ),
  trafficDistribution: optional(23, text, 'Which endpoints are preferred: PreferSameZone, PreferSameNode, or the older PreferClose.'),
})
export interface ServiceSpec extends Infer<typeof ServiceSpec> {}

export const ServiceStatus = object('io.k8s.api.core.v1.ServiceStatus', 'What has become of a service.', {
  loadBalancer: optional(1, LoadBalancerStatus, 'What became of its load balancer.'),
  conditions: optional(2, keyedList(Condition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export interface ServiceStatus extends Infer<typeof ServiceStatus> {}

export const Service = topLevel('io.k8s.api.core.v1.Service', 'A name and address under which pods are reached.', {
  spec: optional(2, ServiceSpec, 'What is asked of the service.'),
  status: optional(3, ServiceStatus, 'What has become of it; written by the system.'),
})
export interface Service extends Infer<typeof Service> {}

export const serviceKind: Kind<Service> = defineKind({
  kind: 'Service',
  resource: 'services',
  group: '',
  version: 'v1',
  schema: Service,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  shortNames: ['svc'],
  categories: ['all'],
  columns: [nameColumn, ...serviceColumns, ageColumn, serviceSelectorColumn],
  selectableFields: {
    'spec.clusterIP': service => service.spec?.clusterIP ?? '',
    'spec.type': service => service.spec?.type ?? '',
  },
  strategy: {
    applyDefaults: applyServiceDefaults,
    prepareForCreate: prepareServiceForCreate,
    prepareForUpdate: prepareServiceForUpdate,
    validate: service => validateService(service),
    validateUpdate: validateServiceUpdate,
    ratchets: true,
    warnings: serviceWarnings,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    // Since v1.36 a name may begin with a digit, as those of other kinds.
    validateName: asNameRule(validateDnsLabel),
  },
  subresources: {
    proxy: proxySubresource('ServiceProxyOptions', 'serviceproxy'),
    status: statusSubresource('Service', validateLoadBalancerStatus),
  },
})
