import { quantityValue } from '../../apimachinery/quantity.ts'
import type { Container, ResourceRequirements } from '../../apis/core/container.ts'
import { podKind } from '../../apis/core/pod.ts'
import { containerResources, podControlGroup, podLimits } from '../resources/control-group-values.ts'
import { allContainersOf, containerPath, formatPod, podKey } from './containers.ts'
import { newestContainer, recordedStatus } from './history.ts'
import type { PodWork } from './pod-work.ts'

const retry_ms = 10_000

/**
 * Requests and limits may change while a container runs. Answers when to try again what could not be done; the status shows
 * what a container has until then.
 */
export async function resizeContainers(work: PodWork): Promise<number | undefined> {
  let failed = false
  for (const container of allContainersOf(work.pod)) {
    const running = newestContainer(work.state.of(work.uid), container.name)
    if (running?.state !== 'running') continue
    const wanted = container.resources ?? {}
    // A kubelet before this one said in the status what it had applied.
    const has = work.applied.get(running.id) ?? appliedBefore(work, container.name, running.id) ?? wanted
    work.applied.set(running.id, has)
    if (JSON.stringify(has) === JSON.stringify(wanted)) continue
    try {
      await resize(work, container, running.id, has)
      work.applied.set(running.id, wanted)
      work.publish()
    } catch (error) {
      failed = true
      const message = `resize container ${container.name}: ${(error as Error).message}`
      work.events.record(work.pod, podKind, 'Warning', 'ResizeError', message, { fieldPath: containerPath(work.pod, container.name) })
      work.logger.warn('resize a container: trying again later', { pod: formatPod(podKey(work.pod)), error })
    }
  }
  return failed ? work.clock.now() + retry_ms : undefined
}

function appliedBefore(work: PodWork, name: string, id: string): ResourceRequirements | undefined {
  const recorded = recordedStatus(work.pod, name)
  return recorded?.containerID?.endsWith(id) ? recorded.resources : undefined
}

async function resize(work: PodWork, container: Container, id: string, has: ResourceRequirements): Promise<void> {
  await refuseLimitBelowUse(work, container, id, has)
  const group = podControlGroup(work.node.cgroupRoot, work.pod)
  const memory = quantityValue(work.node.capacity.memory ?? '0')
  // A group's quota may never be below that of one within it; so it is lifted while these change.
  await work.host.setControlGroup(group, {})
  try {
    await work.runtime.updateContainerResources(id, containerResources(work.pod, container, memory))
  } finally {
    await work.host.setControlGroup(group, podLimits(work.pod))
  }
}

/** On cgroup v2 a limit below what is in use is no error: the kernel would kill the container. */
async function refuseLimitBelowUse(work: PodWork, container: Container, id: string, has: ResourceRequirements): Promise<void> {
  const limit = container.resources?.limits?.memory
  if (limit === undefined || limit === has.limits?.memory) return
  const stats = (await work.runtime.containerStats()).find(each => each.id === id)
  // Older runtimes tell the working set alone.
  const used = Math.max(stats?.memoryUsage_bytes ?? 0, stats?.memoryWorkingSet_bytes ?? 0)
  if (used < quantityValue(limit)) return
  throw new Error(`attempting to set memory limit (${quantityValue(limit)}) below current usage (${used})`)
}
