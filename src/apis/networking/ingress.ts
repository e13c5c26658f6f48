import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, int32, object, optional, required, text } from '../../apimachinery/schema.ts'
import { none } from '../columns.ts'
import { TypedLocalObjectReference } from '../core/references.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { validateIngress, validateIngressCreate, validateIngressStatus } from './ingress/validation.ts'

export const ServiceBackendPort = object(
  'io.k8s.api.networking.v1.ServiceBackendPort',
  'A port of a service, by name or by number.',
  {
    name: optional(1, text, 'Name of the port.'),
    number: optional(2, int32, 'Number of the port.'),
  },
  { mapType: 'atomic' },
)
export interface ServiceBackendPort extends Infer<typeof ServiceBackendPort> {}

export const IngressServiceBackend = object('io.k8s.api.networking.v1.IngressServiceBackend', 'A service that requests go to.', {
  name: required(1, text, 'Name of the service, in the same namespace.'),
  port: optional(2, ServiceBackendPort, 'Port of the service.'),
})
export interface IngressServiceBackend extends Infer<typeof IngressServiceBackend> {}

export const IngressBackend = object('io.k8s.api.networking.v1.IngressBackend', 'Where requests go: a service or another resource.', {
  resource: optional(3, TypedLocalObjectReference, 'Object of another kind in the same namespace.'),
  service: optional(4, IngressServiceBackend, 'A service.'),
})
export interface IngressBackend extends Infer<typeof IngressBackend> {}

export const HTTPIngressPath = object('io.k8s.api.networking.v1.HTTPIngressPath', 'Requests with a path, and where they go.', {
  path: optional(1, text, 'The path, beginning with a slash.'),
  backend: required(2, IngressBackend, 'Where requests with this path go.'),
  pathType: required(3, text, 'Exact, Prefix (by whole elements), or ImplementationSpecific.'),
})
export interface HTTPIngressPath extends Infer<typeof HTTPIngressPath> {}

export const HTTPIngressRuleValue = object('io.k8s.api.networking.v1.HTTPIngressRuleValue', 'Paths of a host.', {
  paths: required(1, atomicList(HTTPIngressPath), 'The paths, and where requests with them go.'),
})
export interface HTTPIngressRuleValue extends Infer<typeof HTTPIngressRuleValue> {}

export const IngressRule = object('io.k8s.api.networking.v1.IngressRule', 'Requests for a host, and where they go.', {
  host: optional(1, text, 'Name of the host; its first label may be a star; empty for every host.'),
  http: optional([2, 1], HTTPIngressRuleValue, 'Paths of the host.'),
})
export interface IngressRule extends Infer<typeof IngressRule> {}

export const IngressTLS = object('io.k8s.api.networking.v1.IngressTLS', 'Hosts that are served over TLS, and with which certificate.', {
  hosts: optional(1, atomicList(text), 'Names in the certificate.'),
  secretName: optional(2, text, 'Secret with certificate and key.'),
})
export interface IngressTLS extends Infer<typeof IngressTLS> {}

export const IngressSpec = object('io.k8s.api.networking.v1.IngressSpec', 'Which requests from outside go where.', {
  defaultBackend: optional(1, IngressBackend, 'Where requests go that no rule is about.'),
  tls: optional(2, atomicList(IngressTLS), 'Hosts that are served over TLS.'),
  rules: optional(3, atomicList(IngressRule), 'Hosts and paths, and where requests for them go.'),
  ingressClassName: optional(4, text, 'IngressClass that says who serves it.'),
})
export interface IngressSpec extends Infer<typeof IngressSpec> {}

export const IngressPortStatus = object('io.k8s.api.networking.v1.IngressPortStatus', 'How a port of a load balancer stands.', {
  port: required(1, int32, 'Number of the port.', { default: 0 }),
  protocol: required(2, text, 'TCP, UDP or SCTP.', { enum: ['SCTP', 'TCP', 'UDP'] }),
  error: optional(3, text, 'What went wrong with it.'),
})
export interface IngressPortStatus extends Infer<typeof IngressPortStatus> {}

export const IngressLoadBalancerIngress = object(
  'io.k8s.api.networking.v1.IngressLoadBalancerIngress',
  'An address that requests can be sent to.',
  {
    ip: optional(1, text, 'The address.'),
    hostname: optional(2, text, 'Name of the address.'),
    ports: optional(4, atomicList(IngressPortStatus), 'Its ports.'),
  },
)
export interface IngressLoadBalancerIngress extends Infer<typeof IngressLoadBalancerIngress> {}

export const IngressLoadBalancerStatus = object('io.k8s.api.networking.v1.IngressLoadBalancerStatus', 'Addresses of a load balancer.', {
  ingress: optional(1, atomicList(IngressLoadBalancerIngress), 'The addresses.'),
})
export interface IngressLoadBalancerStatus extends Infer<typeof IngressLoadBalancerStatus> {}

export const IngressStatus = object('io.k8s.api.networking.v1.IngressStatus', 'What has become of an ingress.', {
  loadBalancer: optional(1, IngressLoadBalancerStatus, 'Addresses under which it is served.'),
})
export interface IngressStatus extends Infer<typeof IngressStatus> {}

export const Ingress = topLevel(
  'io.k8s.api.networking.v1.Ingress',
  'Rules for HTTP requests from outside: which host and path goes to which service.',
  {
    spec: optional(2, IngressSpec, 'Which requests go where.'),
    status: optional(3, IngressStatus, 'What has become of it; written by who serves it.'),
  },
)
export interface Ingress extends Infer<typeof Ingress> {}

export const ingressClassAnnotation = 'kubernetes.io/ingress.class'

const column = (name: string, description: string, cell: (ingress: Ingress) => string): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell,
})

export const ingressKind: Kind<Ingress> = defineKind({
  kind: 'Ingress',
  resource: 'ingresses',
  group: 'networking.k8s.io',
  version: 'v1',
  schema: Ingress,
  scope: 'Namespaced',
  shortNames: ['ing'],
  columns: [
    nameColumn,
    column('Class', 'IngressClass that says who serves it.', ({ spec }) => spec?.ingressClassName ?? none),
    column('Hosts', 'Hosts that it is about.', hostsText),
    column('Address', 'Addresses under which it is served.', addressText),
    column('Ports', 'Ports that are served.', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
  strategy: {
    prepareForCreate: ingress => withGeneration({ ...ingress, status: {} }, 1),
    prepareForUpdate: (ingress, old) => countGeneration(keepStatus(ingress, old), old),
    validate: validateIngress,
    validateCreate: validateIngressCreate,
    warnings: ({ metadata }, old) =>
      old === undefined && metadata.annotations?.[ingressClassAnnotation] !== undefined
        ? [`annotation "${ingressClassAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
        : [],
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('Ingress', validateIngressStatus) },
})

/** The first three, and how many rules more there are. */
function hostsText({ spec }: Ingress): string {
  const rules = spec?.rules ?? []
  const hosts = rules.map(({ host }) => host ?? '').filter(Boolean)
  if (hosts.length === 0) return '*'
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${rules.length - 3} more...` : hosts.join(',')
}

function addressText({ status }: Ingress): string {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
  return [...new Set(addresses.filter(Boolean))].sort().join(',')
}
