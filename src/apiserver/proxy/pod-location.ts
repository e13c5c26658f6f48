import { badRequest, notFound } from '../../apimachinery/api-errors.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { SubresourceRequest } from '../types.ts'
import { isAllowedAddress } from './allowed-address.ts'
import { parseTargetName } from './target-name.ts'

/** Where a proxied request goes. */
export interface Location {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** The node where it ends, if it is known. */
  readonly nodeName: string | undefined
}

/** `web`, `web:8080`, `https:web:8443`: without a port, the first one that a container names. */
export function locatePod({ objects, kind, namespace, name: id }: SubresourceRequest): Location {
  const target = parseTargetName(id)
  if (!target) throw badRequest(`invalid pod request ${JSON.stringify(id)}`)
  const pod = objects.get(kind, namespace, target.name) as Pod | undefined
  if (!pod) throw notFound({ group: '', resource: 'pods' }, target.name)
  const scheme = target.scheme || 'http'
  const host = pod.status?.podIP || pod.status?.podIPs?.[0]?.ip || ''
  if (!isAllowedAddress(host)) throw badRequest('address not allowed')
  return { scheme, host, port: target.port === '' ? firstPort(pod, scheme) : readPort(target.port, id), nodeName: pod.spec?.nodeName }
}

function firstPort({ spec }: Pod, scheme: Location['scheme']): number {
  const found = spec?.containers.find(({ ports }) => ports?.length)?.ports?.[0]?.containerPort
  return found ?? (scheme === 'https' ? 443 : 80)
}

export function readPort(text: string, id: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw badRequest(`invalid port ${JSON.stringify(text)} in ${JSON.stringify(id)}`)
  return port
}
