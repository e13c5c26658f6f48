import { quantityMilliValue, quantityValue } from '../../apimachinery/quantity.ts'
import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { ResourceFieldSelector } from '../../apis/core/references.ts'

/** What a container may use where it sets no limit of its own: the node's allocatable amounts. */
export type NodeAmounts = Readonly<Record<string, string>>

export interface Addresses {
  readonly addresses: readonly string[]
  readonly hostAddresses: readonly string[]
}

/** The value of a field of the pod, as `fieldRef` names it. The API server has checked the path. */
export function fieldValue(pod: Pod, path: string, { addresses, hostAddresses }: Addresses): string {
  const keyed = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(path)
  if (keyed) return pod.metadata[keyed[1] as 'annotations' | 'labels']?.[keyed[2] ?? ''] ?? ''
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name ?? ''
    case 'metadata.namespace':
      return pod.metadata.namespace ?? ''
    case 'metadata.uid':
      return pod.metadata.uid ?? ''
    case 'metadata.labels':
      return formatMap(pod.metadata.labels)
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations)
    case 'spec.nodeName':
      return pod.spec?.nodeName ?? ''
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? ''
    case 'status.hostIP':
      return hostAddresses[0] ?? ''
    case 'status.hostIPs':
      return hostAddresses.join(',')
    case 'status.podIP':
      return addresses[0] ?? ''
    case 'status.podIPs':
      return addresses.join(',')
    default:
      throw new Error(`field path ${path} of pod ${pod.metadata.name} is not supported`)
  }
}

/** `key="value"` lines in order of keys. */
const formatMap = (map: Readonly<Record<string, string>> = {}) =>
  Object.keys(map)
    .sort()
    .map(key => `${key}=${JSON.stringify(map[key])}`)
    .join('\n')

/** A request or limit of a container in units of the divisor, rounded up. */
export function resourceValue(pod: Pod, own: Container | undefined, selector: ResourceFieldSelector, node: NodeAmounts): string {
  const { containerName, resource, divisor } = selector
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const container = containerName ? containers.find(({ name }) => name === containerName) : own
  if (!container) throw new Error(`container ${JSON.stringify(containerName)} not found in pod ${pod.metadata.name}`)
  const dot = resource.indexOf('.')
  const kind = resource.slice(0, dot)
  const name = resource.slice(dot + 1)
  const set = kind === 'limits' ? container.resources?.limits?.[name] : container.resources?.requests?.[name]
  const amount = set ?? (kind === 'limits' ? (node[name] ?? '0') : '0')
  const unit = divisor === undefined || divisor === '0' ? '1' : divisor
  const value = name === 'cpu' ? quantityMilliValue(amount) / quantityMilliValue(unit) : quantityValue(amount) / quantityValue(unit)
  return String(Math.ceil(value))
}
