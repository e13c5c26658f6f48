import type { Container } from '../../../apis/core/container.ts'
import type { LimitRange } from '../../../apis/core/limit-range.ts'
import type { Pod } from '../../../apis/core/pod.ts'

type Quantities = Readonly<Record<string, string>>

const annotation = 'kubernetes.io/limit-ranger'

/** The pod with the requests and limits of this range where its containers state none, and an annotation that says so. */
export function withContainerDefaults(pod: Pod, { spec }: LimitRange): Pod {
  const items = (spec?.limits ?? []).filter(item => item.type === 'Container')
  const requests: Quantities = Object.assign({}, ...items.map(item => item.defaultRequest))
  const limits: Quantities = Object.assign({}, ...items.map(item => item.default))
  if (!pod.spec || (Object.keys(requests).length === 0 && Object.keys(limits).length === 0)) return pod
  const told: string[] = []
  const fill = (what: string) => (container: Container) => {
    const { resources = {} } = container
    const newRequests = missing(resources.requests, requests)
    const newLimits = missing(resources.limits, limits)
    if (newRequests.length === 0 && newLimits.length === 0) return container
    const tell = (names: readonly string[], kind: string) => {
      if (names.length > 0) told.push(`${names.join(', ')} ${kind} for ${what} ${container.name}`)
    }
    tell(newRequests, 'request')
    tell(newLimits, 'limit')
    return {
      ...container,
      resources: {
        ...resources,
        ...(newRequests.length > 0 && { requests: { ...requests, ...resources.requests } }),
        ...(newLimits.length > 0 && { limits: { ...limits, ...resources.limits } }),
      },
    }
  }
  const containers = pod.spec.containers?.map(fill('container')) ?? []
  const initContainers = pod.spec.initContainers?.map(fill('init container'))
  if (told.length === 0) return pod
  const annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${told.join('; ')}` }
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: { ...pod.spec, containers, ...(initContainers && { initContainers }) },
  }
}

const missing = (own: Quantities | undefined, defaults: Quantities): string[] =>
  Object.keys(defaults)
    .filter(name => own?.[name] === undefined)
    .sort()
