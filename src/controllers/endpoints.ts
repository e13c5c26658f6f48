import { isAlreadyExists } from '../apimachinery/api-errors.ts'
import { type EndpointAddress, type EndpointSubset, type Endpoints, endpointsKind } from '../apis/core/endpoints.ts'
import { isPodReady, isPodTerminal } from '../apis/core/pod/status-text.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import { type Service, serviceKind } from '../apis/core/service.ts'
import { runController, watchOf } from '../client/index.ts'
import { type Controller, type ControllerContext, ownKey, splitKey } from './controller.ts'
import { targetPortOf } from './endpointslice/endpoints-of.ts'
import { serviceKeysOfPod } from './services-of-pod.ts'

/** The older form of the same: one Endpoints object for each service with a selector. */
export const endpointsController: Controller = {
  name: 'endpoint-controller',
  start(context) {
    const { client } = context
    const services = client.informer(serviceKind)
    return runController({
      ...context,
      watches: [
        watchOf(services, ownKey),
        watchOf(client.informer(podKind), (old, current) => serviceKeysOfPod(services, old, current)),
        watchOf(client.informer(endpointsKind), ownKey),
      ],
      reconcile: key => reconcile(context, key),
    })
  },
}

const maximumAddresses = 1000
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
const headlessLabel = 'service.kubernetes.io/headless'
const managedByLabel = 'endpoints.kubernetes.io/managed-by'

async function reconcile({ client }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key)
  const service = client.informer(serviceKind).get(namespace, name)
  const all = client.informer(endpointsKind)
  const existing = all.get(namespace, name)
  if (!service) {
    // Endpoints carry no owner: what we made goes with its service by our hand. Others' stays.
    if (existing?.metadata.labels?.[managedByLabel])
      await client.delete(endpointsKind, namespace, name, { preconditions: { uid: existing.metadata.uid } })
    return
  }
  if (!service.spec?.selector || service.spec.type === 'ExternalName') return
  const selector = Object.entries(service.spec.selector)
  const pods = client
    .informer(podKind)
    .list(namespace)
    .filter(pod => selector.every(([label, value]) => pod.metadata.labels?.[label] === value))
  const { subsets, truncated } = limit(subsetsOf(service, pods))
  const wanted = { ...labelsOf(service), [managedByLabel]: 'endpoint-controller' }
  const { [overCapacityAnnotation]: _old, ...kept } = existing?.metadata.annotations ?? {}
  const annotations = truncated ? { ...kept, [overCapacityAnnotation]: 'truncated' } : kept
  if (
    existing &&
    same([existing.subsets ?? [], existing.metadata.labels ?? {}, existing.metadata.annotations ?? {}], [subsets, wanted, annotations])
  )
    return
  const metadata = { ...existing?.metadata, name, namespace, labels: wanted, annotations }
  const written = existing ? await client.update(endpointsKind, { ...existing, metadata, subsets }) : await create({ metadata, subsets })
  if (written) await all.reached(written.metadata.resourceVersion as string)

  async function create(draft: Endpoints): Promise<Endpoints | undefined> {
    try {
      return await client.create(endpointsKind, draft)
    } catch (error) {
      // Ours from a moment ago, or another's: its event brings us back.
      if (isAlreadyExists(error)) return undefined
      throw error
    }
  }
}

function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _reserved, ...labels } = service.metadata.labels ?? {}
  return service.spec?.clusterIP === 'None' ? { ...labels, [headlessLabel]: '' } : labels
}

/** Addresses with equal ports share a subset, in a stable order. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const subsets = new Map<string, { ports: EndpointSubset['ports']; addresses: EndpointAddress[]; notReadyAddresses: EndpointAddress[] }>()
  const ordered = [...pods].sort(
    (left, right) =>
      (left.status?.podIP ?? '').localeCompare(right.status?.podIP ?? '') ||
      (left.metadata.name ?? '').localeCompare(right.metadata.name ?? ''),
  )
  for (const pod of ordered) {
    const ip = pod.status?.podIP
    const publishAll = service.spec?.publishNotReadyAddresses ?? false
    if (!ip || isPodTerminal(pod) || (pod.metadata.deletionTimestamp && !publishAll)) continue
    const ports = (service.spec?.ports ?? []).flatMap(port => {
      const number = targetPortOf(port, pod)
      const { name, protocol = 'TCP', appProtocol } = port
      return number === undefined ? [] : [{ ...(name && { name }), port: number, protocol, ...(appProtocol && { appProtocol }) }]
    })
    if (ports.length === 0 && (service.spec?.ports ?? []).length > 0) continue
    const key = JSON.stringify(ports)
    const subset = subsets.get(key) ?? { ports, addresses: [], notReadyAddresses: [] }
    subsets.set(key, subset)
    const isReady = publishAll || isPodReady(pod)
    ;(isReady ? subset.addresses : subset.notReadyAddresses).push(addressOf(service, pod, ip))
  }
  return [...subsets.entries()]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([, { ports, addresses, notReadyAddresses }]) => ({
      ...(addresses.length && { addresses }),
      ...(notReadyAddresses.length && { notReadyAddresses }),
      ...(ports?.length && { ports }),
    }))
}

function addressOf(service: Service, pod: Pod, ip: string): EndpointAddress {
  const { hostname, subdomain, nodeName } = pod.spec ?? {}
  const { namespace, name, uid } = pod.metadata
  return {
    ip,
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

/** Upstream lists a thousand addresses at most; slices have them all. */
function limit(subsets: readonly EndpointSubset[]): { subsets: readonly EndpointSubset[]; truncated: boolean } {
  let room = maximumAddresses
  const total = subsets.reduce((sum, subset) => sum + (subset.addresses?.length ?? 0) + (subset.notReadyAddresses?.length ?? 0), 0)
  if (total <= room) return { subsets, truncated: false }
  const take = (addresses: readonly EndpointAddress[] | undefined) => {
    const taken = addresses?.slice(0, room)
    room -= taken?.length ?? 0
    return taken
  }
  const cut = subsets
    .map(subset => ({ ...subset, addresses: take(subset.addresses) }))
    .map(subset => ({ ...subset, notReadyAddresses: take(subset.notReadyAddresses) }))
  return { subsets: cut, truncated: true }
}

const same = (left: unknown, right: unknown): boolean => canonical(left) === canonical(right)

/** JSON with sorted keys: the server may have put fields in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
