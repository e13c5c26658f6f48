import { readFileSync } from 'node:fs'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

/**
 * The machine's own IPv4 address: that of the interface with the default route, else the first that is not loopback.
 * Pods reach the API server and the node's DNS through it.
 */
export function findNodeAddress(): string {
  const interfaces = networkInterfaces()
  const preferred = interfaceOfDefaultRoute()
  const ordered = [...(preferred ? (interfaces[preferred] ?? []) : []), ...Object.values(interfaces).flatMap(list => list ?? [])]
  return ordered.find(isUsable)?.address ?? '127.0.0.1'
}

const isUsable = (info: NetworkInterfaceInfo) => info.family === 'IPv4' && !info.internal && !info.address.startsWith('169.254.')

function interfaceOfDefaultRoute(): string | undefined {
  try {
    const lines = readFileSync('/proc/net/route', 'utf8').split('\n').slice(1)
    return lines.map(line => line.split('\t')).find(fields => fields[1] === '00000000' && fields[7] === '00000000')?.[0]
  } catch {
    // No such file off Linux: any interface will do.
    return undefined
  }
}
