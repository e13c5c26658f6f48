import type { Service } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { DnsEndpoint, DnsPort, ServiceRecords } from './messages.ts'

/** What the DNS server must know of a service. */
export function recordsOf(service: Service, slices: readonly EndpointSlice[]): ServiceRecords {
  const { metadata, spec } = service
  const isExternal = spec?.type === 'ExternalName'
  const isHeadless = !isExternal && (spec?.clusterIP === 'None' || !spec?.clusterIP)
  const clusterIps = spec?.clusterIPs?.length ? spec.clusterIPs : [spec?.clusterIP ?? '']
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    clusterIps: isExternal || isHeadless ? [] : clusterIps.filter(address => address !== '' && address !== 'None'),
    ports: (spec?.ports ?? []).map(({ name, port, protocol }) => dnsPort(name, port, protocol)),
    externalName: isExternal ? spec?.externalName : undefined,
    endpoints: isHeadless ? endpointsOf(slices, spec?.publishNotReadyAddresses === true) : [],
  }
}

function endpointsOf(slices: readonly EndpointSlice[], publishNotReady: boolean): DnsEndpoint[] {
  const byAddress = new Map<string, DnsEndpoint>()
  for (const slice of slices) {
    if (slice.addressType === 'FQDN') continue
    const ports = (slice.ports ?? []).flatMap(({ name, port, protocol }) => (port === undefined ? [] : dnsPort(name, port, protocol)))
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false && !publishNotReady) continue
      for (const address of endpoint.addresses ?? []) {
        const known = byAddress.get(address)
        const hostname = (endpoint.hostname || known?.hostname) ?? address.replaceAll(/[.:]/g, '-')
        byAddress.set(address, { address, hostname: hostname.toLowerCase(), ports: [...(known?.ports ?? []), ...ports] })
      }
    }
  }
  return [...byAddress.values()]
}

const dnsPort = (name: string | undefined, port: number, protocol: string | undefined): DnsPort => ({
  name: name ?? '',
  port,
  protocol: (protocol ?? 'TCP').toLowerCase(),
})
