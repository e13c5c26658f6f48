import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { podKind } from '../../apis/core/pod.ts'
import { podControlGroup } from '../resources/control-group-values.ts'
import { readTerminationMessages } from './last-words.ts'
import type { PodWork } from './pod-work.ts'
import { podLogDirectory } from './sandbox-config.ts'
import { settledWithin, stopContainers, stopSandboxes } from './stop-containers.ts'

const endpointsWait_ms = 1000

/**
 * Ends a pod that is deleted, refused or done: containers, network, volumes, and of a deleted one everything else and its object.
 * Each step may be repeated; after a crash the next kubelet begins again and finds less to do. `hurry` aborts when the grace period
 * has been shortened.
 */
export async function terminatePod(work: PodWork, gracePeriod_s: number | undefined, hurry: AbortSignal): Promise<void> {
  const deleted = work.gone || work.pod.metadata.deletionTimestamp !== undefined
  work.prober.onlyReadiness(work.uid)
  const { containers } = work.state.of(work.uid)
  await stopContainers(work, containers, {
    message: name => `Stopping container ${name}`,
    gracePeriod_s,
    signal: hurry,
    before: deleted ? untilEndpointsGone(work, hurry) : undefined,
  })
  await readTerminationMessages(work)
  work.prober.forget(work.uid)
  work.ended = true
  work.publish()
  work.sealed = deleted
  // Removing a sandbox stops it; a stop before would take its network down twice.
  if (deleted) await removeFromRuntime(work)
  else await stopSandboxes(work)
  await work.volumes.tearDown(work.uid)
  work.mounted = undefined
  await work.host.removeControlGroup(podControlGroup(work.node.cgroupRoot, work.pod))
  work.objects.release(work.uid)
  work.images.forget(work.uid)
  work.publish()
  if (deleted) await removeTraces(work)
}

async function removeFromRuntime(work: PodWork): Promise<void> {
  for (const { id } of work.state.of(work.uid).containers) {
    await work.runtime.removeContainer(id)
    await work.state.readContainer(id)
  }
  for (const { id } of work.state.of(work.uid).sandboxes) {
    await work.runtime.removeSandbox(id)
    await work.state.readSandbox(id)
  }
}

async function removeTraces(work: PodWork): Promise<void> {
  await work.host.remove(podLogDirectory(work.directories.logs, work.pod))
  await work.statuses.flushed(work.uid)
  if (work.gone) return
  const { name = '', namespace } = work.pod.metadata
  try {
    await work.client.delete(podKind, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid: work.uid } })
  } catch (error) {
    // Somebody else was faster.
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

/** New connections are no longer sent here; then a server may stop listening without anybody noticing. */
async function untilEndpointsGone(work: PodWork, hurry: AbortSignal): Promise<void> {
  if (!work.endpointsGone || work.gone || hurry.aborted) return
  const limit = new AbortController()
  const wait = work.endpointsGone(work.uid, AbortSignal.any([hurry, limit.signal]))
  await settledWithin(work, wait, endpointsWait_ms)
  limit.abort()
}
