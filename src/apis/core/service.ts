import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { Condition } from '../../apimachinery/meta.ts'
import { asNameRule, validateDns1035Label } from '../../apimachinery/names.ts'
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
import { statusSubresource } from '../strategy.ts'
import { serviceColumns, serviceSelectorColumn } from './service/columns.ts'
import { applyServiceDefaults } from './service/defaults.ts'
import { prepareServiceForCreate, prepareServiceForUpdate } from './service/prepare.ts'
import { validateLoadBalancerStatus } from './service/status-validation.ts'
import { validateServiceUpdate } from './service/update-validation.ts'
import { validateService } from './service/validation.ts'

export const ClientIPConfig = object('io.k8s.api.core.v1.ClientIPConfig', '', {
  timeoutSeconds: optional(1, int32, ''),
})
export interface ClientIPConfig extends Infer<typeof ClientIPConfig> {}

export const PortStatus = object('io.k8s.api.core.v1.PortStatus', '', {
  port: required(1, int32, '', { default: 0 }),
  protocol: required(2, text, '', { enum: ['SCTP', 'TCP', 'UDP'] }),
  error: optional(3, text, ''),
})
export interface PortStatus extends Infer<typeof PortStatus> {}

export const LoadBalancerIngress = object('io.k8s.api.core.v1.LoadBalancerIngress', '', {
  ip: optional(1, text, ''),
  hostname: optional(2, text, ''),
  ipMode: optional(3, text, ''),
  ports: optional(4, atomicList(PortStatus), ''),
})
export interface LoadBalancerIngress extends Infer<typeof LoadBalancerIngress> {}

export const LoadBalancerStatus = object('io.k8s.api.core.v1.LoadBalancerStatus', '', {
  ingress: optional(1, atomicList(LoadBalancerIngress), ''),
})
export interface LoadBalancerStatus extends Infer<typeof LoadBalancerStatus> {}

export const ServicePort = object('io.k8s.api.core.v1.ServicePort', '', {
  name: optional(1, text, ''),
  protocol: optional(2, text, '', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] }),
  port: required(3, int32, '', { default: 0 }),
  targetPort: optional(4, intOrString, ''),
  nodePort: optional(5, int32, ''),
  appProtocol: optional(6, text, ''),
})
export interface ServicePort extends Infer<typeof ServicePort> {}

export const SessionAffinityConfig = object('io.k8s.api.core.v1.SessionAffinityConfig', '', {
  clientIP: optional(1, ClientIPConfig, ''),
})
export interface SessionAffinityConfig extends Infer<typeof SessionAffinityConfig> {}

export const ServiceSpec = object('io.k8s.api.core.v1.ServiceSpec', '', {
  ports: optional(1, keyedList(ServicePort, 'port', 'protocol'), '', { patchStrategy: 'merge', patchMergeKey: 'port' }),
  selector: optional(2, map(text, { mapType: 'atomic' }), ''),
  clusterIP: optional(3, text, ''),
  type: optional(4, text, '', { enum: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'] }),
  externalIPs: optional(5, atomicList(text), ''),
  sessionAffinity: optional(7, text, '', { enum: ['ClientIP', 'None'] }),
  loadBalancerIP: optional(8, text, ''),
  loadBalancerSourceRanges: optional(9, atomicList(text), ''),
  externalName: optional(10, text, ''),
  externalTrafficPolicy: optional(11, text, '', { enum: ['Cluster', 'Local'] }),
  healthCheckNodePort: optional(12, int32, ''),
  publishNotReadyAddresses: optional(13, boolean, ''),
  sessionAffinityConfig: optional(14, SessionAffinityConfig, ''),
  ipFamilyPolicy: optional(17, text, '', { enum: ['PreferDualStack', 'RequireDualStack', 'SingleStack'] }),
  clusterIPs: optional(18, atomicList(text), ''),
  ipFamilies: optional(19, atomicList(text), '', { enum: ['', 'IPv4', 'IPv6'] }),
  allocateLoadBalancerNodePorts: optional(20, boolean, ''),
  loadBalancerClass: optional(21, text, ''),
  internalTrafficPolicy: optional(22, text, '', { enum: ['Cluster', 'Local'] }),
  trafficDistribution: optional(23, text, ''),
})
export interface ServiceSpec extends Infer<typeof ServiceSpec> {}

export const ServiceStatus = object('io.k8s.api.core.v1.ServiceStatus', '', {
  loadBalancer: optional(1, LoadBalancerStatus, ''),
  conditions: optional(2, keyedList(Condition, 'type'), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
})
export interface ServiceStatus extends Infer<typeof ServiceStatus> {}

export const Service = topLevel('io.k8s.api.core.v1.Service', '', {
  spec: optional(2, ServiceSpec, ''),
  status: optional(3, ServiceStatus, ''),
})
export interface Service extends Infer<typeof Service> {}

export const serviceKind: Kind<Service> = defineKind({
  kind: 'Service',
  resource: 'services',
  group: '',
  version: 'v1',
  schema: Service,
  scope: 'Namespaced',
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
    validate: validateService,
    validateUpdate: validateServiceUpdate,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    validateName: asNameRule(validateDns1035Label),
  },
  subresources: { status: statusSubresource('Service', validateLoadBalancerStatus) },
})
