import { badRequest, notFound, serviceUnavailable } from '../../apimachinery/api-errors.ts'
import type { Endpoints } from '../../apis/core/endpoints.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Service } from '../../apis/core/service.ts'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import type { Random } from '../../base/random.ts'
import { type ServiceView, viewService } from '../outgoing/index.ts'
import type { SubresourceRequest } from '../types.ts'
import { isAllowedAddress } from './allowed-address.ts'
import type { Location } from './pod-location.ts'
import { parseTargetName } from './target-name.ts'

/**
 * `web`, `web:http`, `https:web:443`: one of the ready endpoints behind a port of the service. Only endpoints that are
 * pods count, so that nobody can send the API server anywhere by writing endpoints.
 */
export function locateService({ objects, namespace, name: id }: SubresourceRequest, random: Random): Location {
  const target = parseTargetName(id)
  if (!target) throw badRequest(`invalid service request ${JSON.stringify(id)}`)
  const { name } = target
  const view = viewService(objects, namespace, name)
  const portName = portNameOf(view.service, target.port, name)
  const pods = objects.kind('', 'pods')
  const usable = endpointsOf(view, portName).flatMap(({ host, port, podName }) => {
    const pod = pods && (objects.get(pods, namespace, podName) as Pod | undefined)
    const isOwn = pod?.status?.podIPs?.some(({ ip }) => ip === host) || pod?.status?.podIP === host
    if (!pod || !isOwn || !isAllowedAddress(host)) return []
    return [{ scheme: target.scheme || ('http' as const), host, port, nodeName: pod.spec?.nodeName }]
  })
  const chosen = usable[Math.floor(random.next() * usable.length)]
  if (!chosen) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(id)}`)
  return chosen
}

/** A number means the service's port, whose name is what the endpoints know. */
function portNameOf(service: Service | undefined, port: string, name: string): string {
  if (!service) throw notFound({ group: '', resource: 'services' }, name)
  if (!/^\d+$/.test(port)) return port
  const found = service.spec?.ports?.find(one => String(one.port) === port)
  if (!found) throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
  return found.name ?? ''
}

interface PodEndpoint {
  readonly host: string
  readonly port: number
  readonly podName: string
}

const endpointsOf = ({ slices, endpoints }: ServiceView, portName: string): readonly PodEndpoint[] =>
  slices.length > 0 ? slices.flatMap(slice => inSlice(slice, portName)) : inEndpoints(endpoints, portName)

function inSlice({ endpoints = [], ports = [] }: EndpointSlice, portName: string): PodEndpoint[] {
  const port = ports.find(({ name = '' }) => name === portName)?.port
  if (port === undefined) return []
  return endpoints.flatMap(({ addresses, conditions, targetRef }) => {
    const [host] = addresses
    if (host === undefined || conditions?.ready === false || targetRef?.kind !== 'Pod' || !targetRef.name) return []
    return [{ host, port, podName: targetRef.name }]
  })
}

function inEndpoints(endpoints: Endpoints | undefined, portName: string): PodEndpoint[] {
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const port = ports.find(({ name = '' }) => name === portName)?.port
    if (port === undefined) return []
    return addresses.flatMap(({ ip, targetRef }) =>
      targetRef?.kind === 'Pod' && targetRef.name ? [{ host: ip, port, podName: targetRef.name }] : [],
    )
  })
}
