import type { ObjectMeta } from '../../apimachinery/meta.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { type Service, serviceKind } from '../../apis/core/service.ts'
import { type EndpointSlice, endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, type ControllerContext, ownKey, splitKey } from '../controller.ts'
import { serviceKeysOfPod } from '../services-of-pod.ts'
import { addressTypesOf, type EndpointGroup, endpointGroups } from './endpoints-of.ts'
import { managedByLabel, serviceLabel } from './labels.ts'
import { planSlices } from './plan-slices.ts'
import { writeSlices } from './write-slices.ts'

/** Keeps, for each service with a selector, EndpointSlices of the pods behind it. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  start(context) {
    const { client } = context
    const services = client.informer(serviceKind)
    const pods = client.informer(podKind)
    const slices = client.informer(endpointSliceKind)
    slices.addIndex('service', slice => (isOurs(slice) ? [`${slice.metadata.namespace}/${slice.metadata.labels?.[serviceLabel]}`] : []))
    return runController({
      ...context,
      workers: 5,
      watches: [
        watchOf(services, ownKey),
        watchOf(pods, (old, current) => serviceKeysOfPod(services, old, current)),
        watchOf(slices, (old, current) => serviceKeyOfSlice(current ?? old)),
      ],
      reconcile: key => reconcile(context, key),
    })
  },
}

const managedBy = 'endpointslice-controller.k8s.io'
const headlessLabel = 'service.kubernetes.io/headless'
const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'
const reservedLabels = new Set([serviceLabel, managedByLabel, headlessLabel])

const isOurs = (slice: EndpointSlice): boolean => slice.metadata.labels?.[managedByLabel] === managedBy

function serviceKeyOfSlice(slice: EndpointSlice | undefined): string[] {
  const name = slice && isOurs(slice) && slice.metadata.labels?.[serviceLabel]
  return name ? [`${slice.metadata.namespace}/${name}`] : []
}

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { client } = context
  const { namespace, name } = splitKey(key)
  const service = client.informer(serviceKind).get(namespace, name)
  // Slices of a service that is gone belong to it and are collected with it.
  if (!service || service.metadata.deletionTimestamp || !service.spec?.selector || service.spec.type === 'ExternalName') return
  const selector = Object.entries(service.spec.selector)
  const pods = client
    .informer(podKind)
    .list(namespace)
    .filter(pod => selector.every(([label, value]) => pod.metadata.labels?.[label] === value))
  const slices = client.informer(endpointSliceKind)
  const existing = slices.byIndex('service', key)
  const labels = labelsOf(service)
  const plan = planSlices(existing, withPlaceholders(service, endpointGroups(service, pods)), slice => hasLabels(slice, labels))
  const trigger = triggerTime(service, pods)
  const annotate = (metadata: ObjectMeta): ObjectMeta => ({
    ...metadata,
    labels,
    ...(trigger && { annotations: { ...metadata.annotations, [triggerTimeAnnotation]: trigger } }),
  })
  await writeSlices(client, service, serviceKind, plan, annotate)
}

/** A service without endpoints has an empty slice for each family, so that proxies know that it was looked at. */
function withPlaceholders(service: Service, groups: EndpointGroup[]): EndpointGroup[] {
  const missing = addressTypesOf(service).filter(addressType => !groups.some(group => group.addressType === addressType))
  return [...groups, ...missing.map(addressType => ({ addressType, ports: [], endpoints: [] }))]
}

function labelsOf(service: Service): Record<string, string> {
  const own = Object.entries(service.metadata.labels ?? {}).filter(([label]) => !reservedLabels.has(label))
  return {
    ...Object.fromEntries(own),
    [serviceLabel]: service.metadata.name as string,
    [managedByLabel]: managedBy,
    ...(service.spec?.clusterIP === 'None' && { [headlessLabel]: '' }),
  }
}

function hasLabels(slice: EndpointSlice, labels: Record<string, string>): boolean {
  const actual = slice.metadata.labels ?? {}
  return (
    Object.keys(actual).length === Object.keys(labels).length && Object.entries(labels).every(([label, value]) => actual[label] === value)
  )
}

/** When what the slices say came about: the latest change of readiness among the pods, or the service's creation. */
function triggerTime(service: Service, pods: readonly Pod[]): string | undefined {
  const times = pods.map(
    pod => pod.status?.conditions?.find(condition => condition.type === 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp,
  )
  return [...times, service.metadata.creationTimestamp]
    .filter(time => time !== undefined)
    .sort()
    .at(-1)
}
