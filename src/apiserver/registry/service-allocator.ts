import { invalid } from '../../apimachinery/api-errors.ts'
import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { type Cidr, cidrContains, cidrSize, formatCidr, formatIp, nthAddress, parseCidr, parseIpLeniently } from '../../apimachinery/ip.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { Service, ServicePort, ServiceSpec } from '../../apis/core/service.ts'
import type { Random } from '../../base/random.ts'
import type { Storage } from '../../storage/storage.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Resource } from '../resources.ts'
import type { ServiceRanges } from '../types.ts'
import { chooseFree, reservedLow } from './free-choice.ts'
import { addressIsOthers, furtherRanges } from './service-ranges.ts'
import { objectOf } from './stored-object.ts'

/**
 * Cluster IPs and node ports of services, taken in the same turn in which the service's write is ordered.
 * What is taken is what head says: the index only tells where to look, so a write that failed gives back by itself.
 */
export interface ServiceAllocator {
  /** The object with what it needs; `ordered` notes it once the write is in order. */
  allocate(resource: Resource, object: KubernetesObject, old: StoredVersion | undefined): Allocation
  close(): void
}

export interface Allocation {
  readonly object: KubernetesObject
  readonly ordered: (key: string) => void
}

const servicesPrefix = '/registry/core/services/'

export function createServiceAllocator(storage: Storage, random: Random, ranges: ServiceRanges): ServiceAllocator {
  const cidrs = ranges.clusterIPs.map(parseRange)
  /** IP or `port/PROTOCOL` to the key of a service that had it when last seen. */
  const holders = new Map<string, string>()
  let indexed = false
  let watch: { close(): void } | undefined

  // Built when the first service is written; foreign writers are seen through the committed state.
  const buildIndex = (resource: Resource) => {
    if (indexed) return
    indexed = true
    for (const version of storage.head.list(servicesPrefix)) note(resource, version.key, objectOf(resource, version, false))
    watch = storage.watch(servicesPrefix, storage.committed.revision, events => {
      for (const event of events) if (event.new) note(resource, event.key, objectOf(resource, event.new, false))
    })
  }
  const note = (_resource: Resource, key: string, object: KubernetesObject) => {
    for (const claim of claimsOf(object as Service)) holders.set(claim, key)
  }
  const isTaken = (resource: Resource, claim: string, ownKey: string): boolean => {
    const holder = holders.get(claim)
    if (holder === undefined || holder === ownKey) return false
    const version = storage.head.get(holder)
    if (version && claimsOf(objectOf(resource, version, false) as Service).includes(claim)) return true
    holders.delete(claim)
    return false
  }

  return {
    allocate(resource, object, old) {
      if (resource.kind.group !== '' || resource.kind.resource !== 'services') return { object, ordered: () => {} }
      buildIndex(resource)
      const { namespace = '', name = '' } = object.metadata
      const ownKey = old?.key ?? `${servicesPrefix}${namespace}/${name}`
      const owner = { namespace, name }
      const taken = (claim: string) => isTaken(resource, claim, ownKey) || addressIsOthers(storage, claim, owner)
      const source = { cidrs: [...cidrs, ...furtherRanges(storage, cidrs)], ranges, random, taken }
      const filled = fillService(object as Service, source)
      return { object: filled, ordered: key => note(resource, key, filled) }
    },
    close: () => watch?.close(),
  }
}

function parseRange(text: string): Cidr {
  const cidr = parseCidr(text)
  if (!cidr) throw new Error(`read the range of service addresses: ${JSON.stringify(text)} is no CIDR`)
  return cidr
}

function claimsOf({ spec }: Service): string[] {
  const addresses = spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : [])
  // However it is written, an address is taken.
  const claims = addresses.flatMap(ip => parseIpLeniently(ip) ?? []).map(formatIp)
  for (const port of spec?.ports ?? []) if (port.nodePort) claims.push(portClaim(port.nodePort, port.protocol))
  if (spec?.healthCheckNodePort) claims.push(portClaim(spec.healthCheckNodePort, 'TCP'))
  return claims
}

const portClaim = (port: number, protocol = 'TCP'): string => `${port}/${protocol}`

interface Source {
  readonly cidrs: readonly Cidr[]
  readonly ranges: ServiceRanges
  readonly random: Random
  readonly taken: (claim: string) => boolean
}

function fillService(service: Service, source: Source): Service {
  const spec = service.spec ?? {}
  const errors: FieldError[] = []
  const addressed = needsClusterIP(spec) ? fillClusterIPs(spec, source, errors) : spec
  const ported = fillNodePorts(addressed, source, errors)
  if (errors.length > 0) throw invalid('', 'Service', service.metadata.name ?? '', errors)
  return ported === service.spec ? service : { ...service, spec: ported }
}

const needsClusterIP = ({ type = 'ClusterIP', clusterIP, clusterIPs }: ServiceSpec): boolean =>
  type !== 'ExternalName' && clusterIP !== 'None' && clusterIPs?.[0] !== 'None'

function fillClusterIPs(spec: ServiceSpec, source: Source, errors: FieldError[]): ServiceSpec {
  const given = spec.clusterIPs?.length ? spec.clusterIPs : spec.clusterIP ? [spec.clusterIP] : []
  const families = wantedFamilies(spec, given, source, errors)
  if (errors.length > 0) return spec
  const clusterIPs = families.map((family, index) => given[index] || chooseClusterIP(family, source, errors))
  for (const [index, ip] of given.entries()) checkClusterIP(ip, index, given, source, errors)
  return {
    ...spec,
    clusterIP: clusterIPs[0],
    clusterIPs,
    ipFamilies: families,
    ipFamilyPolicy: spec.ipFamilyPolicy ?? (families.length > 1 ? 'RequireDualStack' : 'SingleStack'),
  }
}

const familyName = (family: 4 | 6): string => (family === 4 ? 'IPv4' : 'IPv6')

function wantedFamilies(spec: ServiceSpec, given: readonly string[], { cidrs }: Source, errors: FieldError[]): readonly string[] {
  const configured = [...new Set(cidrs.map(cidr => familyName(cidr.address.family)))]
  const fromIPs = given.map(parseIpLeniently).flatMap(ip => (ip ? [familyName(ip.family)] : []))
  const asked = spec.ipFamilies?.length ? spec.ipFamilies : fromIPs
  asked.forEach((family, index) => {
    if (configured.includes(family)) return
    errors.push(invalidField(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
  })
  const first = asked.length > 0 ? asked : configured.slice(0, 1)
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2) {
    errors.push(invalidField('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  }
  const dual = spec.ipFamilyPolicy === 'RequireDualStack' || spec.ipFamilyPolicy === 'PreferDualStack'
  return dual ? [...first, ...configured.filter(family => !first.includes(family))] : first
}

/** From the first range of the family that has an address left. */
function chooseClusterIP(family: string, source: Source, errors: FieldError[]): string {
  const ranges = source.cidrs.filter(one => familyName(one.address.family) === family)
  for (const range of ranges) {
    const chosen = chooseFrom(range, source)
    if (chosen !== undefined) return chosen
  }
  const message = 'Internal error: failed to allocate a serviceIP: range is full'
  if (ranges.length > 0) errors.push({ type: 'InternalError', field: 'spec.clusterIPs', message })
  return ''
}

function chooseFrom(cidr: Cidr, { random, taken }: Source): string | undefined {
  // The network's own address and, for version 4, the broadcast address serve no service.
  const size = Number(cidrSize(cidr) > 65536n ? 65536n : cidrSize(cidr))
  const usable = cidr.address.family === 4 ? size - 2 : size - 1
  const at = (index: number) => {
    const address = nthAddress(cidr, index + 1)
    return address ? formatIp(address) : ''
  }
  const index = chooseFree(random, usable, reservedLow(size, 16, 256, 16), candidate => !taken(at(candidate)))
  return index === undefined ? undefined : at(index)
}

function checkClusterIP(ip: string, index: number, given: readonly string[], { cidrs, taken }: Source, errors: FieldError[]): void {
  const address = parseIpLeniently(ip)
  const ofFamily = address ? cidrs.filter(one => one.address.family === address.family) : []
  const cidr = ofFamily.find(one => address && cidrContains(one, address)) ?? ofFamily[0]
  const failed = (reason: string) =>
    errors.push(
      invalidField(index === 0 ? 'spec.clusterIPs' : `spec.clusterIPs[${index}]`, given, `failed to allocate IP ${ip}: ${reason}`),
    )
  if (!address || !cidr || !cidrContains(cidr, address)) {
    const range = cidr ? ` The range of valid IPs is ${formatCidr(cidr)}` : ''
    failed(`the provided network does not match the current range, or the IP is not in it.${range}`)
  } else if (taken(formatIp(address))) failed('provided IP is already allocated')
}

function fillNodePorts(spec: ServiceSpec, source: Source, errors: FieldError[]): ServiceSpec {
  if (!needsNodePorts(spec)) return spec
  const { first, last } = source.ranges.nodePorts
  const own = new Set<string>()
  const free = (port: number, protocol?: string) => !own.has(portClaim(port, protocol)) && !source.taken(portClaim(port, protocol))
  for (const port of spec.ports ?? []) if (port.nodePort) own.add(portClaim(port.nodePort, port.protocol))
  const check = (port: number, protocol: string | undefined, field: string) => {
    if (port < first || port > last) {
      errors.push(invalidField(field, port, `provided port is not in the valid range. The range of valid ports is ${first}-${last}`))
    } else if (source.taken(portClaim(port, protocol))) errors.push(invalidField(field, port, 'provided port is already allocated'))
  }
  const choose = (protocol: string | undefined, field: string): number => {
    const size = last - first + 1
    const index = chooseFree(source.random, size, reservedLow(size, 16, 128, 32), candidate => free(first + candidate, protocol))
    if (index !== undefined) return first + index
    errors.push({ type: 'InternalError', field, message: 'Internal error: failed to allocate a nodePort: range is full' })
    return 0
  }
  const ports: ServicePort[] = []
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const field = `spec.ports[${index}].nodePort`
    if (port.nodePort) check(port.nodePort, port.protocol, field)
    // Two protocols on the same port get the same node port where that is free.
    const twin = ports.find(other => other.port === port.port && other.nodePort && free(other.nodePort, port.protocol))?.nodePort
    const nodePort = port.nodePort || twin || choose(port.protocol, field)
    own.add(portClaim(nodePort, port.protocol))
    ports.push(nodePort === port.nodePort ? port : { ...port, nodePort })
  }
  if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') return { ...spec, ports }
  if (spec.healthCheckNodePort) check(spec.healthCheckNodePort, 'TCP', 'spec.healthCheckNodePort')
  return { ...spec, ports, healthCheckNodePort: spec.healthCheckNodePort || choose('TCP', 'spec.healthCheckNodePort') }
}

const needsNodePorts = ({ type, allocateLoadBalancerNodePorts, ports }: ServiceSpec): boolean =>
  type === 'NodePort' ||
  (type === 'LoadBalancer' && (allocateLoadBalancerNodePorts !== false || (ports ?? []).some(port => port.nodePort !== undefined)))
