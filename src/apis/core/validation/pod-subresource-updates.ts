import { type FieldError, forbiddenField, invalidField } from '../../../apimachinery/field-error.ts'
import type { Container, ResourceRequirements } from '../container.ts'
import { hasPodLevelResources } from '../pod/pod-level-resources.ts'
import { podQosClass } from '../pod/qos-class.ts'
import { isSidecar } from '../pod/status-text.ts'
import type { Pod } from '../pod.ts'
import { semanticEqual } from '../sharing.ts'
import { describeDifference } from './difference.ts'
import { validatePod } from './pod.ts'
import { mirrorPodAnnotation } from './pod-annotations.ts'
import { each } from './rules.ts'

/** Ephemeral containers can be added; once there, they stay as they are. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (isMirror(old)) return [forbiddenField('', 'static pods do not support ephemeral containers')]
  const path = 'spec.ephemeralContainers'
  const now = new Map((pod.spec?.ephemeralContainers ?? []).map(container => [container.name, container]))
  const changes = (old.spec?.ephemeralContainers ?? []).flatMap(before => {
    const container = now.get(before.name)
    const which = `existing ephemeral containers ${JSON.stringify(before.name)}`
    if (container === undefined) return [forbiddenField(path, `${which} may not be removed\n`)]
    if (semanticEqual(container, before)) return []
    return [forbiddenField(path, `${which} may not be changed\n${describeDifference(before, container, path)}`)]
  })
  return [...validatePod(pod), ...changes]
}

/** CPU and memory of containers and sidecars may change, within what the pod's class of service and its node allow. */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (isMirror(old)) return [forbiddenField('', 'static pods cannot be resized')]
  if (old.spec?.os?.name === 'windows') return [forbiddenField('', 'windows pods cannot be resized')]
  if ([pod, old].some(one => one.spec && hasPodLevelResources(one.spec))) {
    return [forbiddenField('', 'pods with pod-level resources cannot be resized')]
  }
  const errors = validatePod(pod)
  if (!haveSameContainers(pod, old)) return [...errors, forbiddenField('spec', 'only cpu and memory resources are mutable')]
  const qosClass = podQosClass(pod.spec)
  if (qosClass !== (old.status?.qosClass ?? podQosClass(old.spec))) {
    errors.push(invalidField('spec', pod.status?.qosClass ?? qosClass, 'Pod QOS Class may not change as a result of resizing'))
  }
  const running = old.status?.containerStatuses?.find(status => status.state?.running)
  if (running && running.resources === undefined) {
    errors.push(forbiddenField('spec', 'Pod running on node without support for resize'))
  }
  return [
    ...errors,
    ...validateResizes(pod.spec?.initContainers ?? [], old.spec?.initContainers ?? [], 'spec.initContainers', true),
    ...validateResizes(pod.spec?.containers ?? [], old.spec?.containers ?? [], 'spec.containers', false),
  ]
}

const isMirror = (pod: Pod): boolean => pod.metadata.annotations?.[mirrorPodAnnotation] !== undefined

const haveSameContainers = (pod: Pod, old: Pod): boolean =>
  (['containers', 'initContainers'] as const).every(field => {
    const names = (one: Pod) => (one.spec?.[field] ?? []).map(container => container.name)
    return semanticEqual(names(pod), names(old))
  })

function validateResizes(containers: readonly Container[], old: readonly Container[], path: string, areInit: boolean): FieldError[] {
  return each(containers, path, (container, at, index) => {
    const before = old[index] as Container
    if (areInit && !isSidecar(before)) {
      const same = semanticEqual(container.resources, before.resources) && semanticEqual(container.resizePolicy, before.resizePolicy)
      return same ? [] : [forbiddenField('spec', 'resources for non-sidecar init containers are immutable')]
    }
    const errors = validateResize(container, before, `${at}.resources`)
    if (onlyComputeChanged(container, before)) return errors
    const which = areInit ? 'resources for sidecar containers are' : 'resources are'
    return [...errors, forbiddenField('spec', `only cpu and memory ${which} mutable`)]
  })
}

/** What has once been asked for or limited stays so; how much may change, and more may be named. */
function validateResize(container: Container, old: Container, path: string): FieldError[] {
  return (['requests', 'limits'] as const).flatMap(field => {
    const [now, before] = [container.resources?.[field] ?? {}, old.resources?.[field] ?? {}]
    if (Object.keys(before).every(name => now[name] !== undefined)) return []
    return [forbiddenField(`${path}.${field}`, `resource ${field} cannot be removed`)]
  })
}

function onlyComputeChanged(container: Container, old: Container): boolean {
  const others = (resources: ResourceRequirements | undefined, field: 'requests' | 'limits') =>
    Object.entries(resources?.[field] ?? {})
      .filter(([name]) => name !== 'cpu' && name !== 'memory')
      .sort(([left], [right]) => (left < right ? -1 : 1))
  return (
    semanticEqual(others(container.resources, 'requests'), others(old.resources, 'requests')) &&
    semanticEqual(others(container.resources, 'limits'), others(old.resources, 'limits')) &&
    semanticEqual(container.resources?.claims, old.resources?.claims)
  )
}
