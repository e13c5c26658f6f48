import type { ObjectMeta } from '../../../apimachinery/meta.ts'
import type { Container } from '../../../apis/core/container.ts'
import type { PodSpec } from '../../../apis/core/pod-spec.ts'

/** What checks look at: a pod, or the template of pods. */
export interface CheckedPod {
  readonly metadata: ObjectMeta
  readonly spec: PodSpec
}

export interface Violation {
  readonly reason: string
  readonly detail: string
}

/** One rule; undefined when the pod keeps it. */
export type Check = (pod: CheckedPod) => Violation | undefined

/** All kinds of containers, as far as security goes the same. */
export const containersOf = ({ spec }: CheckedPod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...((spec.ephemeralContainers ?? []) as readonly unknown[] as readonly Container[]),
]

export const quoted = (names: readonly string[]): string => names.map(name => `"${name}"`).join(', ')

export const plural = (word: string, count: number): string => (count === 1 ? word : `${word}s`)

/** `container "web"`, `containers "log", "web"` */
export const containersNamed = (names: readonly string[]): string => `${plural('container', names.length)} ${quoted(names)}`

/** Each once, in the order of their texts. */
export const sorted = (values: readonly string[]): readonly string[] => [...new Set(values)].sort()

export const isForWindows = ({ spec }: CheckedPod): boolean => spec.os?.name === 'windows'

/** In a user namespace, root is nobody on the node. */
export const hasUserNamespace = ({ spec }: CheckedPod): boolean => spec.hostUsers === false

/** `pod and container "web"`: who sets something; empty when nobody does. */
export function setters(pod: CheckedPod, byPod: boolean, byContainer: (container: Container) => boolean): string {
  const containers = containersOf(pod)
    .filter(byContainer)
    .map(({ name }) => name)
  return [...(byPod ? ['pod'] : []), ...(containers.length > 0 ? [containersNamed(containers)] : [])].join(' and ')
}
