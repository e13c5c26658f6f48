import type { Container, ResourceRequirements } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { ContainerStatus as ApiContainerStatus, ContainerState, ContainerStateTerminated } from '../../apis/core/pod-status.ts'
import { formatTime } from '../../base/index.ts'
import { recordedStatus, restartCountOf, vanishedExitCode } from '../pods/history.ts'
import type { PodRuntime } from '../pods/runtime-state.ts'
import type { ContainerStatus } from '../runtime/types.ts'

/** What is known about containers beside the runtime's state. */
export interface ContainerFacts {
  /** Why a container isn't running yet. */
  readonly waiting: (name: string) => { readonly reason: string; readonly message?: string } | undefined
  readonly ready: (containerId: string) => boolean
  readonly started: (containerId: string) => boolean
  /** What a container left as its last words, by id. */
  readonly terminationMessage: (containerId: string) => string | undefined
  /** What a running container got, where this kubelet knows. */
  readonly resources: (containerId: string) => ResourceRequirements | undefined
  /** Nothing of the pod runs any more, and nothing will. */
  readonly ended: boolean
}

type Role = 'init' | 'app' | 'ephemeral'

export function containerStatus(
  pod: Pod,
  container: Container,
  role: Role,
  runtime: PodRuntime,
  facts: ContainerFacts,
): ApiContainerStatus {
  const [newest, previous] = runtime.containers.filter(({ name }) => name === container.name)
  const recorded = recordedStatus(pod, container.name)
  const base = newest ? fromRuntime(newest, previous, recorded, pod, facts) : withoutRuntime(pod, container, recorded, facts)
  return {
    name: container.name,
    ...base,
    ready: role === 'app' || container.restartPolicy === 'Always' ? isReady(newest, facts) : isCompleted(base.state) && role === 'init',
    ...(role === 'ephemeral' ? {} : { started: newest?.state === 'running' && facts.started(newest.id) }),
    ...resourcesOf(container, newest, recorded, facts),
    ...mountsOf(container),
  }
}

type Base = Pick<ApiContainerStatus, 'state' | 'lastState' | 'restartCount' | 'image' | 'imageID' | 'containerID'>

function fromRuntime(
  newest: ContainerStatus,
  previous: ContainerStatus | undefined,
  recorded: ApiContainerStatus | undefined,
  pod: Pod,
  facts: ContainerFacts,
): Base {
  const common = { restartCount: restartCountOf(newest), image: newest.image, imageID: newest.imageId, containerID: formatId(newest.id) }
  const state = runtimeState(newest, facts, recorded)
  const before = previous?.state === 'exited' ? { terminated: terminated(previous, facts, recorded) } : keptLastState(recorded, newest)
  const waiting = facts.waiting(newest.name)
  // A container that ended and is about to start again waits; how it ended moves to lastState.
  if (newest.state === 'exited' && waiting && !facts.ended)
    return { ...common, state: { waiting }, lastState: { terminated: terminated(newest, facts, recorded) } }
  if (newest.state === 'created' && !facts.ended)
    return { ...common, state: { waiting: waiting ?? defaultWaiting(pod) }, lastState: before ?? {} }
  return { ...common, state, lastState: before ?? {} }
}

/** What the runtime has forgotten since, the API still knows. */
function keptLastState(recorded: ApiContainerStatus | undefined, newest: ContainerStatus): ContainerState | undefined {
  if (recorded?.containerID === formatId(newest.id)) return recorded.lastState
  if (recorded?.state?.terminated) return { terminated: recorded.state.terminated }
  if (recorded?.state?.running) return { terminated: vanished(recorded) }
  return recorded?.lastState
}

function withoutRuntime(pod: Pod, container: Container, recorded: ApiContainerStatus | undefined, facts: ContainerFacts): Base {
  const kept = {
    restartCount: recorded?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    lastState: recorded?.lastState ?? {},
  }
  const ran = recorded?.state?.terminated ?? (recorded?.state?.running && vanished(recorded))
  if (!ran) return { ...kept, state: { waiting: facts.waiting(container.name) ?? defaultWaiting(pod) } }
  const known = { ...kept, imageID: recorded?.imageID ?? '', containerID: recorded?.containerID }
  const waiting = facts.waiting(container.name)
  if (facts.ended || !waiting) return { ...known, state: { terminated: ran } }
  return { ...known, state: { waiting }, lastState: { terminated: ran } }
}

const vanished = ({ containerID }: ApiContainerStatus): ContainerStateTerminated => ({
  exitCode: vanishedExitCode,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was deleted.  The container used to be Running',
  containerID,
})

function runtimeState(status: ContainerStatus, facts: ContainerFacts, recorded: ApiContainerStatus | undefined): ContainerState {
  if (status.state === 'running') return { running: { startedAt: formatTime(status.startedAt_ms ?? status.createdAt_ms) } }
  if (status.state === 'exited') return { terminated: terminated(status, facts, recorded) }
  return { terminated: { exitCode: vanishedExitCode, reason: 'ContainerStatusUnknown', containerID: formatId(status.id) } }
}

function terminated(status: ContainerStatus, facts: ContainerFacts, recorded: ApiContainerStatus | undefined): ContainerStateTerminated {
  const exitCode = status.exitCode ?? 0
  // Its file may be gone with the pod's volumes; then what was read at the time stands in the API.
  const known = [recorded?.state?.terminated, recorded?.lastState?.terminated].find(before => before?.containerID === formatId(status.id))
  const message = facts.terminationMessage(status.id) || status.message || known?.message
  return {
    exitCode,
    reason: status.reason || (exitCode === 0 ? 'Completed' : 'Error'),
    ...(message ? { message } : {}),
    startedAt: formatTime(status.startedAt_ms || status.createdAt_ms),
    finishedAt: formatTime(status.finishedAt_ms ?? status.createdAt_ms),
    containerID: formatId(status.id),
  }
}

/** Before its turn a container of a pod with init containers waits for these, else for its own creation. */
const defaultWaiting = (pod: Pod) => ({ reason: pod.spec?.initContainers?.length ? 'PodInitializing' : 'ContainerCreating' })

const isReady = (newest: ContainerStatus | undefined, facts: ContainerFacts) =>
  newest?.state === 'running' && facts.started(newest.id) && facts.ready(newest.id)

const isCompleted = (state: ContainerState | undefined) => state?.terminated?.exitCode === 0

const formatId = (id: string): string => `containerd://${id}`

/** What a running container has may differ from the spec until a resize is done; what was allocated to it is the spec's. */
function resourcesOf(
  container: Container,
  newest: ContainerStatus | undefined,
  recorded: ApiContainerStatus | undefined,
  facts: ContainerFacts,
): Pick<ApiContainerStatus, 'resources' | 'allocatedResources'> {
  if (newest?.state !== 'running') return {}
  const { resources = {} } = container
  const before = recorded?.containerID === formatId(newest.id) ? recorded.resources : undefined
  return {
    resources: facts.resources(newest.id) ?? before ?? resources,
    ...(resources.requests ? { allocatedResources: resources.requests } : {}),
  }
}

function mountsOf({ volumeMounts }: Container): Pick<ApiContainerStatus, 'volumeMounts'> {
  if (!volumeMounts?.length) return {}
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
  }
}
