import { type LabelMatcher, labelSelectorMatcher } from '../apimachinery/selectors.ts'
import { podRequests } from '../apis/core/pod/requests.ts'
import type { Pod } from '../apis/core/pod.ts'
import type { PodAffinityTerm, Toleration } from '../apis/core/scheduling-terms.ts'

/**
 * What scheduling needs of a pod, worked out once when the pod is seen: amounts as numbers, terms with compiled
 * selectors. Pods on nodes keep it, so that removing one is exact.
 */
export interface PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly uid: string
  readonly priority: number
  /** `cpu` in thousandths, everything else in whole units. */
  readonly requests: Readonly<Record<string, number>>
  /** With upstream's assumptions for containers that request nothing, so that such pods spread too. */
  readonly scoredCpu: number
  readonly scoredMemory: number
  readonly hostPorts: readonly HostPort[]
  readonly tolerations: readonly Toleration[]
  readonly requiredAffinity: readonly CompiledTerm[]
  readonly requiredAntiAffinity: readonly CompiledTerm[]
  readonly preferredAffinity: readonly WeightedTerm[]
  readonly preferredAntiAffinity: readonly WeightedTerm[]
}

export interface HostPort {
  readonly protocol: string
  /** `0.0.0.0` conflicts with every address. */
  readonly address: string
  readonly port: number
}

export interface CompiledTerm {
  readonly topologyKey: string
  readonly selector: LabelMatcher
  /** Namespaces named in the term; empty together with no selector means the pod's own. */
  readonly namespaces: ReadonlySet<string>
  readonly namespaceSelector: LabelMatcher | undefined
}

export interface WeightedTerm extends CompiledTerm {
  readonly weight: number
}

/** What a container without requests counts as when nodes are scored, so that many small pods don't pile up. */
const assumedCpu_milli = 100
const assumedMemory_bytes = 200 * 1024 * 1024

export const podKey = (pod: Pod): string => `${pod.metadata.namespace}/${pod.metadata.name}`

export function describePod(pod: Pod): PodInfo {
  const requests = podRequests(pod)
  const affinity = pod.spec?.affinity
  const namespace = pod.metadata.namespace ?? ''
  const compile = (term: PodAffinityTerm) => compileTerm(term, namespace)
  const containers = pod.spec?.containers ?? []
  const without = (resource: string) => containers.filter(container => container.resources?.requests?.[resource] === undefined).length
  return {
    pod,
    key: podKey(pod),
    uid: pod.metadata.uid ?? '',
    priority: pod.spec?.priority ?? 0,
    requests,
    scoredCpu: (requests.cpu ?? 0) + without('cpu') * assumedCpu_milli,
    scoredMemory: (requests.memory ?? 0) + without('memory') * assumedMemory_bytes,
    hostPorts: hostPortsOf(pod),
    tolerations: pod.spec?.tolerations ?? [],
    requiredAffinity: (affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(compile),
    requiredAntiAffinity: (affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(compile),
    preferredAffinity: (affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(one => ({
      ...compile(one.podAffinityTerm),
      weight: one.weight,
    })),
    preferredAntiAffinity: (affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(one => ({
      ...compile(one.podAffinityTerm),
      weight: one.weight,
    })),
  }
}

function hostPortsOf(pod: Pod): HostPort[] {
  const containers = [
    ...(pod.spec?.containers ?? []),
    ...(pod.spec?.initContainers ?? []).filter(container => container.restartPolicy === 'Always'),
  ]
  return containers
    .flatMap(container => container.ports ?? [])
    .filter(port => (port.hostPort ?? 0) > 0)
    .map(port => ({ protocol: port.protocol ?? 'TCP', address: port.hostIP || '0.0.0.0', port: port.hostPort as number }))
}

function compileTerm(term: PodAffinityTerm, ownNamespace: string): CompiledTerm {
  const named = term.namespaces ?? []
  return {
    topologyKey: term.topologyKey,
    selector: labelSelectorMatcher(term.labelSelector),
    namespaces: new Set(named.length === 0 && term.namespaceSelector === undefined ? [ownNamespace] : named),
    namespaceSelector: term.namespaceSelector && labelSelectorMatcher(term.namespaceSelector),
  }
}

/** Whether two pods can't both have their host ports on one node. */
export const hostPortsConflict = (left: HostPort, right: HostPort): boolean =>
  left.port === right.port &&
  left.protocol === right.protocol &&
  (left.address === right.address || left.address === '0.0.0.0' || right.address === '0.0.0.0')
