import type { Container } from '../../apis/core/container.ts'
import { podKind } from '../../apis/core/pod.ts'
import { sleep } from '../../base/index.ts'
import { runHook } from '../probes/handler.ts'
import { annotations, type ContainerStatus, RuntimeError } from '../runtime/types.ts'
import { podAddresses } from '../status/pod-status.ts'
import { unlessAborted } from './abort.ts'
import { allContainersOf, containerPath, isSidecar } from './containers.ts'
import type { PodWork } from './pod-work.ts'

export interface StopOptions {
  /** The text of the Killing event. */
  readonly message: (name: string) => string
  /** Instead of the pod's own grace period. */
  readonly gracePeriod_s: number | undefined
  /** Hooks are not waited for once it aborts. */
  readonly signal: AbortSignal
  /** Resolves when containers may get their stop signal; hooks run meanwhile. */
  readonly before?: Promise<void>
}

// Even a container that is to go at once may say goodbye.
const shortest_s = 2
const standard_s = 30

/**
 * Stops running containers together: preStop hook, then the stop signal, then KILL, all within the grace period. Sidecars end after
 * the containers that they serve, the last one first. Resolves when all have ended and the runtime's state says so.
 */
export async function stopContainers(work: PodWork, containers: readonly ContainerStatus[], options: StopOptions): Promise<void> {
  const running = containers.filter(({ state }) => state === 'running' || state === 'unknown')
  const specs = new Map(allContainersOf(work.pod).map(container => [container.name, container]))
  const sidecarNames = [...specs.values()].filter(isSidecar).map(({ name }) => name)
  const stops = new Map<string, Promise<void>>()
  // A container is stopped after those that stop before it; the promises of these are made first.
  const ordered = [...running].sort((a, b) => sidecarNames.indexOf(a.name) - sidecarNames.indexOf(b.name))
  const mains = ordered.filter(({ name }) => !sidecarNames.includes(name))
  const sidecars = ordered.filter(({ name }) => sidecarNames.includes(name)).reverse()
  let before: Promise<unknown> = options.before ?? Promise.resolve()
  for (const status of mains) stops.set(status.id, stopOne(work, status, specs.get(status.name), before, options))
  before = Promise.allSettled([before, ...stops.values()])
  for (const status of sidecars) {
    const stop = stopOne(work, status, specs.get(status.name), before, options)
    stops.set(status.id, stop)
    before = Promise.allSettled([before, stop])
  }
  await settleAll(stops.values())
}

async function stopOne(
  work: PodWork,
  status: ContainerStatus,
  container: Container | undefined,
  turn: Promise<unknown>,
  options: StopOptions,
): Promise<void> {
  const place = { fieldPath: containerPath(work.pod, status.name) }
  work.events.record(work.pod, podKind, 'Normal', 'Killing', options.message(status.name), place)
  const grace_s = options.gracePeriod_s ?? gracePeriodOf(work, status)
  const began_ms = work.clock.monotonic()
  const left_s = () => Math.max(0, grace_s - (work.clock.monotonic() - began_ms) / 1000)
  await runPreStop(work, status, container, grace_s, options.signal)
  await settledWithin(work, turn, left_s() * 1000)
  try {
    await work.runtime.stopContainer(status.id, Math.max(shortest_s, Math.ceil(left_s())))
  } catch (error) {
    // Somebody removed it; reading it again shows that.
    if (!(error instanceof RuntimeError) || error.reason !== 'NotFound') throw error
  }
  await work.state.readContainer(status.id)
}

/** The spec's, or where the pod is known only from its containers, the one written on them. */
function gracePeriodOf(work: PodWork, status: ContainerStatus): number {
  return work.pod.spec?.terminationGracePeriodSeconds ?? Number(status.annotations[annotations.gracePeriod] ?? standard_s)
}

async function runPreStop(
  work: PodWork,
  status: ContainerStatus,
  container: Container | undefined,
  grace_s: number,
  signal: AbortSignal,
): Promise<void> {
  const hook = container?.lifecycle?.preStop
  if (!hook || !container || grace_s <= 0 || signal.aborted) return
  const limit = new AbortController()
  const timer = work.clock.setTimer(grace_s * 1000, () => limit.abort(new Error(`preStop hook did not end within ${grace_s} s`)))
  const ends = AbortSignal.any([signal, limit.signal])
  try {
    const address = podAddresses(work.pod, work.state.of(work.uid), work.hostAddresses)[0] ?? ''
    const pause = (seconds: number) => sleep(work.clock, seconds * 1000, ends)
    await unlessAborted(runHook(hook, { containerId: status.id, container, address }, work, grace_s, pause, ends), ends)
  } catch (error) {
    // The container is stopped all the same.
    work.events.record(work.pod, podKind, 'Warning', 'FailedPreStopHook', 'PreStopHook failed', {
      fieldPath: containerPath(work.pod, status.name),
    })
    work.logger.info('preStop hook failed; stopping the container', { id: status.id, error })
  } finally {
    timer.cancel()
  }
}

/** Waits for `turn`, however it ends, but no longer than that. */
export function settledWithin(work: Pick<PodWork, 'clock'>, turn: Promise<unknown>, limit_ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = work.clock.setTimer(limit_ms, resolve)
    const end = () => {
      timer.cancel()
      resolve()
    }
    turn.then(end, end)
  })
}

/** Waits for all, then fails with the first failure: nothing is left running unseen. */
async function settleAll(promises: Iterable<Promise<void>>): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason
}

export async function stopSandboxes(work: PodWork): Promise<void> {
  for (const { id, ready } of work.state.of(work.uid).sandboxes) {
    if (!ready) continue
    await work.runtime.stopSandbox(id)
    await work.state.readSandbox(id)
  }
}
