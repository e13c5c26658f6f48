import type { Container } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'

/** A pod as the kubelet handles it: one that the API server has stored. */
export interface PodKey {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

export const podKey = ({ metadata }: Pod): PodKey => ({
  uid: metadata.uid ?? '',
  namespace: metadata.namespace ?? '',
  name: metadata.name ?? '',
})

/** `web-1_default(UID)`, as messages about pods name them. */
export const formatPod = ({ name, namespace, uid }: PodKey): string => `${name}_${namespace}(${uid})`

export const specOf = (pod: Pod): PodSpec => pod.spec ?? { containers: [] }
export const initContainersOf = (pod: Pod): readonly Container[] => specOf(pod).initContainers ?? []
export const containersOf = (pod: Pod): readonly Container[] => specOf(pod).containers
export const ephemeralContainersOf = (pod: Pod): readonly Container[] => specOf(pod).ephemeralContainers ?? []
export const allContainersOf = (pod: Pod): readonly Container[] => [
  ...initContainersOf(pod),
  ...containersOf(pod),
  ...ephemeralContainersOf(pod),
]

/** An init container that runs on beside the others. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

/** `spec.containers{main}`: where events about a container point. */
export function containerPath(pod: Pod, name: string): string {
  const has = (containers: readonly Container[]) => containers.some(container => container.name === name)
  if (has(initContainersOf(pod))) return `spec.initContainers{${name}}`
  return has(ephemeralContainersOf(pod)) ? `spec.ephemeralContainers{${name}}` : `spec.containers{${name}}`
}

type RestartPolicy = 'Always' | 'OnFailure' | 'Never'

export function restartPolicyOf(pod: Pod, container: Container): RestartPolicy {
  const own = container.restartPolicy as RestartPolicy | undefined
  return own ?? (specOf(pod).restartPolicy as RestartPolicy | undefined) ?? 'Always'
}

/** Whether a container that ended with this code is to run again. Rules of the container come before its policy. */
export function shouldRestart(pod: Pod, container: Container, exitCode: number): boolean {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) ?? false
    const matches = exitCodes?.operator === 'NotIn' ? !listed : listed
    if (matches && action === 'Restart') return true
  }
  const policy = restartPolicyOf(pod, container)
  // A regular init container has to succeed once; `Always` means "until it does".
  if (policy === 'Always') return isRegularInit(pod, container) ? exitCode !== 0 : true
  return policy === 'OnFailure' && exitCode !== 0
}

const isRegularInit = (pod: Pod, container: Container) => !isSidecar(container) && initContainersOf(pod).includes(container)
