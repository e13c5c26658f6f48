import { basename, dirname, join } from 'node:path'
import { podKind } from '../../apis/core/pod.ts'
import { podControlGroup, podLimits } from '../resources/control-group-values.ts'
import type { SandboxConfig } from '../runtime/types.ts'
import { podAddresses } from '../status/pod-status.ts'
import { unlessAborted } from './abort.ts'
import { allContainersOf, containerPath, formatPod, podKey } from './containers.ts'
import { type PodPlan, planPod } from './plan.ts'
import type { PodWork } from './pod-work.ts'
import { resizeContainers } from './resize-containers.ts'
import { sandboxConfig } from './sandbox-config.ts'
import { startContainer } from './start-container.ts'
import { stopContainers, stopSandboxes } from './stop-containers.ts'

const firstRetry_ms = 500
const lastRetry_ms = 15_000
const sandboxTimeout_ms = 120_000

/**
 * One step of a pod that is to run: compares what is wanted with what is there and does what is missing. Safe to repeat at any
 * time. Returns when to come back, if nothing happens before.
 */
export async function syncPod(work: PodWork, signal: AbortSignal): Promise<number | undefined> {
  const now = work.clock.now()
  const plan = planPod(work.pod, work.state.of(work.uid), healthOf(work), now)
  noteBackOffs(work, plan)
  if (plan.done) {
    work.ended = true
    return undefined
  }
  if (plan.createSandbox) {
    work.events.record(work.pod, podKind, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
  }
  if (plan.stopAll) {
    await stopContainers(work, work.state.of(work.uid).containers, {
      message: name => `Stopping container ${name}`,
      gracePeriod_s: undefined,
      signal,
    })
    await stopSandboxes(work)
  }
  work.publish()
  for (const { container, message, gracePeriod_s } of plan.stop) {
    work.replaced.add(container.id)
    await stopContainers(work, [container], { message: () => message, gracePeriod_s, signal })
  }
  if (plan.stop.length) return 0
  await removeOldContainers(work, plan)
  const resizeAgain_ms = await resizeContainers(work)

  const config = sandboxConfig(work.pod, plan.createSandbox ?? plan.sandbox?.attempt ?? 0, {
    nodeName: work.node.name,
    cgroupRoot: work.node.cgroupRoot,
    logDirectory: work.directories.logs,
    dns: work.dns,
  })
  const sandbox = ensureSandbox(work, plan, config, signal)
  const volumes = unlessAborted(setUpVolumes(work), signal)
  // Both have to end, whatever becomes of the other: nothing may come into being behind the back of a termination.
  await Promise.allSettled([volumes, sandbox])
  const [sandboxId, volumesReady] = await Promise.all([sandbox, volumes])
  if (sandboxId !== undefined && volumesReady) await startContainers(work, plan, sandboxId, config, signal)
  return nextDue(work, plan, now, resizeAgain_ms)
}

const healthOf = (work: PodWork) => ({ started: work.prober.started, failed: work.prober.failed, replaced: work.replaced })

function noteBackOffs(work: PodWork, plan: PodPlan): void {
  for (const { container, back_off_s, due_ms } of plan.backOffs) {
    const pod = formatPod(podKey(work.pod))
    const isNew = work.waiting.get(container.name)?.retryAt_ms !== due_ms
    const message = `back-off ${formatSeconds(back_off_s)} restarting failed container=${container.name} pod=${pod}`
    work.waiting.set(container.name, { reason: 'CrashLoopBackOff', message, retryAt_ms: due_ms })
    if (!isNew) continue
    const text = `Back-off restarting failed container ${container.name} in pod ${pod}`
    work.events.record(work.pod, podKind, 'Warning', 'BackOff', text, { fieldPath: containerPath(work.pod, container.name) })
  }
}

const formatSeconds = (seconds: number) => (seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`)

async function ensureSandbox(work: PodWork, plan: PodPlan, config: SandboxConfig, signal: AbortSignal): Promise<string | undefined> {
  if (plan.sandbox) return plan.sandbox.id
  if (work.sandboxRetry && work.clock.now() < work.sandboxRetry.at_ms) return undefined
  try {
    await Promise.all([
      work.host.makeDirectory(config.logDirectory, 0o755),
      work.host.setControlGroup(podControlGroup(work.node.cgroupRoot, work.pod), podLimits(work.pod)),
    ])
    const id = await work.gate.run('sandbox', () => runSandbox(work, config, signal))
    work.sandboxRetry = undefined
    const status = await work.state.readSandbox(id)
    if (!status?.ready) throw new Error(`sandbox ${id} ended at once`)
    return id
  } catch (error) {
    if (signal.aborted) throw error
    const failures = (work.sandboxRetry?.failures ?? 0) + 1
    work.sandboxRetry = { at_ms: work.clock.now() + retryDelay_ms(failures), failures }
    work.events.record(work.pod, podKind, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${(error as Error).message}`)
    work.logger.warn('create a pod sandbox: trying again later', { pod: formatPod(podKey(work.pod)), error })
    // It may have come into being, though the call failed.
    await work.state.relist()
    return undefined
  }
}

async function runSandbox(work: PodWork, config: SandboxConfig, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const limit = new AbortController()
  const timer = work.clock.setTimer(sandboxTimeout_ms, () => limit.abort(new Error('the runtime took too long to make the sandbox')))
  try {
    return await work.runtime.runSandbox(config, AbortSignal.any([signal, limit.signal]))
  } finally {
    timer.cancel()
  }
}

const retryDelay_ms = (failures: number) => Math.min(lastRetry_ms, firstRetry_ms * 2 ** Math.min(10, failures))

async function setUpVolumes(work: PodWork): Promise<boolean> {
  const renewal = work.mounted?.renew_ms
  if (work.mounted && !work.volumesStale && (renewal === undefined || work.clock.now() < renewal)) return true
  if (work.volumeRetry && work.clock.now() < work.volumeRetry.at_ms) return work.mounted !== undefined
  // What is mounted stays so meanwhile; a change that comes while we look makes it stale again.
  work.volumesStale = false
  try {
    const addresses = podAddresses(work.pod, work.state.of(work.uid), work.hostAddresses)
    work.mounted = await work.volumes.setUp(work.pod, { addresses, hostAddresses: work.hostAddresses })
    work.volumeRetry = undefined
  } catch (error) {
    work.volumesStale = true
    const failures = (work.volumeRetry?.failures ?? 0) + 1
    work.volumeRetry = { at_ms: work.clock.now() + retryDelay_ms(failures), failures }
    work.logger.warn('set up the volumes of a pod: trying again later', { pod: formatPod(podKey(work.pod)), error })
  }
  return work.mounted !== undefined
}

async function startContainers(work: PodWork, plan: PodPlan, sandboxId: string, config: SandboxConfig, signal: AbortSignal): Promise<void> {
  for (const container of plan.start) {
    const retryAt_ms = work.waiting.get(container.name)?.retryAt_ms
    // Reached its end: CrashLoopBackOff is over when the plan says start.
    const isDue = retryAt_ms === undefined || work.clock.now() >= retryAt_ms
    if (isDue) await startContainer(work, container, sandboxId, config, signal)
    signal.throwIfAborted()
  }
}

/** Of each container, the newest run and the one before it stay, for logs and lastState; and what belongs to dead sandboxes goes. */
async function removeOldContainers(work: PodWork, plan: PodPlan): Promise<void> {
  const { sandboxes, containers } = work.state.of(work.uid)
  for (const { name } of allContainersOf(work.pod)) {
    const old = containers.filter(container => container.name === name).slice(2)
    for (const { id, logPath } of old.filter(container => container.state !== 'running')) {
      await work.runtime.removeContainer(id)
      await work.state.readContainer(id)
      if (logPath) await removeLog(work, logPath)
    }
  }
  const kept = new Set(work.state.of(work.uid).containers.map(({ sandboxId }) => sandboxId))
  for (const { id } of sandboxes.filter(sandbox => sandbox.id !== plan.sandbox?.id && !sandbox.ready && !kept.has(sandbox.id))) {
    await work.runtime.removeSandbox(id)
    await work.state.readSandbox(id)
  }
}

/** With the parts that rotation has put aside. */
async function removeLog(work: PodWork, path: string): Promise<void> {
  const directory = dirname(path)
  const name = basename(path)
  const files = (await work.host.list(directory)).filter(file => file === name || file.startsWith(`${name}.`))
  for (const file of files) await work.host.remove(join(directory, file))
}

/** Times that had passed when the sync began were dealt with in it. */
function nextDue(work: PodWork, plan: PodPlan, began_ms: number, resizeAgain_ms: number | undefined): number | undefined {
  const times = [
    ...[...work.waiting.values()].map(({ retryAt_ms }) => retryAt_ms),
    ...plan.backOffs.map(({ due_ms }) => due_ms),
    work.mounted?.renew_ms,
    work.sandboxRetry?.at_ms,
    work.volumeRetry?.at_ms,
    resizeAgain_ms,
  ].filter(time => time !== undefined && time > began_ms) as number[]
  return times.length ? Math.max(0, Math.min(...times) - work.clock.now()) : undefined
}
