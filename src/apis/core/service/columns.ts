import type { Column } from '../../../apimachinery/kind.ts'
import { formatLabels, none } from '../../columns.ts'
import type { LoadBalancerIngress, Service, ServicePort } from '../service.ts'

export const serviceColumns: readonly Column[] = [
  {
    name: 'Type',
    type: 'string',
    description: 'How the service is reached.',
    priority: 0,
    cell: (service: Service) => service.spec?.type ?? '',
  },
  {
    name: 'Cluster-IP',
    type: 'string',
    description: 'Address inside the cluster.',
    priority: 0,
    cell: ({ spec }: Service) => spec?.clusterIPs?.[0] || spec?.clusterIP || none,
  },
  {
    name: 'External-IP',
    type: 'string',
    description: 'Addresses or name outside the cluster.',
    priority: 0,
    cell: externalText,
  },
  {
    name: 'Port(s)',
    type: 'string',
    description: 'Ports, with node ports after a colon.',
    priority: 0,
    cell: (service: Service) => (service.spec?.ports ?? []).map(portText).join(',') || none,
  },
]

export const serviceSelectorColumn: Column = {
  name: 'Selector',
  type: 'string',
  description: 'Labels of the pods behind the service.',
  priority: 1,
  cell: (service: Service) => formatLabels(service.spec?.selector),
}

function externalText({ spec, status }: Service): string {
  const externalIps = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return externalIps.join(',') || none
    case 'LoadBalancer':
      return [...loadBalancerAddresses(status?.loadBalancer?.ingress), ...externalIps].join(',') || '<pending>'
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

const loadBalancerAddresses = (ingress: readonly LoadBalancerIngress[] = []): readonly string[] =>
  [...new Set(ingress.map(({ ip, hostname }) => ip || hostname || '').filter(Boolean))].sort()

const portText = ({ port, nodePort, protocol }: ServicePort): string =>
  nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
