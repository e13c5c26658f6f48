import { duplicateField, type FieldError, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { semanticEqual } from '../../core/sharing.ts'
import { each, notNegative } from '../../core/validation/rules.ts'
import { invalidUnshown } from '../../field-rules.ts'
import type { Job, JobStatus } from '../job.ts'
import { type IndexInterval, parseIndexes } from './index-rules.ts'

/**
 * What controllers of jobs, the built-in one and those of users, may write: a status that agrees with itself and with what
 * was said before. A rule about a part of it holds once that part changes, so that an older status stays writable.
 */
export function validateStatusUpdate(job: Job, old: Job): FieldError[] {
  const change = changeOf(job, old)
  return [
    ...validateCounts(change.status),
    ...validateUncounted(change.status.uncountedTerminatedPods ?? {}),
    ...validateEnd(change),
    ...validateFinished(change),
    ...validateIndexes(change),
    ...validateReady(change),
    ...validateSuccess(change),
    ...validateHistory(change),
    ...validateSuccessHistory(change),
  ]
}

interface StatusChange {
  readonly job: Job
  readonly status: JobStatus
  readonly before: JobStatus
  /** Does the status say, or not say, something else than before? */
  readonly has: (field: keyof JobStatus) => boolean
  readonly turned: (...types: readonly ConditionType[]) => boolean
}

type ConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet'

function changeOf(job: Job, old: Job): StatusChange {
  const [status, before] = [job.status ?? {}, old.status ?? {}]
  return {
    job,
    status,
    before,
    has: field => !semanticEqual(status[field], before[field]),
    turned: (...types) => types.some(type => isTrue(status, type)) !== types.some(type => isTrue(before, type)),
  }
}

const isTrue = ({ conditions = [] }: JobStatus, wanted: ConditionType): boolean =>
  conditions.some(({ type, status }) => type === wanted && status === 'True')

const isFinished = (status: JobStatus): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed')

const aboutConditions = (detail: string): FieldError => invalidUnshown('status.conditions', detail)

const validateCounts = (status: JobStatus): FieldError[] =>
  (['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap(field => notNegative(status[field], `status.${field}`))

interface Uncounted {
  readonly succeeded?: readonly string[]
  readonly failed?: readonly string[]
}

/** A pod is counted once. */
function validateUncounted({ succeeded, failed }: Uncounted): FieldError[] {
  const seen = new Set<string>()
  const check = (uid: string, path: string): FieldError[] => {
    if (uid === '') return [invalidField(path, uid, 'must not be empty')]
    if (seen.has(uid)) return [duplicateField(path, uid)]
    seen.add(uid)
    return []
  }
  const path = 'status.uncountedTerminatedPods'
  return [...each(succeeded, `${path}.succeeded`, check), ...each(failed, `${path}.failed`, check)]
}

/** How a job ends: in one way, at a time that fits, after the condition that announces it. */
function validateEnd({ status, has, turned }: StatusChange): FieldError[] {
  const errors: FieldError[] = []
  const [complete, failed, failing] = [isTrue(status, 'Complete'), isTrue(status, 'Failed'), isTrue(status, 'FailureTarget')]
  const { startTime, completionTime } = status
  const timing = has('completionTime')
  if ((turned('Complete') || turned('Failed')) && complete && failed)
    errors.push(aboutConditions('cannot set Complete=True and Failed=true conditions'))
  if ((turned('Complete') || turned('FailureTarget')) && complete && failing)
    errors.push(aboutConditions('cannot set Complete=True and FailureTarget=true conditions'))
  if ((turned('Complete') || timing) && completionTime !== undefined && !complete)
    errors.push(invalidField('status.completionTime', completionTime, 'cannot set completionTime when there is no Complete=True condition'))
  if ((turned('Complete') || timing) && completionTime === undefined && complete)
    errors.push(requiredField('status.completionTime', 'completionTime is required for Complete jobs'))
  if ((timing || has('startTime')) && startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime))
    errors.push(invalidField('status.completionTime', completionTime, 'completionTime cannot be set before startTime'))
  if ((turned('Failed') || has('failedIndexes')) && failed && !failing)
    errors.push(aboutConditions('cannot set Failed=True condition without the FailureTarget=true condition'))
  if ((turned('Complete') || has('completedIndexes')) && complete && !isTrue(status, 'SuccessCriteriaMet'))
    errors.push(aboutConditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'))
  return errors
}

/** A job that is finished has begun, and nothing of it is left. */
function validateFinished({ status, has, turned }: StatusChange): FieldError[] {
  if (!isFinished(status)) return []
  const errors: FieldError[] = []
  const ended = turned('Complete', 'Failed')
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status
  if ((ended || has('active')) && active > 0) errors.push(invalidField('status.active', active, 'active>0 is invalid for finished job'))
  if ((ended || has('startTime')) && startTime === undefined)
    errors.push(requiredField('status.startTime', 'startTime is required for finished job'))
  if ((ended || has('uncountedTerminatedPods')) && (uncounted?.failed?.length || uncounted?.succeeded?.length))
    errors.push(invalidField('status.uncountedTerminatedPods', uncounted, 'uncountedTerminatedPods needs to be empty for finished job'))
  return errors
}

function validateIndexes({ job, status, has }: StatusChange): FieldError[] {
  const { completions, completionMode, backoffLimitPerIndex } = job.spec ?? {}
  const { completedIndexes, failedIndexes } = status
  const errors: FieldError[] = []
  const completed = has('completedIndexes') ? checkIndexes('completedIndexes', completedIndexes, completions) : []
  const failed = has('failedIndexes') && backoffLimitPerIndex !== undefined ? checkIndexes('failedIndexes', failedIndexes, completions) : []
  errors.push(...completed, ...failed)
  if (has('completedIndexes') && completedIndexes && completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(invalidField('status.completedIndexes', completedIndexes, detail))
  }
  if (has('failedIndexes') && failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(invalidField('status.failedIndexes', failedIndexes, detail))
  }
  const isReadable = completed.length + failed.length === 0
  if (isReadable && completions !== undefined && failedIndexes && (has('completedIndexes') || has('failedIndexes')))
    errors.push(...checkOverlap(completedIndexes ?? '', failedIndexes, completions))
  return errors
}

function checkIndexes(field: 'completedIndexes' | 'failedIndexes', text = '', completions: number | undefined): FieldError[] {
  if (completions === undefined) return []
  try {
    parseIndexes(text, completions)
    return []
  } catch (error) {
    return [invalidField(`status.${field}`, text, `error parsing ${field}: ${(error as Error).message}`)]
  }
}

/** Of the intervals of both kinds, which increase, the first two that meet are told. */
function checkOverlap(completedText: string, failedText: string, completions: number): FieldError[] {
  const [completed, failed] = [readableIntervals(completedText, completions), readableIntervals(failedText, completions)]
  for (let ofCompleted = 0, ofFailed = 0; ofCompleted < completed.length && ofFailed < failed.length; ) {
    const [one, other] = [completed[ofCompleted] as IndexInterval, failed[ofFailed] as IndexInterval]
    if (one.first <= other.last && other.first <= one.last) {
      const index = Math.max(one.first, other.first)
      return [invalidField('status.failedIndexes', failedText, `failedIndexes and completedIndexes overlap at index: ${index}`)]
    }
    if (one.first <= other.first) ofCompleted++
    else ofFailed++
  }
  return []
}

/** What was written under older rules, or before the job was scaled down, may not be readable any more. */
function readableIntervals(text: string, completions: number): readonly IndexInterval[] {
  try {
    return parseIndexes(text, completions)
  } catch {
    return []
  }
}

function validateReady({ status, has, turned }: StatusChange): FieldError[] {
  const { active = 0, ready, terminating = 0 } = status
  const errors: FieldError[] = []
  if ((turned('Complete', 'Failed') || has('terminating')) && isFinished(status) && terminating > 0)
    errors.push(invalidField('status.terminating', terminating, 'terminating>0 is invalid for finished job'))
  if ((has('ready') || has('active')) && ready !== undefined && ready > active)
    errors.push(invalidField('status.ready', ready, 'cannot set more ready pods than active'))
  return errors
}

function validateSuccess({ job, status }: StatusChange): FieldError[] {
  const met = isTrue(status, 'SuccessCriteriaMet')
  const errors: FieldError[] = []
  if (met && isTrue(status, 'Failed')) errors.push(aboutConditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  if (met && isTrue(status, 'FailureTarget'))
    errors.push(aboutConditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  if (job.spec?.successPolicy !== undefined && !met && isTrue(status, 'Complete'))
    errors.push(aboutConditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'))
  return errors
}

/** What was said stays said: ends are final, counters don't fall, times don't move. */
function validateHistory({ job, status, before, has }: StatusChange): FieldError[] {
  const errors = (['Failed', 'Complete', 'FailureTarget'] as const)
    .filter(type => isTrue(before, type) && !isTrue(status, type))
    .map(type => aboutConditions(`cannot disable the terminal ${type}=True condition`))
  const { completionMode, completions, parallelism, suspend } = job.spec ?? {}
  const { failed = 0, succeeded = 0, completionTime } = status
  if (failed < (before.failed ?? 0)) errors.push(invalidField('status.failed', failed, 'cannot decrease the failed counter'))
  // An indexed job whose completions follow its parallelism can be scaled down below what has succeeded.
  const isElastic = completionMode === 'Indexed' && completions === parallelism
  if (succeeded < (before.succeeded ?? 0) && !isElastic)
    errors.push(invalidField('status.succeeded', succeeded, 'cannot decrease the succeeded counter'))
  if (completionTime !== undefined && before.completionTime !== undefined && has('completionTime'))
    errors.push(invalidField('status.completionTime', completionTime, 'completionTime cannot be mutated'))
  if (before.startTime !== undefined && has('startTime') && !suspend)
    errors.push(requiredField('status.startTime', 'startTime cannot be removed for unsuspended job'))
  return errors
}

function validateSuccessHistory({ status, before }: StatusChange): FieldError[] {
  const [met, wasMet] = [isTrue(status, 'SuccessCriteriaMet'), isTrue(before, 'SuccessCriteriaMet')]
  const errors: FieldError[] = []
  if (wasMet && !met) errors.push(aboutConditions('cannot disable the SuccessCriteriaMet=True condition'))
  if (isTrue(before, 'Complete') && !wasMet && met)
    errors.push(aboutConditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'))
  return errors
}
