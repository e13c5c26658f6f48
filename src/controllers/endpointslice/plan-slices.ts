import type { Endpoint, EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import { type EndpointGroup, groupKey } from './endpoints-of.ts'

/** As many as upstream puts into a slice: a change is sent to every node, so slices stay small. */
const maximumEndpoints = 100

export interface SlicePlan {
  readonly create: readonly Pick<EndpointSlice, 'addressType' | 'ports' | 'endpoints'>[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/**
 * The fewest writes that make the slices say what they should: endpoints stay in the slice in which they are, new ones
 * fill slices that change anyway, then others with room, then new slices.
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  isCurrent: (slice: EndpointSlice) => boolean,
): SlicePlan {
  const create: Pick<EndpointSlice, 'addressType' | 'ports' | 'endpoints'>[] = []
  const update: EndpointSlice[] = []
  const remove: EndpointSlice[] = []
  const wanted = new Map(groups.map(group => [groupKey(group.addressType, group.ports), group]))
  const slicesOf = new Map<string, EndpointSlice[]>()
  for (const slice of existing) {
    const key = groupKey(slice.addressType, slice.ports ?? [])
    if (wanted.has(key)) slicesOf.set(key, [...(slicesOf.get(key) ?? []), slice])
    else remove.push(slice)
  }
  for (const [key, group] of wanted) {
    const filled = fill(slicesOf.get(key) ?? [], group.endpoints)
    for (const { slice, endpoints } of filled.kept) {
      if (endpoints.length === 0 && group.endpoints.length > 0) remove.push(slice)
      else if (!isCurrent(slice) || !sameEndpoints(slice.endpoints ?? [], endpoints))
        update.push({ ...slice, ports: group.ports, endpoints })
    }
    for (let start = 0; start < filled.left.length; start += maximumEndpoints)
      create.push({ addressType: group.addressType, ports: group.ports, endpoints: filled.left.slice(start, start + maximumEndpoints) })
    if (group.endpoints.length === 0 && filled.kept.length === 0)
      create.push({ addressType: group.addressType, ports: group.ports, endpoints: [] })
  }
  return { create, update, remove }
}

interface Filling {
  readonly slice: EndpointSlice
  endpoints: Endpoint[]
}

function fill(slices: readonly EndpointSlice[], endpoints: readonly Endpoint[]): { kept: Filling[]; left: Endpoint[] } {
  const missing = new Map(endpoints.map(endpoint => [identityOf(endpoint), endpoint]))
  const kept = slices.map(slice => {
    const staying = (slice.endpoints ?? []).flatMap(endpoint => {
      const identity = identityOf(endpoint)
      const current = missing.get(identity)
      missing.delete(identity)
      return current ? [current] : []
    })
    return { slice, endpoints: staying }
  })
  const left = [...missing.values()]
  const changesAnyway = (filling: Filling) => !sameEndpoints(filling.slice.endpoints ?? [], filling.endpoints)
  // Slices that are written in any case first, among them the fullest, so that few slices end up large.
  const order = [...kept].sort((a, b) => Number(changesAnyway(b)) - Number(changesAnyway(a)) || b.endpoints.length - a.endpoints.length)
  for (const filling of order) filling.endpoints = [...filling.endpoints, ...left.splice(0, maximumEndpoints - filling.endpoints.length)]
  return { kept, left }
}

const identityOf = (endpoint: Endpoint): string => `${endpoint.targetRef?.uid ?? ''} ${endpoint.addresses[0] ?? ''}`

const sameEndpoints = (left: readonly Endpoint[], right: readonly Endpoint[]): boolean =>
  left.length === right.length && left.every((endpoint, index) => normalForm(endpoint) === normalForm(right[index] as Endpoint))

const normalForm = ({ addresses, conditions, hostname, nodeName, targetRef, zone }: Endpoint): string =>
  JSON.stringify([
    addresses,
    conditions?.ready ?? true,
    conditions?.serving ?? null,
    conditions?.terminating ?? false,
    hostname ?? '',
    nodeName ?? '',
    targetRef?.uid ?? '',
    zone ?? '',
  ])
