import type { Job, SuccessPolicyRule } from '../../apis/batch/job.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { type IndexSet, indexSet } from './index-set.ts'
import { hasFailed, hasIndexBackoff, isIndexed, isTracked } from './job-pods.ts'
import type { Tally } from './tally.ts'

/** Why a job ends. It is final from when the status says so, though pods may still be going away. */
export interface Ending {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget'
  readonly reason: string
  readonly message: string
}

export function endingOf(job: Job, pods: readonly Pod[], tally: Tally, now_ms: number): Ending | undefined {
  return decidedEnding(job) ?? failureOf(job, pods, tally, now_ms) ?? indexFailureOf(job, tally) ?? successOf(job, tally)
}

function decidedEnding(job: Job): Ending | undefined {
  for (const { type, status, reason = '', message = '' } of job.status?.conditions ?? [])
    if (status === 'True' && (type === 'SuccessCriteriaMet' || type === 'FailureTarget')) return { type, reason, message }
  return undefined
}

const failure = (reason: string, message: string): Ending => ({ type: 'FailureTarget', reason, message })

function failureOf(job: Job, pods: readonly Pod[], tally: Tally, now_ms: number): Ending | undefined {
  for (const pod of pods) {
    if (!isTracked(pod) || !hasFailed(job, pod)) continue
    const match = matchFailurePolicy(job, pod)
    if (match?.action === 'FailJob') return failure('PodFailurePolicy', match.message)
  }
  const limit = job.spec?.backoffLimit ?? 6
  if (tally.failed > limit || restartsExceed(job, limit, tally.active))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  const left = untilActiveDeadline(job, now_ms)
  return left !== undefined && left <= 0 ? failure('DeadlineExceeded', 'Job was active longer than specified deadline') : undefined
}

/** Pods that restart by themselves fail without ending: their restarts count instead. */
function restartsExceed(job: Job, limit: number, active: readonly Pod[]): boolean {
  if (job.spec?.template?.spec?.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of active) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue
    for (const { restartCount = 0 } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      restarts += restartCount
  }
  return limit === 0 ? restarts > 0 : restarts >= limit
}

/** Milliseconds until the job has been active for too long; undefined when it has no deadline, or its time does not run. */
export function untilActiveDeadline({ spec, status }: Job, now_ms: number): number | undefined {
  if (spec?.activeDeadlineSeconds === undefined || spec.suspend || !status?.startTime) return undefined
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000 - now_ms
}

function indexFailureOf(job: Job, { failedIndexes, succeededIndexes }: Tally): Ending | undefined {
  if (!hasIndexBackoff(job) || failedIndexes.size === 0) return undefined
  const { maxFailedIndexes, completions = 0 } = job.spec ?? {}
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes)
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  if (failedIndexes.size + succeededIndexes.size >= completions) return failure('FailedIndexes', 'Job has failed indexes')
  return undefined
}

const success = (reason: string, message: string): Ending => ({ type: 'SuccessCriteriaMet', reason, message })

function successOf(job: Job, tally: Tally): Ending | undefined {
  const { completions, successPolicy } = job.spec ?? {}
  for (const [index, rule] of (isIndexed(job) ? (successPolicy?.rules ?? []) : []).entries())
    if (isMet(rule, completions ?? 0, tally.succeededIndexes)) return success('SuccessPolicy', `Matched rules at index ${index}`)
  // Without a number of completions the pods share a queue: one success says it is empty, and the others finish theirs.
  const isComplete =
    completions === undefined
      ? tally.succeeded > 0 && tally.active.length === 0 && tally.terminating.length === 0
      : tally.succeeded >= completions
  return isComplete ? success('CompletionsReached', 'Reached expected number of succeeded pods') : undefined
}

function isMet({ succeededIndexes, succeededCount }: SuccessPolicyRule, completions: number, succeeded: IndexSet): boolean {
  if (succeededIndexes === undefined) return succeeded.size >= (succeededCount ?? completions)
  const wanted = indexSet(succeededIndexes, completions)
  let met = 0
  for (let index = 0; index < completions; index++) if (wanted.has(index) && succeeded.has(index)) met++
  return met >= (succeededCount ?? wanted.size)
}
