import type { ContainerStatus } from '../runtime/types.ts'

/**
 * The wait before a container that ended starts again: none after its first run, then 10 s, doubling up to 300 s; a run of ten
 * minutes starts over. Each container carries the wait that follows it as an annotation, so a restarted kubelet goes on with it.
 */
const annotation = 'proa.dev/restart-back-off-seconds'
const initial_s = 10
const maximum_s = 300
const healthy_ms = 600_000

export const backOffAfter_s = (container: ContainerStatus): number =>
  runTime_ms(container) > healthy_ms ? 0 : Number(container.annotations[annotation] ?? 0)

/** When the container may start again, and after which wait; in the past where it may at once. */
export const restartDue_ms = (container: ContainerStatus): number =>
  (container.finishedAt_ms ?? container.createdAt_ms) + backOffAfter_s(container) * 1000

/** The annotations of the container that follows `previous`. */
export function backOffAnnotations(previous: ContainerStatus | undefined): Readonly<Record<string, string>> {
  if (!previous) return {}
  const before = backOffAfter_s(previous)
  return { [annotation]: String(before === 0 ? initial_s : Math.min(maximum_s, before * 2)) }
}

function runTime_ms({ startedAt_ms, finishedAt_ms }: ContainerStatus): number {
  return startedAt_ms && finishedAt_ms ? finishedAt_ms - startedAt_ms : 0
}
