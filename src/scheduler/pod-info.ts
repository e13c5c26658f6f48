import type { LabelSelector } from '../apimachinery/meta.ts'
import { type LabelMatcher, labelSelectorMatcher } from '../apimachinery/selectors.ts'
import type { Pod } from '../apis/core/pod.ts'
import type { PodAffinityTerm, Toleration } from '../apis/core/scheduling-terms.ts'
import { requestsOf } from './requests.ts'

/**
 * What scheduling needs of a pod, worked out once when the pod is seen: amounts as numbers, terms with compiled
 * selectors. Pods on nodes keep it, so that removing one is exact.
 */
export interface PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly uid: string
  readonly priority: number
  /** Equal for pods that no selector tells apart. */
  readonly group: string
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
  /** Equal for terms that mean the same pods in the same kind of domain. */
  readonly key: string
  readonly topologyKey: string
  readonly selector: LabelMatcher
  /** Namespaces named in the term; the pod's own when the term neither names nor selects any. */
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
  const requests = requestsOf(pod)
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {}
  const compile = (term: PodAffinityTerm) => compileTerm(term, pod)
  return {
    pod,
    key: podKey(pod),
    uid: pod.metadata.uid ?? '',
    priority: pod.spec?.priority ?? 0,
    group: JSON.stringify([pod.metadata.namespace, pod.metadata.labels, pod.metadata.deletionTimestamp !== undefined]),
    requests,
    scoredCpu: (requests.cpu ?? 0) + countWithout(pod, 'cpu') * assumedCpu_milli,
    scoredMemory: (requests.memory ?? 0) + countWithout(pod, 'memory') * assumedMemory_bytes,
    hostPorts: hostPortsOf(pod),
    tolerations: pod.spec?.tolerations ?? none,
    requiredAffinity: podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.map(compile) ?? none,
    requiredAntiAffinity: podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.map(compile) ?? none,
    preferredAffinity: compileWeighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, compile),
    preferredAntiAffinity: compileWeighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, compile),
  }
}

const none: readonly never[] = []

/** What is known of a pod, with the pod as it is now; worked out anew only when something that counts has changed. */
export function describeAgain(known: PodInfo, current: Pod): PodInfo {
  if (known.pod === current) return known
  const isSame =
    sameForScheduling(known.pod, current) &&
    sameAllocation(known.pod, current) &&
    known.pod.metadata.deletionTimestamp === current.metadata.deletionTimestamp
  return isSame ? { ...known, pod: current } : describePod(current)
}

/** Whether two versions of a pod fit and match alike. The server counts the generation up whenever the spec changes. */
export function sameForScheduling(left: Pod, right: Pod): boolean {
  const counted = left.metadata.generation !== undefined && right.metadata.generation !== undefined
  const sameSpec =
    left.spec === right.spec ||
    (counted
      ? left.metadata.generation === right.metadata.generation
      : JSON.stringify({ ...left.spec, nodeName: '' }) === JSON.stringify({ ...right.spec, nodeName: '' }))
  return sameSpec && sameLabels(left.metadata.labels, right.metadata.labels)
}

type Labels = Readonly<Record<string, string>> | undefined

export function sameLabels(left: Labels = {}, right: Labels = {}): boolean {
  if (left === right) return true
  for (const key in left) if (left[key] !== right[key]) return false
  for (const key in right) if (!Object.hasOwn(left, key)) return false
  return true
}

/** What the kubelet has set aside changes only with a resize. */
function sameAllocation(left: Pod, right: Pod): boolean {
  const before = left.status?.containerStatuses ?? none
  const now = right.status?.containerStatuses ?? none
  if (before === now) return true
  return now.every(
    (status, index) =>
      JSON.stringify(status.allocatedResources) === JSON.stringify(before[index]?.allocatedResources) &&
      JSON.stringify(status.resources?.requests) === JSON.stringify(before[index]?.resources?.requests),
  )
}

function countWithout(pod: Pod, resource: string): number {
  // An amount for the whole pod leaves nothing to be assumed.
  if (pod.spec?.resources?.requests?.[resource] !== undefined) return 0
  let count = 0
  for (const container of pod.spec?.containers ?? none) if (container.resources?.requests?.[resource] === undefined) count++
  return count
}

function hostPortsOf(pod: Pod): readonly HostPort[] {
  const found: HostPort[] = []
  const sidecars = pod.spec?.initContainers?.filter(container => container.restartPolicy === 'Always') ?? none
  for (const container of [...(pod.spec?.containers ?? none), ...sidecars]) {
    for (const { hostPort = 0, hostIP, protocol = 'TCP' } of container.ports ?? none) {
      if (hostPort > 0) found.push({ protocol, address: hostIP || '0.0.0.0', port: hostPort })
    }
  }
  return found.length > 0 ? found : none
}

type Weighted = { readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }

const compileWeighted = (terms: readonly Weighted[] | undefined, compile: (term: PodAffinityTerm) => CompiledTerm) =>
  terms?.map(({ weight, podAffinityTerm }) => ({ ...compile(podAffinityTerm), weight })) ?? none

function compileTerm(term: PodAffinityTerm, pod: Pod): CompiledTerm {
  const named = term.namespaces ?? none
  const own = named.length === 0 && term.namespaceSelector === undefined
  const namespaces = own ? [pod.metadata.namespace ?? ''] : named
  const selector = withLabelKeys(term.labelSelector, pod, term.matchLabelKeys, term.mismatchLabelKeys)
  return {
    key: JSON.stringify([term.topologyKey, namespaces, term.namespaceSelector, selector]),
    topologyKey: term.topologyKey,
    selector: labelSelectorMatcher(selector),
    namespaces: new Set(namespaces),
    namespaceSelector: term.namespaceSelector && labelSelectorMatcher(term.namespaceSelector),
  }
}

/** `matchLabelKeys` take the pod's own values, so that each revision of a workload is looked at by itself. */
export function withLabelKeys(
  selector: LabelSelector | undefined,
  pod: Pod,
  match: readonly string[] = none,
  mismatch: readonly string[] = none,
): LabelSelector | undefined {
  if (selector === undefined || match.length + mismatch.length === 0) return selector
  const added = (keys: readonly string[], operator: 'In' | 'NotIn') =>
    keys.flatMap(key => {
      const value = pod.metadata.labels?.[key]
      return value === undefined ? [] : [{ key, operator, values: [value] }]
    })
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? none), ...added(match, 'In'), ...added(mismatch, 'NotIn')] }
}

/** Whether two pods can't both have their host ports on one node. */
export const hostPortsConflict = (left: HostPort, right: HostPort): boolean =>
  left.port === right.port &&
  left.protocol === right.protocol &&
  (left.address === right.address || left.address === '0.0.0.0' || right.address === '0.0.0.0')
