import { quantityMilliValue, quantityValue } from '../../apimachinery/quantity.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../apis/core/scheduling-terms.ts'
import { isExtended } from '../../apis/core/validation/resources.ts'
import type { NodeDescription } from '../options.ts'
import { containersOf, initContainersOf, isSidecar } from './containers.ts'
import { forbiddenSysctl } from './sysctls.ts'

export interface Refusal {
  readonly reason: string
  readonly message: string
}

interface Node {
  readonly description: NodeDescription
  readonly labels: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Record<string, string>>
}

/** Whether the node takes a pod on, given those that it has: the scheduler may have been wrong, or bypassed. */
export function admitPod(pod: Pod, others: readonly Pod[], node: Node): Refusal | undefined {
  return refuseUnsupported(pod) ?? refuseAffinity(pod, node) ?? refusePorts(pod, others) ?? refuseResources(pod, others, node.allocatable)
}

function refuseUnsupported(pod: Pod): Refusal | undefined {
  const { os, securityContext } = pod.spec ?? {}
  if (os && os.name !== 'linux')
    return { reason: 'PodOSNotSupported', message: `Failed to admit pod as the OS field doesn't match node OS` }
  if (securityContext?.supplementalGroupsPolicy === 'Strict') {
    return { reason: 'SupplementalGroupsPolicyNotSupported', message: 'SupplementalGroupsPolicy=Strict is not supported in this node' }
  }
  const forbidden = forbiddenSysctl(pod)
  if (forbidden) return { reason: 'SysctlForbidden', message: forbidden }
  const profiles = [
    securityContext?.appArmorProfile,
    ...[...containersOf(pod), ...initContainersOf(pod)].map(({ securityContext: own }) => own?.appArmorProfile),
  ]
  const wantsAppArmor = profiles.some(profile => profile?.type === 'Localhost')
  return wantsAppArmor ? { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' } : undefined
}

function refuseAffinity(pod: Pod, { description, labels }: Node): Refusal | undefined {
  const { nodeSelector = {}, affinity } = pod.spec ?? {}
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const selected = Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)
  if (selected && (!terms || terms.some(term => matchesTerm(term, labels, description.name)))) return undefined
  return { reason: 'NodeAffinity', message: `Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector` }
}

function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  labels: Readonly<Record<string, string>>,
  name: string,
): boolean {
  // An empty term selects nothing.
  if (matchExpressions.length + matchFields.length === 0) return false
  const byLabel = matchExpressions.every(requirement => matches(requirement, labels[requirement.key]))
  return byLabel && matchFields.every(requirement => matches(requirement, requirement.key === 'metadata.name' ? name : undefined))
}

function matches({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}

function refusePorts(pod: Pod, others: readonly Pod[]): Refusal | undefined {
  const taken = others.flatMap(hostPorts)
  const conflict = hostPorts(pod).some(wanted =>
    taken.some(({ port, protocol, address }) => {
      const sameAddress = address === wanted.address || address === '0.0.0.0' || wanted.address === '0.0.0.0'
      return port === wanted.port && protocol === wanted.protocol && sameAddress
    }),
  )
  if (!conflict) return undefined
  return { reason: 'NodePorts', message: `Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports` }
}

const hostPorts = (pod: Pod) =>
  [...containersOf(pod), ...initContainersOf(pod).filter(isSidecar)].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = 'TCP', hostIP }) =>
      hostPort ? [{ port: hostPort, protocol, address: hostIP || '0.0.0.0' }] : [],
    ),
  )

function refuseResources(pod: Pod, others: readonly Pod[], allocatable: Readonly<Record<string, string>>): Refusal | undefined {
  const capacity = quantityValue(allocatable.pods ?? '110')
  if (others.length + 1 > capacity) {
    return {
      reason: 'OutOfpods',
      message: `Node didn't have enough resource: pods, requested: 1, used: ${others.length}, capacity: ${capacity}`,
    }
  }
  for (const name of requestedNames(pod)) {
    // Resources of the whole cluster are counted by the scheduler; nodes need not know them.
    if (isExtended(name) && allocatable[name] === undefined) continue
    const requested = requestOf(pod, name)
    const used = others.reduce((sum, other) => sum + requestOf(other, name), 0)
    const available = amount(name, allocatable[name] ?? '0')
    if (requested === 0 || used + requested <= available) continue
    return {
      reason: `OutOf${name}`,
      message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${available}`,
    }
  }
  return undefined
}

const requestedNames = (pod: Pod) =>
  new Set([...containersOf(pod), ...initContainersOf(pod)].flatMap(({ resources }) => Object.keys(resources?.requests ?? {})))

const amount = (name: string, quantity: string) => (name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity))

/** What a pod may need at any one time: its containers together, or an init container beside the sidecars before it. */
function requestOf(pod: Pod, name: string): number {
  const of = (requests: Readonly<Record<string, string>> | undefined) => amount(name, requests?.[name] ?? '0')
  const own = pod.spec?.resources?.requests?.[name]
  const overhead = amount(name, pod.spec?.overhead?.[name] ?? '0')
  if (own !== undefined) return amount(name, own) + overhead
  let sidecars = 0
  let starting = 0
  for (const container of initContainersOf(pod)) {
    const request = of(container.resources?.requests)
    if (isSidecar(container)) sidecars += request
    starting = Math.max(starting, isSidecar(container) ? sidecars : sidecars + request)
  }
  const running = containersOf(pod).reduce((sum, { resources }) => sum + of(resources?.requests), sidecars)
  return Math.max(starting, running) + overhead
}
