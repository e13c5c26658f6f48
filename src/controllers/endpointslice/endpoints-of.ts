import { isPodReady, isPodTerminal } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Service, ServicePort } from '../../apis/core/service.ts'
import type { Endpoint, EndpointPort } from '../../apis/discovery/endpoint-slice.ts'

/** Endpoints that share their ports: named target ports may be other numbers in other pods. */
export interface EndpointGroup {
  readonly addressType: 'IPv4' | 'IPv6'
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

/** What a service's slices should say, given the pods that its selector matches. */
export function endpointGroups(service: Service, pods: readonly Pod[]): EndpointGroup[] {
  const groups = new Map<string, { addressType: 'IPv4' | 'IPv6'; ports: EndpointPort[]; endpoints: Endpoint[] }>()
  for (const addressType of addressTypesOf(service)) {
    for (const pod of pods) {
      const address = addressOf(pod, addressType)
      if (address === undefined || isPodTerminal(pod)) continue
      const ports = portsOf(service, pod)
      const key = groupKey(addressType, ports)
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] }
      groups.set(key, group)
      group.endpoints.push(endpointOf(service, pod, address))
    }
  }
  return [...groups.values()]
}

export const groupKey = (addressType: string, ports: readonly EndpointPort[]): string =>
  JSON.stringify([
    addressType,
    ports.map(port => [port.name ?? '', port.protocol ?? 'TCP', port.port ?? null, port.appProtocol ?? '']).sort(),
  ])

export function addressTypesOf(service: Service): ('IPv4' | 'IPv6')[] {
  const families = service.spec?.ipFamilies ?? []
  return families.length ? families.map(family => (family === 'IPv6' ? 'IPv6' : 'IPv4')) : ['IPv4']
}

function addressOf(pod: Pod, addressType: 'IPv4' | 'IPv6'): string | undefined {
  const addresses = pod.status?.podIPs?.map(one => one.ip) ?? (pod.status?.podIP ? [pod.status.podIP] : [])
  return addresses.find(address => address?.includes(':') === (addressType === 'IPv6'))
}

/** A headless service may have no ports at all; its slice then has one without a number. */
function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const ports = service.spec?.ports ?? []
  return ports.flatMap(port => {
    const number = targetPortOf(port, pod)
    if (number === undefined) return []
    return [
      { name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: number, ...(port.appProtocol && { appProtocol: port.appProtocol }) },
    ]
  })
}

/** A number as it is, a name as the container declares it; without one the service's own port. */
export function targetPortOf(port: ServicePort, pod: Pod): number | undefined {
  const target = port.targetPort
  if (target === undefined || target === 0 || target === '') return port.port
  if (typeof target === 'number') return target
  const protocol = port.protocol ?? 'TCP'
  const containers = [
    ...(pod.spec?.containers ?? []),
    ...(pod.spec?.initContainers ?? []).filter(container => container.restartPolicy === 'Always'),
  ]
  return containers
    .flatMap(container => container.ports ?? [])
    .find(declared => declared.name === target && (declared.protocol ?? 'TCP') === protocol)?.containerPort
}

function endpointOf(service: Service, pod: Pod, address: string): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service.spec?.publishNotReadyAddresses ? true : serving && !terminating
  const { hostname, subdomain, nodeName } = pod.spec ?? {}
  return {
    addresses: [address],
    conditions: { ready, serving: serving || Boolean(service.spec?.publishNotReadyAddresses && !terminating), terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  }
}
