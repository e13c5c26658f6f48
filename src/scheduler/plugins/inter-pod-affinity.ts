import { type ClusterState, type FilterPlugin, maximumScore, type ScorePlugin } from '../framework.ts'
import type { PodGroup } from '../placed-pods.ts'
import type { CompiledTerm, PodInfo } from '../pod-info.ts'

/** Pods that must, or must not, run in the same domain (node, zone ...) as others. */
export const interPodAffinityFilter: FilterPlugin = {
  name: 'InterPodAffinity',
  helpedBy: ['nodeAdded', 'nodeLabelsChanged', 'podPlaced', 'podRemoved', 'podLabelsChanged'],
  prepare(pod, cluster) {
    const { table } = cluster
    const { requiredAffinity, requiredAntiAffinity } = pod
    const forbidden = domainsForbiddenByOthers(pod, cluster)
    if (forbidden.length === 0 && requiredAffinity.length === 0 && requiredAntiAffinity.length === 0) return undefined
    // Company counts only if it is what all terms ask for; each unwanted neighbour counts by itself.
    const wanted = domainsWith(requiredAffinity, requiredAffinity, cluster)
    const unwanted = requiredAntiAffinity.flatMap(term => domainsWith([term], [term], cluster))
    // The first pod of a group that wants its own kind near would otherwise never find a place.
    const isFirstOfItsGroup =
      wanted.every(domains => domains.values.size === 0) && requiredAffinity.every(term => termMatches(term, ownGroup(pod), cluster))
    const meetsAffinity = (slot: number) => {
      for (let index = 0; index < wanted.length; index++) {
        const { key, values } = wanted[index] as Domains
        const domain = table.nodes[slot]?.metadata.labels?.[key]
        if (domain === undefined || (!isFirstOfItsGroup && !values.has(domain))) return false
      }
      return true
    }
    const isOutside = (slot: number, excluded: readonly Domains[]) => {
      for (let index = 0; index < excluded.length; index++) {
        const { key, values } = excluded[index] as Domains
        const domain = table.nodes[slot]?.metadata.labels?.[key]
        if (domain !== undefined && values.has(domain)) return false
      }
      return true
    }
    return {
      allows: slot => meetsAffinity(slot) && isOutside(slot, unwanted) && isOutside(slot, forbidden),
      reasons(slot) {
        if (!meetsAffinity(slot)) return ["node(s) didn't match pod affinity rules"]
        if (!isOutside(slot, unwanted)) return ["node(s) didn't match pod anti-affinity rules"]
        return ["node(s) didn't satisfy existing pods anti-affinity rules"]
      },
      unresolvable: slot => !meetsAffinity(slot),
    }
  },
}

/** Prefers domains by the weights of preferred terms, the pod's own and those of the pods that run there. */
export const interPodAffinityScore: ScorePlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  prepare(pod, cluster, feasible) {
    const sums = weighDomains(pod, cluster)
    if (sums.size === 0) return undefined
    const raw = new Float64Array(cluster.table.names.length)
    let lowest = Number.POSITIVE_INFINITY
    let highest = Number.NEGATIVE_INFINITY
    for (const slot of feasible) {
      const labels = cluster.table.nodes[slot]?.metadata.labels
      let sum = 0
      for (const [key, values] of sums) sum += values.get(labels?.[key] ?? '') ?? 0
      raw[slot] = sum
      lowest = Math.min(lowest, sum)
      highest = Math.max(highest, sum)
    }
    // Sums may be negative: the lowest gets 0, the highest 100.
    const range = highest - lowest
    return { scale: 'none', of: slot => (range === 0 ? 0 : Math.floor((maximumScore * ((raw[slot] as number) - lowest)) / range)) }
  },
}

/** By topology key and domain, how much this pod would like to be there. */
function weighDomains(pod: PodInfo, cluster: ClusterState): Map<string, Map<string, number>> {
  const { table } = cluster
  const sums = new Map<string, Map<string, number>>()
  const add = (slot: number, { topologyKey }: CompiledTerm, weight: number) => {
    const domain = table.nodes[slot]?.metadata.labels?.[topologyKey]
    if (domain === undefined) return
    const values = sums.get(topologyKey) ?? new Map<string, number>()
    sums.set(topologyKey, values.set(domain, (values.get(domain) ?? 0) + weight))
  }
  const own = ownGroup(pod)
  for (const { term, bySlot } of table.preferredTerms.values())
    if (termMatches(term, own, cluster)) for (const [slot, weight] of bySlot) add(slot, term, weight)
  if (pod.preferredAffinity.length + pod.preferredAntiAffinity.length === 0) return sums
  for (const group of table.groups.values()) {
    for (const term of pod.preferredAffinity)
      if (termMatches(term, group, cluster)) for (const [slot, count] of group.bySlot) add(slot, term, term.weight * count)
    for (const term of pod.preferredAntiAffinity)
      if (termMatches(term, group, cluster)) for (const [slot, count] of group.bySlot) add(slot, term, -term.weight * count)
  }
  return sums
}

interface Domains {
  /** The label of nodes. */
  readonly key: string
  readonly values: Set<string>
}

/** For each of `terms`, the domains that hold a pod which all of `matching` mean. */
function domainsWith(terms: readonly CompiledTerm[], matching: readonly CompiledTerm[], cluster: ClusterState): Domains[] {
  const { groups, nodes } = cluster.table
  const found = terms.map(term => ({ key: term.topologyKey, values: new Set<string>() }))
  if (found.length === 0) return found
  for (const group of groups.values()) {
    if (!matching.every(term => termMatches(term, group, cluster))) continue
    for (const slot of group.bySlot.keys()) {
      for (const { key, values } of found) {
        const domain = nodes[slot]?.metadata.labels?.[key]
        if (domain !== undefined) values.add(domain)
      }
    }
  }
  return found
}

/** The domains that pods with required anti-affinity against this pod occupy. */
function domainsForbiddenByOthers(pod: PodInfo, cluster: ClusterState): Domains[] {
  const { antiAffinityTerms, nodes } = cluster.table
  const forbidden: Domains[] = []
  const own = ownGroup(pod)
  for (const { term, bySlot } of antiAffinityTerms.values()) {
    if (!termMatches(term, own, cluster)) continue
    const values = new Set<string>()
    for (const slot of bySlot.keys()) {
      const domain = nodes[slot]?.metadata.labels?.[term.topologyKey]
      if (domain !== undefined) values.add(domain)
    }
    if (values.size > 0) forbidden.push({ key: term.topologyKey, values })
  }
  return forbidden
}

type Matched = Pick<PodGroup, 'namespace' | 'labels'>

const ownGroup = ({ pod: { metadata } }: PodInfo): Matched => ({ namespace: metadata.namespace ?? '', labels: metadata.labels })

function termMatches(term: CompiledTerm, { namespace, labels }: Matched, cluster: ClusterState): boolean {
  const inNamespace = term.namespaces.has(namespace) || (term.namespaceSelector?.matches(cluster.namespaceLabels(namespace)) ?? false)
  return inNamespace && term.selector.matches(labels)
}
