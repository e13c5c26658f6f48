import type { Job } from '../../apis/batch/job.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { finishedAt, hasFailed, hasSucceeded, indexFailures, indexIgnoredFailures, isTracked } from './job-pods.ts'

const firstDelay_ms = 10_000
const longestDelay_ms = 600_000

/** A delay that doubles with each failure. */
const delayAfter = (failures: number): number => (failures <= 0 ? 0 : Math.min(firstDelay_ms * 2 ** (failures - 1), longestDelay_ms))

/** Milliseconds until a failed pod may be replaced; failures before the last success are forgiven. */
export function untilReplacement(job: Job, pods: readonly Pod[], now_ms: number): number {
  const lastSuccess = Math.max(0, ...pods.filter(hasSucceeded).map(finishedAt))
  const failures = pods
    .filter(pod => isFailure(job, pod))
    .map(finishedAt)
    .filter(time => time > lastSuccess)
  return failures.length ? Math.max(0, Math.max(...failures) + delayAfter(failures.length) - now_ms) : 0
}

/** A pod that we gave up ourselves, by scale or suspension, is deleted without its finalizer: that is no failure. */
const isFailure = (job: Job, pod: Pod): boolean => hasFailed(job, pod) && (isTracked(pod) || !pod.metadata.deletionTimestamp)

/** The same for one index, after its last failed pod. */
export const untilIndexReplacement = (failed: Pod, now_ms: number): number =>
  Math.max(0, finishedAt(failed) + delayAfter(indexFailures(failed) + indexIgnoredFailures(failed) + 1) - now_ms)
