import { notFound, serviceUnavailable } from '../../apimachinery/api-errors.ts'
import type { Endpoints } from '../../apis/core/endpoints.ts'
import type { Service, ServicePort } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'

/** What there is of one service. */
export interface ServiceView {
  readonly service: Service | undefined
  readonly slices: readonly EndpointSlice[]
  readonly endpoints: Endpoints | undefined
}

export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Every address at which a port of a service is answered now. The API server goes to a ready endpoint itself instead of
 * to the cluster IP: then it makes no difference whether a service proxy works where it runs.
 */
export function resolveService({ service, slices, endpoints }: ServiceView, name: string, port: number): readonly Address[] {
  if (!service) throw notFound({ group: '', resource: 'service' }, name)
  const { spec } = service
  if (spec?.type === 'ExternalName') return [{ host: spec.externalName ?? '', port }]
  const servicePort = spec?.ports?.find(one => one.port === port)
  if (!servicePort) throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
  const ready = slices.length > 0 ? readyInSlices(slices, servicePort) : readyInEndpoints(endpoints, servicePort)
  if (ready.length === 0) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  return ready
}

function readyInSlices(slices: readonly EndpointSlice[], { name = '', protocol = 'TCP' }: ServicePort): Address[] {
  return slices.flatMap(({ addressType, endpoints = [], ports = [] }) => {
    const found = ports.find(port => (port.name ?? '') === name && (port.protocol ?? 'TCP') === protocol)
    if (addressType === 'FQDN' || !found?.port) return []
    const { port } = found
    return endpoints.flatMap(({ addresses, conditions }) => {
      const [host] = addresses
      return conditions?.ready === false || host === undefined ? [] : [{ host, port }]
    })
  })
}

function readyInEndpoints(endpoints: Endpoints | undefined, { name = '', protocol = 'TCP' }: ServicePort): Address[] {
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const found = ports.find(port => (port.name ?? '') === name && (port.protocol ?? 'TCP') === protocol)
    return found ? addresses.map(({ ip }) => ({ host: ip, port: found.port })) : []
  })
}
