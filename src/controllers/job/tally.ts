import type { Job } from '../../apis/batch/job.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { isPodActive } from '../pod-control.ts'
import { countsAsFailure, matchFailurePolicy } from './failure-policy.ts'
import { type IndexSet, indexSet } from './index-set.ts'
import { hasFailed, hasIndexBackoff, hasSucceeded, indexFailures, indexIgnoredFailures, indexOf, isIndexed, isTracked } from './job-pods.ts'

/** What a job's pods amount to, together with what its status has counted already. */
export interface Tally {
  readonly active: readonly Pod[]
  /** Going away and not yet ended. */
  readonly terminating: readonly Pod[]
  readonly succeeded: number
  readonly failed: number
  /** Ended pods that no status has noted; at most as many at a time as a status can hold. */
  readonly newlySucceeded: readonly Pod[]
  readonly newlyFailed: readonly Pod[]
  /** Pods that may go once the status has noted this tally. */
  readonly releasable: readonly Pod[]
  readonly succeededIndexes: IndexSet
  readonly failedIndexes: IndexSet
  /** By index, the last failed pod that still has no replacement: it keeps the count of its index. */
  readonly lastFailed: ReadonlyMap<number, Pod>
  /** Uncounted pods that are gone, or free to go: they can be counted for good. */
  readonly settled: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
}

/** UIDs are listed in the status, which has to stay small. */
const largestBatch = 500

export function tallyPods(job: Job, pods: readonly Pod[]): Tally {
  const { status } = job
  const tracked = pods.filter(isTracked)
  const trackedIds = new Set(tracked.map(pod => pod.metadata.uid as string))
  const { succeeded: uncountedSucceeded = [], failed: uncountedFailed = [] } = status?.uncountedTerminatedPods ?? {}
  const noted = new Set([...uncountedSucceeded, ...uncountedFailed])
  const isNew = (pod: Pod) => !noted.has(pod.metadata.uid as string)
  const completions = job.spec?.completions ?? 0
  const indexed = isIndexed(job)

  const succeededPods = tracked.filter(pod => hasSucceeded(pod) && isNew(pod))
  const failedPods = tracked.filter(pod => hasFailed(job, pod))
  const indexesOf = (some: readonly Pod[]) => (indexed ? some.flatMap(pod => indexOf(job, pod) ?? []) : [])
  const succeededIndexes = indexSet(indexed ? status?.completedIndexes : undefined, completions, indexesOf(succeededPods))
  const failing = failedPods.filter(pod => failsItsIndex(job, pod))
  const failedIndexes = indexSet(
    status?.failedIndexes,
    completions,
    indexesOf(failing).filter(index => !succeededIndexes.has(index)),
  )
  const lastFailed = hasIndexBackoff(job) ? lastFailedPods(job, pods, failedPods, succeededIndexes, failedIndexes) : new Map<number, Pod>()
  const kept = new Set(lastFailed.values())

  // An index is counted by its place in completedIndexes, other pods by their UID.
  const newlySucceeded = indexed ? [] : succeededPods
  const newlyFailed = failedPods.filter(pod => isNew(pod) && (!indexed || indexOf(job, pod) !== undefined) && countsAsFailure(job, pod))
  const releasable = tracked.filter(pod => (hasSucceeded(pod) || hasFailed(job, pod)) && !kept.has(pod)).slice(0, largestBatch)
  const batch = new Set(releasable)
  return {
    active: pods.filter(isPodActive),
    terminating: pods.filter(pod => pod.metadata.deletionTimestamp && !isEnded(pod)),
    succeeded: indexed ? succeededIndexes.size : (status?.succeeded ?? 0) + uncountedSucceeded.length + newlySucceeded.length,
    failed: (status?.failed ?? 0) + uncountedFailed.length + newlyFailed.length,
    newlySucceeded: newlySucceeded.filter(pod => batch.has(pod)),
    newlyFailed: newlyFailed.filter(pod => batch.has(pod)),
    releasable,
    succeededIndexes,
    failedIndexes,
    lastFailed,
    settled: {
      succeeded: uncountedSucceeded.filter(uid => !trackedIds.has(uid)),
      failed: uncountedFailed.filter(uid => !trackedIds.has(uid)),
    },
  }
}

const isEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

function failsItsIndex(job: Job, pod: Pod): boolean {
  if (!hasIndexBackoff(job)) return false
  const match = matchFailurePolicy(job, pod)
  if (match?.action === 'FailIndex') return true
  return match?.action !== 'Ignore' && indexFailures(pod) >= (job.spec?.backoffLimitPerIndex ?? 0)
}

const attempt = (pod: Pod): number => indexFailures(pod) + indexIgnoredFailures(pod)

/** Each index counts its failures in its newest pod, so that one stays until its replacement carries the count on. */
function lastFailedPods(
  job: Job,
  pods: readonly Pod[],
  failedPods: readonly Pod[],
  succeeded: IndexSet,
  failed: IndexSet,
): Map<number, Pod> {
  const last = new Map<number, Pod>()
  // The job is on its way out, or to its end: no index gets another pod.
  if (job.metadata.deletionTimestamp || hasInterimEnd(job)) return last
  for (const pod of failedPods) {
    const index = indexOf(job, pod)
    if (index === undefined || succeeded.has(index) || failed.has(index)) continue
    const other = last.get(index)
    if (!other || attempt(other) < attempt(pod)) last.set(index, pod)
  }
  for (const pod of pods) {
    const index = indexOf(job, pod)
    if (index === undefined) continue
    const before = last.get(index)
    if (before && attempt(pod) > attempt(before)) last.delete(index)
  }
  return last
}

const hasInterimEnd = (job: Job): boolean =>
  job.status?.conditions?.some(({ type, status }) => (type === 'FailureTarget' || type === 'SuccessCriteriaMet') && status === 'True') ??
  false
