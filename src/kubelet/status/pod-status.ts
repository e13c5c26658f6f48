import type { Pod } from '../../apis/core/pod.ts'
import type { PodStatus } from '../../apis/core/pod-status.ts'
import { formatTime } from '../../base/index.ts'
import { containersOf, ephemeralContainersOf, initContainersOf } from '../pods/containers.ts'
import type { PodRuntime } from '../pods/runtime-state.ts'
import { qualityOfService } from '../resources/quality-of-service.ts'
import { podConditions } from './conditions.ts'
import { type ContainerFacts, containerStatus } from './container-status.ts'
import { podPhase } from './phase.ts'

export interface PodFacts extends ContainerFacts {
  readonly hostAddresses: readonly string[]
  /** The pod was refused or ended by the node itself, whatever its containers say. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined
  /** When the kubelet took the pod on. */
  readonly startTime: string
  readonly now: number
}

/** The status of a pod as the kubelet sees it; a pure function of the pod, the runtime's state and what else is known. */
export function podStatus(pod: Pod, runtime: PodRuntime, facts: PodFacts): PodStatus {
  const refusal = refusalOf(pod, runtime, facts)
  if (refusal) return refusedStatus(pod, refusal, facts.startTime)
  const init = initContainersOf(pod).map(container => containerStatus(pod, container, 'init', runtime, facts))
  const app = containersOf(pod).map(container => containerStatus(pod, container, 'app', runtime, facts))
  const ephemeral = ephemeralContainersOf(pod).map(container => containerStatus(pod, container, 'ephemeral', runtime, facts))
  const phase = facts.failure ? 'Failed' : stablePhase(pod, podPhase(pod, { init, app }, facts.ended))
  const sandbox = runtime.sandboxes.find(({ ready }) => ready)
  const addresses = podAddresses(pod, runtime, facts.hostAddresses)
  const hasNetwork = sandbox !== undefined && addresses.length > 0
  const reason = facts.failure?.reason ?? keptReason(pod, phase, 'reason')
  const message = facts.failure?.message ?? keptReason(pod, phase, 'message')
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: podConditions(pod, { phase, init, app, hasNetwork }, formatTime(facts.now)),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    hostIP: facts.hostAddresses[0],
    hostIPs: facts.hostAddresses.map(ip => ({ ip })),
    ...(addresses.length ? { podIP: addresses[0], podIPs: addresses.map(ip => ({ ip })) } : {}),
    startTime: facts.startTime,
    ...(init.length ? { initContainerStatuses: init } : {}),
    containerStatuses: app,
    ...(ephemeral.length ? { ephemeralContainerStatuses: ephemeral } : {}),
    qosClass: qualityOfService(pod),
  }
}

/** A pod that was refused never had containers, and its status says nothing of any, then or later. */
function refusalOf({ status }: Pod, { containers }: PodRuntime, { failure }: PodFacts): PodFacts['failure'] {
  if (containers.length > 0) return undefined
  const wasRefused = status?.phase === 'Failed' && !status.containerStatuses?.length
  if (wasRefused) return failure ?? { reason: status.reason ?? '', message: status.message ?? '' }
  return status?.startTime ? undefined : failure
}

/** A pod that ended stays as it ended. */
const stablePhase = (pod: Pod, phase: string) => (isEnded(pod) ? (pod.status?.phase ?? phase) : phase)
const keptReason = (pod: Pod, phase: string, field: 'reason' | 'message') =>
  phase === 'Failed' && isEnded(pod) ? pod.status?.[field] : undefined

export const isEnded = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded'

/** The sandbox's addresses; those of the node for its network; of an ended pod, those that it had. */
export function podAddresses(pod: Pod, runtime: PodRuntime, hostAddresses: readonly string[]): readonly string[] {
  const sandbox = runtime.sandboxes.find(({ ready }) => ready)
  if (sandbox) return pod.spec?.hostNetwork ? hostAddresses : sandbox.addresses
  return pod.status?.podIPs?.map(({ ip }) => ip) ?? []
}

function refusedStatus(pod: Pod, { reason, message }: { readonly reason: string; readonly message: string }, startTime: string): PodStatus {
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase: 'Failed',
    reason,
    message,
    startTime,
    qosClass: qualityOfService(pod),
  }
}
