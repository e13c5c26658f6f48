import type { Service, ServicePort } from '../../apis/core/service.ts'
import type { Endpoint, EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { Family } from './table.ts'

export interface Target {
  readonly address: string
  readonly port: number
  readonly isLocal: boolean
}

/** Where connections to one port of a service may go, by who asks. */
export interface Targets {
  /** Anywhere in the cluster. */
  readonly cluster: readonly Target[]
  /** On this node. */
  readonly local: readonly Target[]
}

/**
 * The endpoints of a service's port: those that are ready; where there is none of them, those that still serve while
 * they terminate, since a late answer is better than none.
 */
export function targetsOf(
  port: ServicePort,
  slices: readonly EndpointSlice[],
  family: Family,
  node: { readonly name: string; readonly zone?: string },
): Targets {
  const ready: Candidate[] = []
  const terminating: Candidate[] = []
  for (const slice of slices) {
    if (slice.addressType !== `IPv${family}`) continue
    const number = slice.ports?.find(one => (one.name ?? '') === (port.name ?? '') && protocolOf(one) === protocolOf(port))?.port
    if (number === undefined) continue
    for (const endpoint of slice.endpoints ?? []) {
      const list = isReady(endpoint) ? ready : isServingStill(endpoint) ? terminating : undefined
      const address = endpoint.addresses?.[0]
      if (list && address !== undefined)
        list.push({ target: { address, port: number, isLocal: endpoint.nodeName === node.name }, hints: endpoint.hints })
    }
  }
  const usable = ready.length ? ready : terminating
  const readyHere = ready.filter(one => one.target.isLocal)
  const here = readyHere.length ? readyHere : terminating.filter(one => one.target.isLocal)
  return { cluster: distinct(preferred(usable, node)), local: distinct(here) }
}

interface Candidate {
  readonly target: Target
  readonly hints: Endpoint['hints']
}

export const protocolOf = (port: { readonly protocol?: string }): string => (port.protocol ?? 'TCP').toLowerCase()

/** Unknown counts as ready (API of EndpointConditions). */
export const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready !== false

const isServingStill = ({ conditions }: Endpoint): boolean =>
  conditions?.terminating === true && (conditions.serving ?? conditions.ready) !== false

/** Hints hold only where every endpoint has them and at least one is meant for this node or its zone. */
function preferred(candidates: readonly Candidate[], node: { readonly name: string; readonly zone?: string }): readonly Candidate[] {
  if (candidates.every(one => one.hints?.forNodes?.length)) {
    const mine = candidates.filter(one => one.hints?.forNodes?.some(({ name }) => name === node.name))
    if (mine.length) return mine
  }
  if (node.zone !== undefined && candidates.every(one => one.hints?.forZones?.length)) {
    const mine = candidates.filter(one => one.hints?.forZones?.some(({ name }) => name === node.zone))
    if (mine.length) return mine
  }
  return candidates
}

/** In a stable order, so that slices that come in another order change nothing. */
function distinct(candidates: readonly Candidate[]): Target[] {
  const byKey = new Map(candidates.map(({ target }) => [`${target.address} ${target.port}`, target]))
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, target]) => target)
}

/** Whether the proxy has nothing to do with a service: no address of its own, or meant for another proxy. */
export function isIgnored({ metadata, spec }: Service): boolean {
  return (
    !spec?.clusterIP ||
    spec.clusterIP === 'None' ||
    spec.type === 'ExternalName' ||
    metadata.labels?.['service.kubernetes.io/headless'] !== undefined ||
    metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined
  )
}

export const serviceLabel = 'kubernetes.io/service-name'
