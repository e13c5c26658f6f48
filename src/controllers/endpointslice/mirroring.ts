import type { ObjectMeta } from '../../apimachinery/meta.ts'
import { type EndpointAddress, type Endpoints, endpointsKind } from '../../apis/core/endpoints.ts'
import { type Service, serviceKind } from '../../apis/core/service.ts'
import { type Endpoint, type EndpointPort, type EndpointSlice, endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, type ControllerContext, ownKey, splitKey } from '../controller.ts'
import { type EndpointGroup, groupKey } from './endpoints-of.ts'
import { managedByLabel, serviceLabel } from './labels.ts'
import { planSlices } from './plan-slices.ts'
import { removeSlices, writeSlices } from './write-slices.ts'

/** Repeats Endpoints that somebody keeps by hand, of services without a selector, as EndpointSlices: proxies read only these. */
export const endpointSliceMirroringController: Controller = {
  name: 'endpointslicemirroring-controller',
  start(context) {
    const { client } = context
    const slices = client.informer(endpointSliceKind)
    slices.addIndex('mirrored', slice => keysOfSlice(slice))
    return runController({
      ...context,
      watches: [
        watchOf(client.informer(endpointsKind), ownKey),
        watchOf(client.informer(serviceKind), ownKey),
        watchOf(slices, (old, current) => keysOfSlice(current ?? old)),
      ],
      reconcile: key => reconcile(context, key),
    })
  },
}

const managedBy = 'endpointslicemirroring-controller.k8s.io'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
/** Endpoints that serve as a lock of leader election have no addresses to repeat. */
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
/** As upstream's default. */
const mostAddresses = 1000

function keysOfSlice(slice: EndpointSlice | undefined): string[] {
  const { namespace, labels } = slice?.metadata ?? {}
  return labels?.[managedByLabel] === managedBy ? [`${namespace}/${labels[serviceLabel]}`] : []
}

async function reconcile({ client }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key)
  const endpoints = client.informer(endpointsKind).get(namespace, name)
  const service = client.informer(serviceKind).get(namespace, name)
  const slices = client.informer(endpointSliceKind).byIndex('mirrored', key)
  if (!endpoints || !service || !isMirrored(endpoints, service)) return removeSlices(client, slices)
  const { labels, annotations } = metadataOf(endpoints)
  const isCurrent = ({ metadata }: EndpointSlice) => sameEntries(metadata.labels, labels) && sameEntries(metadata.annotations, annotations)
  const plan = planSlices(slices, groupsOf(endpoints), isCurrent)
  await writeSlices(client, endpoints, endpointsKind, plan, (metadata: ObjectMeta) => ({ ...metadata, labels, annotations }))
}

const isMirrored = ({ metadata }: Endpoints, { spec }: Service): boolean =>
  Object.keys(spec?.selector ?? {}).length === 0 &&
  metadata.deletionTimestamp === undefined &&
  metadata.labels?.[skipLabel] !== 'true' &&
  metadata.annotations?.[leaderAnnotation] === undefined

function metadataOf({ metadata }: Endpoints): { labels: Record<string, string>; annotations: Record<string, string> } {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...annotations } = metadata.annotations ?? {}
  return { labels: { ...metadata.labels, [serviceLabel]: metadata.name as string, [managedByLabel]: managedBy }, annotations }
}

/** Subsets by family of addresses; those with the same ports share slices. */
export function groupsOf({ subsets = [] }: Endpoints): EndpointGroup[] {
  const groups = new Map<string, { addressType: 'IPv4' | 'IPv6'; ports: readonly EndpointPort[]; endpoints: Endpoint[] }>()
  for (const { addresses = [], notReadyAddresses = [], ports: given = [] } of subsets) {
    const ports = given.map(({ name, port, protocol, appProtocol }) => ({
      name: name ?? '',
      port,
      protocol: protocol ?? 'TCP',
      ...(appProtocol && { appProtocol }),
    }))
    const all = [...addresses.map(one => endpointOf(one, true)), ...notReadyAddresses.map(one => endpointOf(one, false))]
    for (const endpoint of all.slice(0, mostAddresses)) {
      const addressType = endpoint.addresses[0]?.includes(':') ? 'IPv6' : 'IPv4'
      const key = groupKey(addressType, ports)
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] }
      groups.set(key, group)
      group.endpoints.push(endpoint)
    }
  }
  return [...groups.values()]
}

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(nodeName && { nodeName }),
  ...(targetRef && { targetRef }),
})

const sameEntries = (left: Readonly<Record<string, string>> = {}, right: Readonly<Record<string, string>> = {}): boolean =>
  Object.keys(left).length === Object.keys(right).length && Object.entries(left).every(([key, value]) => right[key] === value)
