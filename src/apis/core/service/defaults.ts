import type { LoadBalancerStatus, Service, ServicePort, ServiceSpec, ServiceStatus } from '../service.ts'
import { mapShared, withDefault, withField, without } from '../sharing.ts'
import { hasClusterNetwork, isExternallyAccessible } from './traits.ts'

const threeHours_s = 3 * 60 * 60

export function applyServiceDefaults(service: Service): Service {
  const spec = applySpecDefaults(service.spec ?? {})
  return withField(withField(service, 'spec', spec), 'status', withLoadBalancer(service.status ?? {}, spec))
}

function applySpecDefaults(given: ServiceSpec): ServiceSpec {
  let spec = withSessionAffinity(given)
  spec = withDefault(spec, 'type', 'ClusterIP')
  spec = withField(spec, 'ports', mapShared(spec.ports, withPortDefaults))
  if (isExternallyAccessible(spec)) spec = withDefault(spec, 'externalTrafficPolicy', 'Cluster')
  if (hasClusterNetwork(spec)) spec = withDefault(spec, 'internalTrafficPolicy', 'Cluster')
  if (spec.type !== 'LoadBalancer') return spec
  return withField(spec, 'allocateLoadBalancerNodePorts', spec.allocateLoadBalancerNodePorts ?? true)
}

function withSessionAffinity(given: ServiceSpec): ServiceSpec {
  const spec = withDefault(given, 'sessionAffinity', 'None')
  if (spec.sessionAffinity === 'None') return without(spec, 'sessionAffinityConfig')
  if (spec.sessionAffinity !== 'ClientIP') return spec
  if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds !== undefined) return spec
  return { ...spec, sessionAffinityConfig: { ...spec.sessionAffinityConfig, clientIP: { timeoutSeconds: threeHours_s } } }
}

const withPortDefaults = (given: ServicePort): ServicePort => withDefault(withDefault(given, 'protocol', 'TCP'), 'targetPort', given.port)

/** An address of a load balancer is one that the nodes see as the destination, unless it says otherwise. */
function withLoadBalancer(status: ServiceStatus, spec: ServiceSpec): ServiceStatus {
  const loadBalancer: LoadBalancerStatus = status.loadBalancer ?? {}
  if (spec.type !== 'LoadBalancer') return withField(status, 'loadBalancer', loadBalancer)
  const ingress = mapShared(loadBalancer.ingress, one => (one.ip ? withDefault(one, 'ipMode', 'VIP') : one))
  return withField(status, 'loadBalancer', withField(loadBalancer, 'ingress', ingress))
}
