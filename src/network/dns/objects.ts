import type { Service } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'

export interface DnsObjectsOptions {
  /** The addresses that pods find in their resolv.conf. */
  readonly clusterDns: readonly string[]
  readonly node: { readonly name: string; readonly addresses: readonly string[] }
  /** Where the node's DNS server listens. */
  readonly port: number
}

/**
 * The Service under which pods reach DNS, and the slices that lead it to a node's server. The Service has no selector:
 * no pod stands behind it.
 */
export function dnsObjects({ clusterDns, node, port }: DnsObjectsOptions): {
  readonly service: Service
  readonly endpointSlices: readonly EndpointSlice[]
} {
  const families = clusterDns.map(address => (address.includes(':') ? 'IPv6' : 'IPv4'))
  const service: Service = {
    metadata: {
      name: serviceName,
      namespace: 'kube-system',
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterDns[0] ?? '',
      clusterIPs: clusterDns,
      ipFamilies: families,
      ipFamilyPolicy: families.length > 1 ? 'RequireDualStack' : 'SingleStack',
      ports: [
        { name: 'dns', protocol: 'UDP', port: 53, targetPort: port },
        { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: port },
      ],
    },
  }
  return { service, endpointSlices: families.flatMap(family => sliceOf(family, node, port)) }
}

const serviceName = 'kube-dns'

function sliceOf(addressType: 'IPv4' | 'IPv6', node: DnsObjectsOptions['node'], port: number): EndpointSlice[] {
  const address = node.addresses.find(one => one.includes(':') === (addressType === 'IPv6'))
  if (address === undefined) return []
  return [
    {
      metadata: {
        name: `${serviceName}-${node.name}-${addressType.toLowerCase()}`,
        namespace: 'kube-system',
        labels: { 'kubernetes.io/service-name': serviceName, 'endpointslice.kubernetes.io/managed-by': 'proa-dns' },
      },
      addressType,
      endpoints: [{ addresses: [address], conditions: { ready: true, serving: true, terminating: false }, nodeName: node.name }],
      ports: [
        { name: 'dns', protocol: 'UDP', port },
        { name: 'dns-tcp', protocol: 'TCP', port },
      ],
    },
  ]
}
