import type { Pod } from '../../apis/core/pod.ts'
import { type Claims, type Element, noClaims } from './claims.ts'
import { protocolOf } from './endpoints.ts'
import type { Family } from './table.ts'

/** What a pod of this node with host ports wants in the table. The client's address is kept. */
export function hostPortClaims(pod: Pod): Claims {
  const { spec, status } = pod
  if (!spec || spec.hostNetwork || status?.phase === 'Succeeded' || status?.phase === 'Failed') return noClaims
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? []).filter(one => one.restartPolicy === 'Always')]
  const ports = containers.flatMap(container => container.ports ?? []).filter(port => port.hostPort)
  if (ports.length === 0) return noClaims
  const addresses = status?.podIPs?.flatMap(({ ip }) => ip ?? []) ?? (status?.podIP ? [status.podIP] : [])
  const elements: Element[] = []
  const udpTargets: string[] = []
  for (const address of addresses) {
    const family: Family = address.includes(':') ? 6 : 4
    for (const port of ports) {
      const listen = port.hostIP || undefined
      if (listen !== undefined && !isUnspecified(listen) && listen.includes(':') !== (family === 6)) continue
      const key = `${protocolOf(port)} . ${port.hostPort}`
      const value = `${address} . ${port.containerPort}`
      if (listen === undefined || isUnspecified(listen)) elements.push({ target: `host-ports-${family}`, key, value })
      else elements.push({ target: `host-address-ports-${family}`, key: `${listen} . ${key}`, value })
      if (protocolOf(port) === 'udp') udpTargets.push(`${address} ${port.containerPort}`)
    }
    elements.push({ target: `hairpin-${family}`, key: `${address} . ${address}` })
  }
  return { elements, chains: [], affinity: [], udpTargets }
}

const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::'
