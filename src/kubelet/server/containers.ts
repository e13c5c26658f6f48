import type { ContainerStatusView, ContainerView, NodePod } from './types.ts'

/** What a request to a container can fail with before anything is streamed. */
export class NodeRequestError extends Error {
  readonly status: number
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NodeRequestError'
    this.status = status
  }
}

/** Which container's log is meant, by upstream's rules and in its words. Returns the runtime's id. */
export function loggedContainerId({ pod }: NodePod, podName: string, container: string, previous: boolean): string {
  const invalid = (message: string) => new NodeRequestError(400, message)
  if (!containersOf(pod).some(({ name }) => name === container))
    throw new NodeRequestError(404, `container "${container}" not found in pod "${podName}"`)
  const status = statusesOf(pod).find(({ name }) => name === container)
  if (!status) throw invalid(`container "${container}" in pod "${podName}" is not available`)
  const last = status.lastState?.terminated?.containerID
  if (previous) {
    if (!last) throw invalid(`previous terminated container "${container}" in pod "${podName}" not found`)
    return bareId(last)
  }
  const { running, terminated, waiting } = status.state ?? {}
  if (running && status.containerID) return bareId(status.containerID)
  if (terminated?.containerID) return bareId(terminated.containerID)
  if (last) return bareId(last)
  if (terminated) throw invalid(`container "${container}" in pod "${podName}" is terminated without a container ID`)
  throw invalid(`container "${container}" in pod "${podName}" is waiting to start${waitingReason(waiting?.reason)}`)
}

/** The id of the container in which a command runs or to which a client attaches. */
export function runningContainerId({ pod }: NodePod, container: string): string {
  const status = statusesOf(pod).find(({ name }) => name === container)
  if (!status?.state?.running || !status.containerID) throw new NodeRequestError(500, `container not found ("${container}")`)
  return bareId(status.containerID)
}

const containersOf = (pod: NodePod['pod']): readonly ContainerView[] => [
  ...(pod.spec?.initContainers ?? []),
  ...(pod.spec?.containers ?? []),
  ...(pod.spec?.ephemeralContainers ?? []),
]

const statusesOf = (pod: NodePod['pod']): readonly ContainerStatusView[] => [
  ...(pod.status?.initContainerStatuses ?? []),
  ...(pod.status?.containerStatuses ?? []),
  ...(pod.status?.ephemeralContainerStatuses ?? []),
]

/** `containerd://ID` without the runtime's name. */
const bareId = (id: string): string => id.replace(/^[^:]*:\/\//, '')

function waitingReason(reason: string | undefined): string {
  switch (reason) {
    case 'ErrImagePull':
      return ": image can't be pulled"
    case 'ImagePullBackOff':
      return ': trying and failing to pull image'
    case undefined:
      return ' - no logs yet'
    default:
      return `: ${reason}`
  }
}
