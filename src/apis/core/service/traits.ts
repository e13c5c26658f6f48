import type { ServiceSpec } from '../service.ts'

/** What a service's type and fields imply. Validation, allocation and the preparation of writes all ask these. */

export const noClusterIp = 'None'

export const isHeadless = (spec: ServiceSpec): boolean =>
  spec.clusterIP === noClusterIp || (spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === noClusterIp)

/** All types but ExternalName, which is a name and nothing more. */
export const hasClusterNetwork = ({ type }: ServiceSpec): boolean => type === 'ClusterIP' || type === 'NodePort' || type === 'LoadBalancer'

/** Whether the service has cluster IPs; headless ones have `None` in their place. */
export const needsClusterIp = hasClusterNetwork

/** Whether node ports may stand in the ports at all. */
export const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer'

/** Whether node ports are allocated where there are none. */
export const needsNodePort = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)

/** Load balancers learn on this port whether a node has endpoints of its own. */
export const needsHealthCheckNodePort = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'

export const isExternallyAccessible = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && Boolean(externalIPs?.length))
