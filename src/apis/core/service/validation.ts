import { duplicateField, type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain, validatePortNumber, validateQualifiedName } from '../../../apimachinery/names.ts'
import { validateLabels } from '../../../apimachinery/object-meta-validation.ts'
import { validateCidrField, validateIp, validateNonSpecialIp } from '../../address-rules.ts'
import type { Service, ServicePort, ServiceSpec } from '../service.ts'
import { validatePortNumberOrName } from '../validation/ports.ts'
import { each, invalid, oneOf, optionalName, optionalOneOf, requiredName } from '../validation/rules.ts'
import { validateClusterIps } from './cluster-ip-validation.ts'
import { hasClusterNetwork, isExternallyAccessible, isHeadless, needsHealthCheckNodePort } from './traits.ts'

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const trafficPolicies = ['Cluster', 'Local']
const trafficDistributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone']
const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

/** Cluster IPs and node ports may still be missing: they are allocated in the same step in which the service is written. */
export function validateService(service: Service, old?: Service): FieldError[] {
  const spec = service.spec ?? {}
  const before = old?.spec ?? {}
  return [
    ...validateType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateSessionAffinity(spec),
    ...validateClusterIps(spec, before.clusterIPs),
    ...each(spec.externalIPs, 'spec.externalIPs', (address, path) => validateExternalIp(address, path, before.externalIPs)),
    ...oneOf(spec.type, 'spec.type', serviceTypes),
    ...validateLoadBalancer(service, spec, old),
    ...validateExternalTraffic(spec),
    ...validateInternalTraffic(spec),
    ...optionalOneOf(spec.trafficDistribution, 'spec.trafficDistribution', trafficDistributions),
  ]
}

function validateType(spec: ServiceSpec): FieldError[] {
  switch (spec.type) {
    case 'LoadBalancer':
    case 'NodePort':
      if (!isHeadless(spec)) return []
      return [invalidField('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
    case 'ExternalName':
      return validateExternalName(spec)
    default:
      return []
  }
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const unfit = (['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const).filter(field => spec[field]?.length)
  // The name may be written as a fully qualified one, with a dot at its end.
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [
    ...unfit.map(field => forbiddenField(`spec.${field}`, 'may not be set for ExternalName services')),
    ...requiredName(name, 'spec.externalName', validateDnsSubdomain),
  ]
}

function validatePorts(spec: ServiceSpec): FieldError[] {
  const { ports = [], type } = spec
  if (ports.length === 0) return isHeadless(spec) || type === 'ExternalName' ? [] : [requiredField('spec.ports')]
  const names = new Set<string>()
  const nodePorts = new Set<string>()
  const numbers = new Set<string>()
  return each(ports, 'spec.ports', (port, path) => [
    ...validatePort(port, ports.length > 1, path),
    ...(port.name && isRepeated(names, port.name) ? [duplicateField(`${path}.name`, port.name)] : []),
    ...(type === 'ClusterIP' && port.nodePort ? [forbiddenField(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : []),
    ...(port.nodePort && isRepeated(nodePorts, `${port.protocol} ${port.nodePort}`)
      ? [duplicateField(`${path}.nodePort`, port.nodePort)]
      : []),
    ...(isRepeated(numbers, `${port.protocol} ${port.port}`) ? [duplicateField(path, { protocol: port.protocol, port: port.port })] : []),
  ])
}

function isRepeated(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return true
  seen.add(key)
  return false
}

const validatePort = (port: ServicePort, requireName: boolean, path: string): FieldError[] => [
  ...(requireName ? requiredName : optionalName)(port.name, `${path}.name`, validateDnsLabel),
  ...invalid(`${path}.port`, port.port, validatePortNumber(port.port)),
  ...oneOf(port.protocol, `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
  ...validatePortNumberOrName(port.targetPort, `${path}.targetPort`),
  ...optionalName(port.appProtocol, `${path}.appProtocol`, validateQualifiedName),
]

function validateSessionAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const path = 'spec.sessionAffinityConfig'
  const errors = oneOf(sessionAffinity, 'spec.sessionAffinity', ['ClientIP', 'None'])
  if (sessionAffinity === 'ClientIP') {
    const missing = 'when session affinity type is ClientIP'
    if (config === undefined) return [requiredField(path, missing)]
    const seconds = config.clientIP?.timeoutSeconds
    if (seconds === undefined) return [requiredField(`${path}.clientIP.timeoutSeconds`, missing)]
    if (seconds > 0 && seconds <= 86_400) return []
    return [invalidField(`${path}.clientIP.timeoutSeconds`, seconds, 'must be greater than 0 and less than 86400')]
  }
  if (sessionAffinity !== 'None' || config === undefined) return errors
  return [forbiddenField(path, 'must not be set when session affinity is None')]
}

function validateExternalIp(address: string, path: string, before: readonly string[] | undefined): FieldError[] {
  const errors = validateIp(address, path, before)
  return errors.length ? errors : validateNonSpecialIp(address, path)
}

function validateLoadBalancer(service: Service, spec: ServiceSpec, old: Service | undefined): FieldError[] {
  const isLoadBalancer = spec.type === 'LoadBalancer'
  const errors = validateSourceRanges(service, spec, isLoadBalancer, old)
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer))
  }
  if (spec.loadBalancerClass !== undefined) {
    if (isLoadBalancer)
      errors.push(...invalid('spec.loadBalancerClass', spec.loadBalancerClass, validateQualifiedName(spec.loadBalancerClass)))
    else errors.push(forbiddenField('spec.loadBalancerClass', onlyLoadBalancer))
  }
  return errors
}

const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** The field, and before there was one, an annotation. Spaces around a range have always been fine. */
function validateSourceRanges({ metadata }: Service, spec: ServiceSpec, isLoadBalancer: boolean, old: Service | undefined): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? []
  if (ranges.length) {
    // Upstream writes this path with a capital letter.
    const path = 'spec.LoadBalancerSourceRanges'
    const errors = isLoadBalancer ? [] : [forbiddenField(path, onlyLoadBalancer)]
    const before = (old?.spec?.loadBalancerSourceRanges ?? []).map(range => range.trim())
    return [...errors, ...each(ranges, path, (range, at) => validateCidrField(range.trim(), at, before))]
  }
  const annotation = metadata.annotations?.[sourceRangesAnnotation]
  if (annotation === undefined) return []
  const path = `metadata.annotations[${sourceRangesAnnotation}]`
  const errors = isLoadBalancer ? [] : [forbiddenField(path, onlyLoadBalancer)]
  const before = rangesOf(old?.metadata.annotations?.[sourceRangesAnnotation])
  return [...errors, ...rangesOf(annotation).flatMap(range => validateCidrField(range, path, before))]
}

const rangesOf = (annotation = ''): readonly string[] => (annotation.trim() === '' ? [] : annotation.split(',').map(range => range.trim()))

function validateExternalTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: policy, healthCheckNodePort: port = 0 } = spec
  const path = 'spec.externalTrafficPolicy'
  const errors: FieldError[] = []
  if (isExternallyAccessible(spec)) errors.push(...oneOf(policy, path, trafficPolicies))
  else if (policy) errors.push(invalidField(path, policy, 'may only be set for externally-accessible services'))
  if (port === 0) return errors
  if (needsHealthCheckNodePort(spec)) return [...errors, ...invalid('spec.healthCheckNodePort', port, validatePortNumber(port))]
  const when = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return [...errors, invalidField('spec.healthCheckNodePort', port, when)]
}

const validateInternalTraffic = (spec: ServiceSpec): FieldError[] =>
  hasClusterNetwork(spec)
    ? oneOf(spec.internalTrafficPolicy, 'spec.internalTrafficPolicy', trafficPolicies)
    : optionalOneOf(spec.internalTrafficPolicy, 'spec.internalTrafficPolicy', trafficPolicies)
