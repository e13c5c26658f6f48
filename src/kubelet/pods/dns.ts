import type { Pod } from '../../apis/core/pod.ts'
import type { SandboxConfig } from '../runtime/types.ts'

type Dns = SandboxConfig['dns']

const maximumSearches = 32
const maximumServers = 3

export interface DnsSettings {
  readonly clusterDns: readonly string[]
  readonly clusterDomain: string
  /** The node's own resolver configuration. */
  readonly node: Dns
}

/** The pod's resolv.conf by its dnsPolicy, with what dnsConfig adds. */
export function podDns(pod: Pod, settings: DnsSettings): Dns {
  const base = dnsByPolicy(pod, settings)
  const added = pod.spec?.dnsConfig
  const addedOptions = (added?.options ?? []).map(({ name = '', value }) => (value === undefined ? name : `${name}:${value}`))
  return {
    servers: unique([...base.servers, ...(added?.nameservers ?? [])]).slice(0, maximumServers),
    searches: unique([...base.searches, ...(added?.searches ?? [])]).slice(0, maximumSearches),
    options: mergeOptions(base.options, addedOptions),
  }
}

function dnsByPolicy(pod: Pod, { clusterDns, clusterDomain, node }: DnsSettings): Dns {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { servers: [], searches: [], options: [] }
  const usesCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec?.hostNetwork)
  if (!usesCluster || clusterDns.length === 0) return node
  const service = `svc.${clusterDomain}`
  const searches = [`${pod.metadata.namespace}.${service}`, service, clusterDomain, ...node.searches]
  return { servers: clusterDns, searches, options: ['ndots:5'] }
}

/** Later options replace earlier ones of the same name. */
function mergeOptions(...lists: readonly (readonly string[])[]): string[] {
  const byName = new Map<string, string>()
  for (const option of lists.flat()) byName.set(option.split(':', 1)[0] ?? '', option)
  return [...byName.values()]
}

const unique = (values: readonly string[]) => [...new Set(values)]

/** Reads resolv.conf: of several `search` lines the last one counts. */
export function parseResolverConfiguration(text: string): Dns {
  const servers: string[] = []
  const options: string[] = []
  let searches: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/)
    if (keyword === 'nameserver' && values[0]) servers.push(values[0])
    else if (keyword === 'search' || keyword === 'domain') searches = values.map(value => value.replace(/(.)\.$/, '$1'))
    else if (keyword === 'options') options.push(...values)
  }
  return { servers: servers.slice(0, maximumServers), searches, options }
}
