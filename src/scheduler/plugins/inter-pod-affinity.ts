import type { ClusterState, FilterPlugin, ScorePlugin } from '../framework.ts'
import type { CompiledTerm, PodInfo } from '../pod-info.ts'

/** Pods that must, or must not, run in the same domain (node, zone ...) as others. */
export const interPodAffinityFilter: FilterPlugin = {
  name: 'InterPodAffinity',
  helpedBy: ['nodeAdded', 'nodeChanged', 'podPlaced', 'podRemoved', 'podChanged'],
  prepare(pod, cluster) {
    const { table } = cluster
    const forbiddenByOthers = domainsForbiddenByOthers(pod, cluster)
    if (forbiddenByOthers.size === 0 && pod.requiredAffinity.length === 0 && pod.requiredAntiAffinity.length === 0) return undefined
    const wanted = pod.requiredAffinity.map(term => domainsWith(term, pod, cluster))
    const unwanted = pod.requiredAntiAffinity.map(term => domainsWith(term, pod, cluster))
    // The first pod of a group that wants its own kind near would otherwise never find a place.
    const isFirstOfItsGroup =
      wanted.every(domains => domains.size === 0) && pod.requiredAffinity.every(term => termMatches(term, pod, cluster))
    const domainOf = (slot: number, key: string) => table.nodes[slot]?.metadata.labels?.[key]
    const meetsAffinity = (slot: number) =>
      pod.requiredAffinity.every((term, index) => {
        const domain = domainOf(slot, term.topologyKey)
        return domain !== undefined && (isFirstOfItsGroup || (wanted[index] as Set<string>).has(domain))
      })
    const meetsAntiAffinity = (slot: number) =>
      pod.requiredAntiAffinity.every((term, index) => {
        const domain = domainOf(slot, term.topologyKey)
        return domain === undefined || !(unwanted[index] as Set<string>).has(domain)
      })
    const isForbidden = (slot: number) => {
      for (const [key, domains] of forbiddenByOthers) {
        const domain = domainOf(slot, key)
        if (domain !== undefined && domains.has(domain)) return true
      }
      return false
    }
    return {
      allows: slot => meetsAffinity(slot) && meetsAntiAffinity(slot) && !isForbidden(slot),
      reasons(slot) {
        if (!meetsAffinity(slot)) return ["node(s) didn't match pod affinity rules"]
        if (!meetsAntiAffinity(slot)) return ["node(s) didn't match pod anti-affinity rules"]
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
    const { table } = cluster
    const sums = new Map<string, number>()
    const add = (slot: number, term: CompiledTerm, weight: number) => {
      const domain = table.nodes[slot]?.metadata.labels?.[term.topologyKey]
      if (domain === undefined) return
      const key = `${term.topologyKey}\0${domain}`
      sums.set(key, (sums.get(key) ?? 0) + weight)
    }
    const own = pod.preferredAffinity.length + pod.preferredAntiAffinity.length > 0
    for (const slot of table.names.keys()) {
      for (const other of table.podsOn(slot).values()) {
        if (own) {
          for (const term of pod.preferredAffinity) if (termMatches(term, other, cluster)) add(slot, term, term.weight)
          for (const term of pod.preferredAntiAffinity) if (termMatches(term, other, cluster)) add(slot, term, -term.weight)
        }
        for (const term of other.preferredAffinity) if (termMatches(term, pod, cluster)) add(slot, term, term.weight)
        for (const term of other.preferredAntiAffinity) if (termMatches(term, pod, cluster)) add(slot, term, -term.weight)
        // A pod that needs such company is a little better off with more of it.
        for (const term of other.requiredAffinity) if (termMatches(term, pod, cluster)) add(slot, term, 1)
      }
    }
    if (sums.size === 0) return undefined
    const keys = new Set([...sums.keys()].map(key => key.slice(0, key.indexOf('\0'))))
    const raw = (slot: number) => {
      let sum = 0
      for (const key of keys) sum += sums.get(`${key}\0${table.nodes[slot]?.metadata.labels?.[key]}`) ?? 0
      return sum
    }
    // Sums may be negative: shifted, so that the lowest is zero before scaling.
    const lowest = Math.min(...feasible.map(raw))
    return { scale: 'highest', of: slot => raw(slot) - lowest }
  },
}

/** The domains that hold a pod matched by this term. */
function domainsWith(term: CompiledTerm, owner: PodInfo, cluster: ClusterState): Set<string> {
  const { table } = cluster
  const domains = new Set<string>()
  for (const [slot, node] of table.nodes.entries()) {
    const domain = node?.metadata.labels?.[term.topologyKey]
    if (domain === undefined || domains.has(domain)) continue
    for (const other of table.podsOn(slot).values()) {
      if (other.uid === owner.uid || other.pod.metadata.deletionTimestamp || !termMatches(term, other, cluster)) continue
      domains.add(domain)
      break
    }
  }
  return domains
}

/** By topology key, the domains that pods with required anti-affinity against this pod occupy. */
function domainsForbiddenByOthers(pod: PodInfo, cluster: ClusterState): Map<string, Set<string>> {
  const forbidden = new Map<string, Set<string>>()
  for (const { info, slot } of cluster.table.podsWithAntiAffinity) {
    for (const term of info.requiredAntiAffinity) {
      const domain = cluster.table.nodes[slot]?.metadata.labels?.[term.topologyKey]
      if (domain === undefined || !termMatches(term, pod, cluster)) continue
      forbidden.set(term.topologyKey, (forbidden.get(term.topologyKey) ?? new Set()).add(domain))
    }
  }
  return forbidden
}

function termMatches(term: CompiledTerm, other: PodInfo, cluster: ClusterState): boolean {
  const namespace = other.pod.metadata.namespace ?? ''
  const inNamespace = term.namespaces.has(namespace) || (term.namespaceSelector?.matches(cluster.namespaceLabels(namespace) ?? {}) ?? false)
  return inNamespace && term.selector.matches(other.pod.metadata.labels)
}
