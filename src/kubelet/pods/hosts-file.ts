import type { Pod } from '../../apis/core/pod.ts'
import type { HostNames } from './hostname.ts'

/** The /etc/hosts of a pod's containers: its own addresses and names, and the aliases that it asks for. */
export function podHostsFile(pod: Pod, addresses: readonly string[], { hostname, qualified }: HostNames): string {
  const own = addresses.map(address => [address, ...(qualified ? [qualified] : []), hostname].join('\t'))
  const local = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback']
  const multicast = ['fe00::0\tip6-localnet', 'fe00::0\tip6-mcastprefix', 'fe00::1\tip6-allnodes', 'fe00::2\tip6-allrouters']
  return ['# Kubernetes-managed hosts file.', ...local, ...multicast, ...own, ''].join('\n') + aliases(pod)
}

/** Pods on the node's network see the node's own file, with their aliases. */
export const hostNetworkHostsFile = (pod: Pod, nodeFile: string): string =>
  `# Kubernetes-managed hosts file (host network).\n${nodeFile}${aliases(pod)}`

function aliases(pod: Pod): string {
  const lines = (pod.spec?.hostAliases ?? []).map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t'))
  return lines.length ? ['', '# Entries added by HostAliases.', ...lines, ''].join('\n') : ''
}
