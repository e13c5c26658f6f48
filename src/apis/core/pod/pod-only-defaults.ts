import type { Container, ContainerPort, ResourceRequirements } from '../container.ts'
import type { PodSpec } from '../pod-spec.ts'
import { mapShared, withField } from '../sharing.ts'
import { isPodLevelResource } from './pod-level-resources.ts'
import { aggregateContainerQuantities } from './requests.ts'

/** Whoever limits a resource and asks for nothing asks for the limit. */
export function defaultRequestsFromLimits(spec: PodSpec): PodSpec {
  const containers = mapShared(spec.containers, requestLimits) ?? []
  const initContainers = mapShared(spec.initContainers, requestLimits)
  const changed = spec.containers ? withField(spec, 'containers', containers) : spec
  return changed.initContainers ? withField(changed, 'initContainers', initContainers) : changed
}

function requestLimits(container: Container): Container {
  const limits = container.resources?.limits
  if (limits === undefined) return container
  const requests = withMissing(container.resources?.requests, limits, () => true)
  return requests === container.resources?.requests ? container : { ...container, resources: { ...container.resources, requests } }
}

/** With host networking, a container port is the host's port. */
export function defaultHostPorts(spec: PodSpec): PodSpec {
  const port = (one: ContainerPort): ContainerPort => (one.hostPort || !one.containerPort ? one : { ...one, hostPort: one.containerPort })
  const container = (one: Container): Container => (one.ports ? withField(one, 'ports', mapShared(one.ports, port)) : one)
  const changed = spec.containers ? withField(spec, 'containers', mapShared(spec.containers, container) ?? []) : spec
  return changed.initContainers ? withField(changed, 'initContainers', mapShared(changed.initContainers, container)) : changed
}

/** Completes resources that are given for the pod as a whole in part; pods without any are left alone. */
export function defaultPodLevelResources(spec: PodSpec): PodSpec {
  if (spec.resources === undefined) return spec
  let resources = defaultHugePageLimits(spec, spec.resources)
  resources = defaultPodRequests(spec, resources)
  resources = defaultPodLimits(spec, resources)
  return withField(spec, 'resources', resources)
}

const isHugePage = (name: string): boolean => name.startsWith('hugepages-')
const isOvercommittable = (name: string): boolean => isPodLevelResource(name) && !isHugePage(name)

function defaultHugePageLimits(spec: PodSpec, resources: ResourceRequirements): ResourceRequirements {
  if (isEmpty(resources.limits) && isEmpty(resources.requests)) return resources
  const fromContainers = aggregateContainerQuantities(spec, 'limits')
  const limits = withMissing(resources.limits, fromContainers, name => isHugePage(name) && resources.requests?.[name] === undefined)
  return withField(resources, 'limits', limits)
}

function defaultPodRequests(spec: PodSpec, resources: ResourceRequirements): ResourceRequirements {
  if (isEmpty(resources.limits)) return resources
  let requests = withMissing(resources.requests, aggregateContainerQuantities(spec, 'requests'), isOvercommittable)
  requests = withMissing(requests, resources.limits ?? {}, isPodLevelResource)
  return withField(resources, 'requests', requests)
}

function defaultPodLimits(spec: PodSpec, resources: ResourceRequirements): ResourceRequirements {
  if (hasPodLevelResource(resources.limits) || !hasPodLevelResource(resources.requests)) return resources
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const limitedEverywhere = (name: string) => containers.every(container => container.resources?.limits?.[name] !== undefined)
  const fromContainers = aggregateContainerQuantities(spec, 'limits')
  const limits = withMissing(resources.limits, fromContainers, name => isOvercommittable(name) && limitedEverywhere(name))
  return withField(resources, 'limits', limits)
}

const isEmpty = (values: object | undefined): boolean => values === undefined || Object.keys(values).length === 0
const hasPodLevelResource = (values: object | undefined): boolean => Object.keys(values ?? {}).some(isPodLevelResource)

type Quantities = Readonly<Record<string, string>>

/** `values` with those of `defaults` that it lacks; the same object, or none, when there is nothing to add. */
function withMissing(values: Quantities | undefined, defaults: Quantities, applies: (name: string) => boolean): Quantities | undefined {
  let result: Record<string, string> | undefined
  for (const name in defaults) {
    if (values?.[name] !== undefined || !applies(name)) continue
    result ??= { ...values }
    result[name] = defaults[name] as string
  }
  return result ?? values
}
