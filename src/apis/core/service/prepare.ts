import { ipFamily } from '../../address-rules.ts'
import type { Service, ServicePort, ServiceSpec } from '../service.ts'
import { semanticEqual, withField, without } from '../sharing.ts'
import { isExternallyAccessible, isHeadless, mayHaveNodePorts, needsClusterIp, needsHealthCheckNodePort, needsNodePort } from './traits.ts'

/** Old clients write `clusterIP` alone; `clusterIPs` follows it. */
export function prepareServiceForCreate(service: Service): Service {
  const spec = service.spec ?? {}
  const onlySingular = spec.clusterIP && !spec.clusterIPs?.length
  return { ...service, spec: onlySingular ? { ...spec, clusterIPs: [spec.clusterIP ?? ''] } : spec, status: { loadBalancer: {} } }
}

/**
 * Keeps what was allocated where the client left it out, and drops what no longer applies where the client did not
 * touch it: so a manifest without addresses and ports can be applied again, also with another type.
 */
export function prepareServiceForUpdate(service: Service, old: Service): Service {
  const before = old.spec ?? {}
  const kept = keepAllocated(service.spec ?? {}, before)
  const spec = keepFamilies(dropInapplicable(followClusterIp(kept, before), before), before)
  return { ...service, spec, status: old.status }
}

function keepAllocated(given: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let spec = given
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    if (!spec.clusterIP) spec = withField(spec, 'clusterIP', old.clusterIP)
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP) spec = withField(spec, 'clusterIPs', old.clusterIPs)
  }
  if (needsNodePort(old) && needsNodePort(spec)) spec = withField(spec, 'ports', keepNodePorts(spec.ports, old.ports))
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && !spec.healthCheckNodePort) {
    spec = withField(spec, 'healthCheckNodePort', old.healthCheckNodePort)
  }
  return spec
}

/** Ports are the same if they have the same name. */
function keepNodePorts(ports: readonly ServicePort[] | undefined, old: readonly ServicePort[] = []): readonly ServicePort[] | undefined {
  const used = new Set(ports?.map(port => port.nodePort))
  const allocated = new Map(old.map(port => [port.name ?? '', port.nodePort]))
  return ports?.map(port => {
    const nodePort = allocated.get(port.name ?? '')
    return port.nodePort || !nodePort || used.has(nodePort) ? port : { ...port, nodePort }
  })
}

/** A change of `clusterIP` alone is meant for the first of `clusterIPs` too. */
function followClusterIp(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if ((spec.clusterIP ?? '') === (old.clusterIP ?? '') || !semanticEqual(spec.clusterIPs, old.clusterIPs)) return spec
  return spec.clusterIP ? { ...spec, clusterIPs: [spec.clusterIP] } : without(spec, 'clusterIPs')
}

/** Families that the client left out are those of its addresses, or where it has none as before. */
function keepFamilies(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (spec.ipFamilies?.length || !needsClusterIp(spec) || !needsClusterIp(old)) return spec
  const families = isHeadless(spec) ? old.ipFamilies : spec.clusterIPs?.map(ipFamily)
  return families?.length ? { ...spec, ipFamilies: families } : spec
}

function dropInapplicable(given: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const isUntouched = (field: keyof ServiceSpec) => semanticEqual(given[field], old[field])
  const dropped: (keyof ServiceSpec)[] = []
  if (needsClusterIp(old) && !needsClusterIp(given)) {
    if (isUntouched('clusterIPs') && isUntouched('clusterIP')) dropped.push('clusterIP', 'clusterIPs')
    for (const field of ['ipFamilies', 'ipFamilyPolicy'] as const) if (isUntouched(field)) dropped.push(field)
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(given)) dropped.push('healthCheckNodePort')
  if (old.type === 'LoadBalancer' && given.type !== 'LoadBalancer') dropped.push('allocateLoadBalancerNodePorts', 'loadBalancerClass')
  if (isExternallyAccessible(old) && !isExternallyAccessible(given)) dropped.push('externalTrafficPolicy')
  const spec = dropped.filter(isUntouched).reduce(without, given)
  return mayHaveNodePorts(old) && !mayHaveNodePorts(given) ? withField(spec, 'ports', dropNodePorts(given.ports, old.ports)) : spec
}

function dropNodePorts(ports: readonly ServicePort[] | undefined, old: readonly ServicePort[] = []): readonly ServicePort[] | undefined {
  const nodePorts = (all: readonly ServicePort[] = []) => all.map(port => port.nodePort ?? 0)
  return semanticEqual(nodePorts(ports), nodePorts(old)) ? ports?.map(port => without(port, 'nodePort')) : ports
}
