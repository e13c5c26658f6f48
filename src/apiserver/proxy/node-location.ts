import { badRequest } from '../../apimachinery/api-errors.ts'
import { findKubelet } from '../nodes/location.ts'
import type { SubresourceRequest } from '../types.ts'
import { isAllowedAddress } from './allowed-address.ts'
import { type Location, readPort } from './pod-location.ts'
import { parseTargetName } from './target-name.ts'

export interface NodeLocation extends Location {
  /** It is the node's kubelet, which knows the API server by its certificate; others on the node do not. */
  readonly isKubelet: boolean
}

/** `node-1` and `node-1:10250` are its kubelet, `http:node-1:9100` something else on the node. */
export function locateNode(request: SubresourceRequest): NodeLocation {
  const { name: id } = request
  const target = parseTargetName(id)
  if (!target) throw badRequest(`invalid node request ${JSON.stringify(id)}`)
  const { host, port: kubeletPort } = findKubelet(request, target.name)
  const port = target.port === '' ? kubeletPort : readPort(target.port, id)
  if (port === kubeletPort) return { scheme: 'https', host, port, nodeName: target.name, isKubelet: true }
  if (!isAllowedAddress(host)) throw badRequest('address not allowed')
  return { scheme: target.scheme || 'http', host, port, nodeName: target.name, isKubelet: false }
}
