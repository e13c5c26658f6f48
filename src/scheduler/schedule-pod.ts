import type { Diagnosis } from './diagnosis.ts'
import type { ClusterState, Filter, FilterPlugin, ScorePlugin } from './framework.ts'
import { maximumScore } from './framework.ts'
import type { PodInfo } from './pod-info.ts'

/** The outcome of one attempt to find a node: pure, given the cluster's state. */
export type Placement =
  | { readonly fits: true; readonly slot: number; readonly evaluated: number; readonly feasible: number }
  | { readonly fits: false; readonly diagnosis: Diagnosis }

export interface SchedulingProfile {
  readonly filters: readonly FilterPlugin[]
  readonly scores: readonly ScorePlugin[]
}

export interface PreparedFilter {
  readonly plugin: FilterPlugin
  readonly filter: Filter
}

export interface Search {
  /** Where to start looking, so that not always the same nodes are looked at first. */
  next: number
  /** A number in [0, 1), to choose among equals. */
  readonly random: () => number
}

/** Finds a node: the one on which room was made for the pod, or else the best of those that fit. */
export function schedulePod(
  pod: PodInfo,
  cluster: ClusterState,
  profile: SchedulingProfile,
  search: Search,
  nominated?: number,
): Placement {
  const { table } = cluster
  const filters = prepareFilters(pod, cluster, profile)
  if (nominated !== undefined && allows(filters, nominated)) return { fits: true, slot: nominated, evaluated: 1, feasible: 1 }
  const slots = table.names.length
  const enough = feasibleNodesToFind(table.nodeCount)
  const feasible: number[] = []
  let looked = 0
  for (; looked < slots && feasible.length < enough; looked++) {
    const slot = (search.next + looked) % slots
    if (table.names[slot] !== undefined && allows(filters, slot)) feasible.push(slot)
  }
  if (feasible.length === 0) return { fits: false, diagnosis: diagnose(filters, cluster) }
  search.next = (search.next + looked) % slots
  const slot = feasible.length === 1 ? (feasible[0] as number) : best(pod, cluster, profile, feasible, search.random)
  return { fits: true, slot, evaluated: looked, feasible: feasible.length }
}

export function prepareFilters(pod: PodInfo, cluster: ClusterState, profile: SchedulingProfile): PreparedFilter[] {
  const prepared: PreparedFilter[] = []
  for (const plugin of profile.filters) {
    const filter = plugin.prepare(pod, cluster)
    if (filter) prepared.push({ plugin, filter })
  }
  return prepared
}

export const allows = (filters: readonly PreparedFilter[], slot: number): boolean => refusing(filters, slot) === undefined

/** The first filter that refuses a slot: it says why. */
export function refusing(filters: readonly PreparedFilter[], slot: number): PreparedFilter | undefined {
  for (let index = 0; index < filters.length; index++) {
    const prepared = filters[index] as PreparedFilter
    if (!prepared.filter.allows(slot)) return prepared
  }
  return undefined
}

/** In large clusters a share of the nodes is enough: 50 % less one for every 125 nodes, at least 5 % and at least 100. */
export function feasibleNodesToFind(nodeCount: number): number {
  if (nodeCount <= 100) return nodeCount
  const percent = Math.max(5, 50 - Math.floor(nodeCount / 125))
  return Math.max(100, Math.floor((nodeCount * percent) / 100))
}

function best(pod: PodInfo, cluster: ClusterState, profile: SchedulingProfile, feasible: readonly number[], random: () => number): number {
  const totals = new Float64Array(feasible.length)
  const raw = new Float64Array(feasible.length)
  for (const plugin of profile.scores) {
    const score = plugin.prepare(pod, cluster, feasible)
    if (!score) continue
    let highest = 0
    for (let index = 0; index < feasible.length; index++) {
      const value = score.of(feasible[index] as number)
      raw[index] = value
      if (value > highest) highest = value
    }
    for (let index = 0; index < feasible.length; index++) {
      totals[index] = (totals[index] as number) + plugin.weight * scaled(raw[index] as number, highest, score.scale)
    }
  }
  return pickHighest(feasible, totals, random)
}

function scaled(value: number, highest: number, scale: 'none' | 'highest' | 'lowest'): number {
  if (scale === 'none') return value
  const share = highest === 0 ? 0 : Math.floor((value * maximumScore) / highest)
  return scale === 'highest' ? share : maximumScore - share
}

/** Among equals each has the same chance, in one pass. */
function pickHighest(feasible: readonly number[], totals: Float64Array, random: () => number): number {
  let chosen = 0
  let equals = 1
  for (let index = 1; index < feasible.length; index++) {
    const difference = (totals[index] as number) - (totals[chosen] as number)
    if (difference > 0) {
      chosen = index
      equals = 1
    } else if (difference === 0 && random() < 1 / ++equals) {
      chosen = index
    }
  }
  return feasible[chosen] as number
}

/** Asked only when no node fits: why each was refused. */
function diagnose(filters: readonly PreparedFilter[], { table }: ClusterState): Diagnosis {
  const reasons = new Map<string, number>()
  const plugins = new Set<string>()
  const resolvable: number[] = []
  for (const [slot, name] of table.names.entries()) {
    const prepared = name === undefined ? undefined : refusing(filters, slot)
    if (!prepared) continue
    plugins.add(prepared.plugin.name)
    for (const reason of prepared.filter.reasons(slot)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    if (!prepared.filter.unresolvable(slot)) resolvable.push(slot)
  }
  return { nodeCount: table.nodeCount, reasons, plugins, resolvable }
}
