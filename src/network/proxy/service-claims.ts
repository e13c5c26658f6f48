import type { Service, ServicePort } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { Chain, Claims, Element } from './claims.ts'
import { isIgnored, protocolOf, type Target, type Targets, targetsOf } from './endpoints.ts'
import { type Family, header, masqueradeMark } from './table.ts'

export interface ProxyNode {
  readonly name: string
  readonly zone?: string
}

/** What a service wants in the table, given its endpoints. */
export function serviceClaims(service: Service, slices: readonly EndpointSlice[], node: ProxyNode): Claims {
  const claims: MutableClaims = { elements: [], chains: [], affinity: [], udpTargets: [] }
  if (isIgnored(service)) return claims
  for (const family of [4, 6] as const) {
    const clusterIps = addressesOf(service, family)
    if (clusterIps.length === 0) continue
    for (const address of clusterIps) claims.elements.push({ target: `cluster-ips-${family}`, key: address })
    for (const port of service.spec?.ports ?? []) {
      const frontend = { service, port, family, clusterIps, protocol: protocolOf(port) }
      claimPort(claims, frontend, targetsOf(port, slices, family, node))
    }
  }
  return claims
}

interface MutableClaims {
  readonly elements: Element[]
  readonly chains: Chain[]
  readonly affinity: { readonly name: string; readonly family: Family; readonly timeout_s: number }[]
  readonly udpTargets: string[]
}

/** One port of a service in one family. */
interface Frontend {
  readonly service: Service
  readonly port: ServicePort
  readonly family: Family
  readonly clusterIps: readonly string[]
  readonly protocol: string
}

function claimPort(claims: MutableClaims, frontend: Frontend, targets: Targets): void {
  const { spec } = frontend.service
  const inside = spec?.internalTrafficPolicy === 'Local' ? targets.local : targets.cluster
  claimHairpin(claims, frontend, targets)
  if (frontend.protocol === 'udp') claims.udpTargets.push(...targets.cluster.map(({ address, port }) => `${address} ${port}`))
  if (spec?.sessionAffinity === 'ClientIP' || needsOwnWayIn(frontend)) claimOwnChains(claims, frontend, targets, inside)
  else claimFlat(claims, frontend, inside, targets.cluster)
  // Only here may an address be silent: other nodes serve it (upstream's rule for internalTrafficPolicy Local).
  if (inside.length === 0 && targets.cluster.length > 0)
    for (const address of frontend.clusterIps) claimUnserved(claims, frontend, address, 'drop')
  if (targets.cluster.length === 0) claimRefusals(claims, frontend)
}

/** A pod that reaches itself through its service would answer itself past the translation. */
function claimHairpin({ elements }: MutableClaims, { family }: Frontend, targets: Targets): void {
  for (const { address } of targets.cluster.filter(one => one.isLocal))
    elements.push({ target: `hairpin-${family}`, key: `${address} . ${address}` })
}

const needsOwnWayIn = ({ service: { spec } }: Frontend): boolean =>
  spec?.type === 'LoadBalancer' || spec?.type === 'NodePort' || spec?.externalIPs?.length
    ? spec.externalTrafficPolicy === 'Local' || Boolean(spec.loadBalancerSourceRanges?.length)
    : false

/** The usual service: nothing but map elements. */
function claimFlat(claims: MutableClaims, frontend: Frontend, inside: readonly Target[], outside: readonly Target[]): void {
  const { clusterIps, family, port, protocol } = frontend
  for (const address of clusterIps) claimFlatAddress(claims, frontend, address, 'cluster', inside)
  for (const address of externalAddressesOf(frontend)) claimFlatAddress(claims, frontend, address, 'external', outside)
  if (!port.nodePort || outside.length === 0) return
  const key = `${protocol} . ${port.nodePort}`
  const count = outside.length
  claims.elements.push({ target: `node-ports-${family}`, key, value: `goto node-port-${family}-${count}` })
  outside.forEach((target, index) => {
    claims.elements.push({ target: `node-port-endpoints-${family}-${count}`, key: `${key} . ${index}`, value: place(target), count })
  })
}

function claimFlatAddress(
  claims: MutableClaims,
  { family, port, protocol }: Frontend,
  address: string,
  chain: 'cluster' | 'external',
  targets: readonly Target[],
): void {
  const count = targets.length
  if (count === 0) return
  const key = `${address} . ${protocol} . ${port.port}`
  claims.elements.push({ target: `service-ips-${family}`, key, value: `goto ${chain}-${family}-${count}` })
  targets.forEach((target, index) => {
    claims.elements.push({ target: `endpoints-${family}-${count}`, key: `${key} . ${index}`, value: place(target), count })
  })
}

const place = ({ address, port }: Target): string => `${address} . ${port}`

/** A service with affinity, local traffic from outside or source ranges: chains of its own. */
function claimOwnChains(claims: MutableClaims, frontend: Frontend, targets: Targets, inside: readonly Target[]): void {
  const { clusterIps, family, port, protocol } = frontend
  const id = chainId(frontend)
  if (inside.length) {
    const pick = claimPick(claims, frontend, `pick/${id}`, inside)
    claims.chains.push({
      name: `cluster/${id}`,
      rules: [`${header(family)} saddr != @pod-cidrs-${family} ${masqueradeMark}`, `goto ${pick}`],
    })
    for (const address of clusterIps)
      claims.elements.push({
        target: `service-ips-${family}`,
        key: `${address} . ${protocol} . ${port.port}`,
        value: `goto cluster/${id}`,
      })
  }
  if (targets.cluster.length) claimWayIn(claims, frontend, targets, inside === targets.cluster ? `pick/${id}` : undefined)
}

/** From outside the cluster: node port, external addresses, load balancer addresses. */
function claimWayIn(claims: MutableClaims, frontend: Frontend, targets: Targets, known: string | undefined): void {
  const { family, port, protocol, service } = frontend
  const external = externalAddressesOf(frontend)
  if (external.length === 0 && !port.nodePort) return
  const id = chainId(frontend)
  const pickAny = known ?? claimPick(claims, frontend, `pick-any/${id}`, targets.cluster)
  const local = service.spec?.externalTrafficPolicy === 'Local'
  const pickLocal = local && targets.local.length ? claimPick(claims, frontend, `pick-local/${id}`, targets.local) : undefined
  claims.chains.push({
    name: `external/${id}`,
    rules: local ? localWayIn(family, pickAny, pickLocal) : [masqueradeMark, `goto ${pickAny}`],
  })
  for (const address of external) {
    const key = `${address} . ${protocol} . ${port.port}`
    claims.elements.push({ target: `service-ips-${family}`, key, value: `goto ${claimSourceRanges(claims, frontend, address)}` })
    if (local && !pickLocal) claimUnserved(claims, frontend, address, 'drop')
  }
  if (!port.nodePort) return
  const key = `${protocol} . ${port.nodePort}`
  claims.elements.push({ target: `node-ports-${family}`, key, value: `goto external/${id}` })
  if (local && !pickLocal) claims.elements.push({ target: `unserved-ports-${family}`, key, value: 'drop' })
}

/** Only who comes from outside is bound to this node's endpoints, and keeps its address. */
function localWayIn(family: Family, pickAny: string, pickLocal: string | undefined): string[] {
  return [
    `${header(family)} saddr @pod-cidrs-${family} goto ${pickAny}`,
    `fib saddr type local ${masqueradeMark}`,
    `fib saddr type local goto ${pickAny}`,
    ...(pickLocal ? [`goto ${pickLocal}`] : []),
  ]
}

/** Source ranges hold for load balancer addresses only, not for the service's other ways in. */
function claimSourceRanges(claims: MutableClaims, frontend: Frontend, address: string): string {
  const { family, service } = frontend
  const wayIn = `external/${chainId(frontend)}`
  const ranges = (service.spec?.loadBalancerSourceRanges ?? [])
    .map(range => range.trim())
    .filter(range => range.includes(':') === (family === 6))
  if (!service.spec?.loadBalancerSourceRanges?.length || !loadBalancerAddressesOf(service).includes(address)) return wayIn
  const name = `sources/${chainId(frontend)}`
  const allowed = ranges.length ? [`${header(family)} saddr { ${ranges.join(', ')} } goto ${wayIn}`] : []
  // Several load balancer addresses share the chain.
  if (!claims.chains.some(chain => chain.name === name)) claims.chains.push({ name, rules: [...allowed, 'drop'] })
  return name
}

/** A chain that sends to one of the targets, by chance or, with affinity, where the client was before. */
function claimPick(claims: MutableClaims, frontend: Frontend, name: string, targets: readonly Target[]): string {
  const { family, protocol, service } = frontend
  if (service.spec?.sessionAffinity !== 'ClientIP') {
    const places = targets.map((target, index) => `${index} : ${place(target)}`).join(', ')
    claims.chains.push({
      name,
      rules: [`meta l4proto ${protocol} dnat ${header(family)} to numgen random mod ${targets.length} map { ${places} }`],
    })
    return name
  }
  const sets = targets.map(target => claimAffinity(claims, frontend, target))
  const gotos = sets.map((set, index) => `${index} : goto ${set}`).join(', ')
  claims.chains.push({
    name,
    rules: [...sets.map(set => `${header(family)} saddr @${set} goto ${set}`), `numgen random mod ${targets.length} vmap { ${gotos} }`],
  })
  return name
}

/** A target's set of clients, and the chain of the same name that notes a client there and sends it on. */
function claimAffinity(claims: MutableClaims, frontend: Frontend, target: Target): string {
  const { family, protocol, service } = frontend
  const ip = header(family)
  const timeout_s = service.spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800
  // The timeout of a set can't be changed; another timeout is another set.
  const name = `affinity/${chainId(frontend)}/${target.address.replaceAll(':', '-')}/${target.port}/${timeout_s}`
  if (claims.affinity.some(one => one.name === name)) return name
  claims.affinity.push({ name, family, timeout_s })
  const place = family === 4 ? `${target.address}:${target.port}` : `[${target.address}]:${target.port}`
  claims.chains.push({ name, rules: [`update @${name} { ${ip} saddr }`, `meta l4proto ${protocol} dnat ${ip} to ${place}`] })
  return name
}

/** Without any endpoint a client hears so at once. Cluster IPs are refused by the table itself. */
function claimRefusals(claims: MutableClaims, frontend: Frontend): void {
  const { family, port, protocol } = frontend
  for (const address of externalAddressesOf(frontend)) claimUnserved(claims, frontend, address, 'goto refuse')
  if (port.nodePort)
    claims.elements.push({ target: `unserved-ports-${family}`, key: `${protocol} . ${port.nodePort}`, value: 'goto refuse' })
}

function claimUnserved(claims: MutableClaims, { family, port, protocol }: Frontend, address: string, value: string): void {
  claims.elements.push({ target: `unserved-ips-${family}`, key: `${address} . ${protocol} . ${port.port}`, value })
}

const chainId = ({ family, port, protocol, service: { metadata } }: Frontend): string =>
  `${metadata.namespace}/${metadata.name}/${protocol}/${port.port}/v${family}`

function addressesOf({ spec }: Service, family: Family): string[] {
  const all = spec?.clusterIPs?.length ? spec.clusterIPs : [spec?.clusterIP ?? '']
  return all.filter(address => isOfFamily(address, family))
}

function externalAddressesOf({ service, family }: Frontend): string[] {
  const all = new Set([...(service.spec?.externalIPs ?? []), ...loadBalancerAddressesOf(service)])
  return [...all].filter(address => isOfFamily(address, family))
}

/** With ipMode Proxy the load balancer sends to node ports, and its address must not be caught here. */
function loadBalancerAddressesOf({ spec, status }: Service): string[] {
  if (spec?.type !== 'LoadBalancer') return []
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : []))
}

const isOfFamily = (address: string, family: Family): boolean => address !== '' && address.includes(':') === (family === 6)
