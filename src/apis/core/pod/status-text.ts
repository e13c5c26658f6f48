import type { Container } from '../container.ts'
import type { Pod } from '../pod.ts'
import type { ContainerStatus } from '../pod-status.ts'

/** What `kubectl get pods` shows of a pod's state. */
export interface PodSummary {
  readonly ready: number
  readonly total: number
  readonly status: string
  readonly restarts: number
  /** When a container last ended before being started again. */
  readonly lastRestart: string | undefined
}

/** The STATUS column: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating` ... */
export const podStatusText = (pod: Pod): string => summarizePod(pod).status

export const isPodReady = (pod: Pod): boolean => hasTrueCondition(pod, 'Ready')

export const isPodTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

/** An init container that keeps running beside the others. */
export const isSidecar = (container: Pick<Container, 'restartPolicy'> | undefined): boolean => container?.restartPolicy === 'Always'

export function summarizePod(pod: Pod): PodSummary {
  const initContainers = pod.spec?.initContainers ?? []
  const total = (pod.spec?.containers?.length ?? 0) + initContainers.filter(isSidecar).length
  const init = summarizeInitContainers(pod)
  const main = init.reason === undefined || hasTrueCondition(pod, 'Initialized') ? summarizeContainers(pod) : undefined
  const reason = main?.reason ?? init.reason ?? podReason(pod)
  const restarts = main ? main.restarts + init.sidecarRestarts : init.restarts
  const lastRestart = main ? later(main.lastRestart, init.lastSidecarRestart) : init.lastRestart
  return { ready: init.ready + (main?.ready ?? 0), total, status: deletionReason(pod) ?? reason, restarts, lastRestart }
}

function podReason(pod: Pod): string {
  const gated = pod.status?.conditions?.some(one => one.type === 'PodScheduled' && one.reason === 'SchedulingGated')
  return gated ? 'SchedulingGated' : pod.status?.reason || pod.status?.phase || ''
}

function deletionReason(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  return isPodTerminal(pod) ? undefined : 'Terminating'
}

interface InitSummary {
  ready: number
  restarts: number
  lastRestart: string | undefined
  sidecarRestarts: number
  lastSidecarRestart: string | undefined
  /** Set while initialization is under way or has failed. */
  reason: string | undefined
}

function summarizeInitContainers(pod: Pod): InitSummary {
  const containers = pod.spec?.initContainers ?? []
  const statuses = pod.status?.initContainerStatuses ?? []
  const summary: InitSummary = {
    ready: 0,
    restarts: 0,
    lastRestart: undefined,
    sidecarRestarts: 0,
    lastSidecarRestart: undefined,
    reason: undefined,
  }
  for (const [index, status] of statuses.entries()) {
    const sidecar = isSidecar(containers.find(container => container.name === status.name))
    const ended = status.lastState?.terminated?.finishedAt
    summary.restarts += status.restartCount ?? 0
    summary.lastRestart = later(summary.lastRestart, ended)
    if (sidecar) {
      summary.sidecarRestarts += status.restartCount ?? 0
      summary.lastSidecarRestart = later(summary.lastSidecarRestart, ended)
    }
    if (status.state?.terminated && !status.state.terminated.exitCode) continue
    if (sidecar && status.started) {
      if (status.ready) summary.ready++
      continue
    }
    summary.reason = `Init:${initReason(status, index, containers.length)}`
    break
  }
  return summary
}

function initReason(status: ContainerStatus, index: number, count: number): string {
  const { terminated, waiting } = status.state ?? {}
  if (terminated) return terminated.reason || exitText(terminated)
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return waiting.reason
  return `${index}/${count}`
}

function summarizeContainers(pod: Pod) {
  const statuses = pod.status?.containerStatuses ?? []
  let reason: string | undefined
  let ready = 0
  let restarts = 0
  let lastRestart: string | undefined
  // The first container that has something to say is shown, so it is looked at last.
  for (const status of statuses.toReversed()) {
    const { waiting, terminated, running } = status.state ?? {}
    restarts += status.restartCount ?? 0
    lastRestart = later(lastRestart, status.lastState?.terminated?.finishedAt)
    if (waiting?.reason) reason = waiting.reason
    else if (terminated) reason = terminated.reason || exitText(terminated)
    else if (status.ready && running) ready++
  }
  // While some containers run, others may have completed.
  if ((reason ?? podReason(pod)) === 'Completed' && ready > 0) reason = isPodReady(pod) ? 'Running' : 'NotReady'
  return { reason, ready, restarts, lastRestart }
}

const exitText = (terminated: { readonly exitCode: number; readonly signal?: number }): string =>
  terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`

const hasTrueCondition = (pod: Pod, type: string): boolean =>
  pod.status?.conditions?.some(condition => condition.type === type && condition.status === 'True') ?? false

function later(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined) return right
  if (right === undefined) return left
  return Date.parse(left) < Date.parse(right) ? right : left
}
