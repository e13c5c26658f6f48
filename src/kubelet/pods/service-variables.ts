import type { Service } from '../../apis/core/service.ts'

/** The variables by which pods found services before DNS: `WEB_SERVICE_HOST`, `WEB_PORT_80_TCP_ADDR` ... */
export function serviceVariables(namespace: string, links: boolean, services: readonly Service[]): Map<string, string> {
  const result = new Map<string, string>()
  const isMaster = ({ metadata }: Service) => metadata.namespace === 'default' && metadata.name === 'kubernetes'
  // The API server's own service is always there; of others, only those of the pod's namespace, and they come last.
  const chosen = [
    ...services.filter(isMaster),
    ...(links ? services.filter(service => service.metadata.namespace === namespace && !isMaster(service)) : []),
  ]
  for (const service of chosen) addVariables(result, service)
  return result
}

function addVariables(result: Map<string, string>, { metadata, spec }: Service): void {
  const address = spec?.clusterIP
  if (!address || address === 'None' || !spec?.ports?.length) return
  const prefix = variableName(metadata.name ?? '')
  const host = address.includes(':') ? `[${address}]` : address
  result.set(`${prefix}_SERVICE_HOST`, address)
  result.set(`${prefix}_SERVICE_PORT`, String(spec.ports[0]?.port))
  for (const { name, port } of spec.ports) if (name) result.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port))
  for (const [index, { port, protocol = 'TCP' }] of spec.ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`
    const portPrefix = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
    if (index === 0) result.set(`${prefix}_PORT`, url)
    result.set(portPrefix, url)
    result.set(`${portPrefix}_PROTO`, protocol.toLowerCase())
    result.set(`${portPrefix}_PORT`, String(port))
    result.set(`${portPrefix}_ADDR`, address)
  }
}

const variableName = (name: string) => name.toUpperCase().replaceAll('-', '_')
