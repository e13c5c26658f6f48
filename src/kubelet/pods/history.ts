import type { Pod } from '../../apis/core/pod.ts'
import type { ContainerStatus as RecordedStatus } from '../../apis/core/pod-status.ts'
import { annotations, type ContainerStatus } from '../runtime/types.ts'
import type { PodRuntime } from './runtime-state.ts'

/** What ran before: from the runtime, and where it has forgotten, from the status that the API server keeps. */
export const newestContainer = ({ containers }: PodRuntime, name: string): ContainerStatus | undefined =>
  containers.find(container => container.name === name)

export function recordedStatus({ status }: Pod, name: string): RecordedStatus | undefined {
  const is = (recorded: RecordedStatus) => recorded.name === name
  return status?.containerStatuses?.find(is) ?? status?.initContainerStatuses?.find(is) ?? status?.ephemeralContainerStatuses?.find(is)
}

/** The exit code of containers that vanished with the machine or the runtime: as if they had been killed. */
export const vanishedExitCode = 137

/** The exit code of the last run of a container that isn't running now; undefined where it never ran. */
export function lastExit(pod: Pod, runtime: PodRuntime, name: string): number | undefined {
  const newest = newestContainer(runtime, name)
  if (newest) return newest.state === 'exited' ? (newest.exitCode ?? 0) : newest.startedAt_ms ? vanishedExitCode : undefined
  const recorded = recordedStatus(pod, name)
  if (recorded?.state?.terminated) return recorded.state.terminated.exitCode
  if (recorded?.state?.running) return vanishedExitCode
  return recorded?.lastState?.terminated?.exitCode
}

/** How often the container has been restarted once it starts the next time. */
export function nextRestartCount(pod: Pod, runtime: PodRuntime, name: string): number {
  const newest = newestContainer(runtime, name)
  if (newest) return restartCountOf(newest) + (newest.state === 'created' ? 0 : 1)
  const recorded = recordedStatus(pod, name)
  const hasRun = recorded?.state?.running ?? recorded?.state?.terminated ?? recorded?.lastState?.terminated
  return hasRun ? (recorded?.restartCount ?? 0) + 1 : 0
}

export const restartCountOf = (container: ContainerStatus): number =>
  Number(container.annotations[annotations.restartCount] ?? container.attempt)
