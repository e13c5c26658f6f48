import type { Job, JobCondition, JobStatus } from '../../apis/batch/job.ts'
import { isPodReady } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Ending } from './ending.ts'
import { hasIndexBackoff, isIndexed, isTracked } from './job-pods.ts'
import type { Tally } from './tally.ts'

/**
 * The status that follows from the pods: pure, and at every point of the way a pod is either in the counters, or listed as
 * uncounted, or still held by its finalizer. So a crash between any two writes neither loses a pod nor counts it twice.
 */
export function jobStatus(job: Job, pods: readonly Pod[], tally: Tally, ending: Ending | undefined, now: string): JobStatus {
  const old = job.status ?? {}
  const conditions = conditionsOf(job, pods, tally, ending, now)
  const { succeeded: oldSucceeded = [], failed: oldFailed = [] } = old.uncountedTerminatedPods ?? {}
  const succeeded = stillUncounted(oldSucceeded, tally.settled.succeeded, tally.newlySucceeded)
  const failed = stillUncounted(oldFailed, tally.settled.failed, tally.newlyFailed)
  const isComplete = isTrue(conditions, 'Complete')
  const startTime = startTimeOf(job, conditions, now)
  const { startTime: _oldTime, ...kept } = old
  return {
    ...kept,
    conditions,
    ...(startTime && { startTime }),
    ...(isComplete && { completionTime: old.completionTime ?? now }),
    active: tally.active.length,
    ready: tally.active.filter(isPodReady).length,
    terminating: tally.terminating.length,
    succeeded: isIndexed(job) ? tally.succeededIndexes.size : (old.succeeded ?? 0) + tally.settled.succeeded.length,
    failed: (old.failed ?? 0) + tally.settled.failed.length,
    ...(isIndexed(job) && tally.succeededIndexes.size > 0 && { completedIndexes: tally.succeededIndexes.text }),
    ...(hasIndexBackoff(job) && { failedIndexes: tally.failedIndexes.text }),
    uncountedTerminatedPods: { ...(succeeded.length && { succeeded }), ...(failed.length && { failed }) },
  }
}

function stillUncounted(old: readonly string[], settled: readonly string[], more: readonly Pod[]): string[] {
  const gone = new Set(settled)
  return [...old.filter(uid => !gone.has(uid)), ...more.map(pod => pod.metadata.uid as string)]
}

/** The clock of the deadline starts anew when a job is resumed: a suspended one has no time, and a running one keeps its own. */
function startTimeOf(job: Job, conditions: readonly JobCondition[], now: string): string | undefined {
  const isEnding = isTrue(conditions, 'SuccessCriteriaMet') || isTrue(conditions, 'FailureTarget')
  if (isTrue(conditions, 'Suspended') && !isEnding) return undefined
  return job.status?.startTime ?? (job.spec?.suspend && !isEnding ? undefined : now)
}

function conditionsOf(job: Job, pods: readonly Pod[], tally: Tally, ending: Ending | undefined, now: string): readonly JobCondition[] {
  const old = job.status?.conditions ?? []
  if (!ending) return suspension(job, old, now)
  const { type, reason, message } = ending
  const interim = withCondition(old, { type, status: 'True', reason, message }, now)
  if (!isOver(job, pods, tally)) return interim
  const final = type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed'
  return withCondition(interim, { type: final, status: 'True', reason, message }, now)
}

/** Nothing runs any more, and every pod is in the counters. */
function isOver(job: Job, pods: readonly Pod[], tally: Tally): boolean {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {}
  const uncounted = succeeded.length + failed.length - tally.settled.succeeded.length - tally.settled.failed.length
  return tally.active.length === 0 && tally.terminating.length === 0 && uncounted === 0 && !pods.some(isTracked)
}

function suspension(job: Job, old: readonly JobCondition[], now: string): readonly JobCondition[] {
  if (job.metadata.deletionTimestamp) return old
  if (job.spec?.suspend)
    return withCondition(old, { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }, now)
  if (!isTrue(old, 'Suspended')) return old
  return withCondition(old, { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }, now)
}

type Verdict = Pick<JobCondition, 'type' | 'status' | 'reason' | 'message'>

function withCondition(conditions: readonly JobCondition[], verdict: Verdict, now: string): readonly JobCondition[] {
  const known = conditions.find(condition => condition.type === verdict.type)
  if (known?.status === verdict.status) return conditions
  const condition = { ...verdict, lastProbeTime: now, lastTransitionTime: now }
  return known ? conditions.map(one => (one === known ? condition : one)) : [...conditions, condition]
}

const isTrue = (conditions: readonly JobCondition[], type: string): boolean =>
  conditions.some(condition => condition.type === type && condition.status === 'True')

export const isFinished = ({ status }: Job): boolean =>
  isTrue(status?.conditions ?? [], 'Complete') || isTrue(status?.conditions ?? [], 'Failed')

/** A condition that became true (or, for a resumed job, false) with this status. */
export function turned(before: JobStatus | undefined, after: JobStatus | undefined, type: string, status: 'True' | 'False'): boolean {
  const has = (some: JobStatus | undefined) =>
    some?.conditions?.some(condition => condition.type === type && condition.status === status) ?? false
  return has(after) && !has(before)
}
