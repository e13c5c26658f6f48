import { badRequest, internalError, notFound } from '../../apimachinery/api-errors.ts'
import type { Node } from '../../apis/core/node.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { SubresourceRequest } from '../types.ts'

export function findPod({ objects, kind, namespace, name }: SubresourceRequest): Pod {
  const pod = objects.get(kind, namespace, name)
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
  return pod as Pod
}

/** The container that is meant: the one that is named, or the only one. */
export function chooseContainer({ metadata, spec }: Pod, wanted: string): string {
  const containers = spec?.containers ?? []
  const all = [...(spec?.initContainers ?? []), ...containers, ...(spec?.ephemeralContainers ?? [])].map(({ name }) => name)
  if (wanted !== '') {
    if (all.includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`)
  }
  const [only] = containers
  if (only && containers.length === 1) return only.name
  const choice = all.length ? `, choose one of: [${all.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${metadata.name}${choice}`)
}

/** Where the kubelet of a node listens, by what the node says of itself. */
export function findKubelet({ objects }: SubresourceRequest, nodeName: string): { readonly host: string; readonly port: number } {
  const kind = objects.kind('', 'nodes')
  const node = kind && (objects.get(kind, '', nodeName) as Node | undefined)
  if (!node) throw notFound({ group: '', resource: 'nodes' }, nodeName)
  return kubeletAddress(node)
}

export function kubeletAddress(node: Node): { readonly host: string; readonly port: number } {
  const { addresses = [], daemonEndpoints } = node.status ?? {}
  for (const type of addressTypes) {
    const found = addresses.find(address => address.type === type && address.address !== '')
    if (found) return { host: found.address, port: daemonEndpoints?.kubeletEndpoint?.Port || defaultPort }
  }
  throw internalError(`no preferred addresses found; known addresses: ${JSON.stringify(addresses)}`)
}

// Addresses come before names: nobody promises that the control plane can resolve a node's name.
const addressTypes = ['InternalIP', 'ExternalIP', 'InternalDNS', 'Hostname', 'ExternalDNS']
const defaultPort = 10250

/** A path of the kubelet's server; every part is one step, whatever is in it. */
export const kubeletPath = (parts: readonly string[], query: URLSearchParams): string => {
  const path = parts.map(part => `/${encodeURIComponent(part)}`).join('')
  return query.size === 0 ? path : `${path}?${query}`
}
