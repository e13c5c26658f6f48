import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../../../apimachinery/field-error.ts'
import type { Job, JobSpec, JobStatus } from '../job.ts'
import { validateStatusUpdate } from './status-validation.ts'

const start = '2026-01-01T00:00:00Z'
const end = '2026-01-01T00:01:00Z'
const conditions = (...types: readonly string[]): JobStatus => ({ conditions: types.map(type => ({ type, status: 'True' })) })
const complete: JobStatus = { ...conditions('SuccessCriteriaMet', 'Complete'), startTime: start, completionTime: end }
const failed: JobStatus = { ...conditions('FailureTarget', 'Failed'), startTime: start }
const indexed: Partial<JobSpec> = { completionMode: 'Indexed', completions: 5, parallelism: 2 }
const byIndex: Partial<JobSpec> = { ...indexed, backoffLimitPerIndex: 1 }
const about = (detail: string) => `status.conditions: Invalid value: ${detail}`

interface Row {
  readonly spec?: Partial<JobSpec>
  readonly before?: JobStatus
  readonly after: JobStatus
  readonly errors?: readonly string[]
}

const rows: Readonly<Record<string, Row>> = {
  'counts may be anything that fits': { after: { active: 2, ready: 1, succeeded: 2, failed: 1, terminating: 3, startTime: start } },
  'a job completes': { after: complete },
  'a job fails': { after: { ...failed, failed: 1 } },
  'counts are not negative': {
    after: { active: -1, succeeded: -1, failed: -1, terminating: -1 },
    errors: ['active', 'succeeded', 'failed', 'terminating']
      .map(field => `status.${field}: Invalid value: -1: must be greater than or equal to 0`)
      .concat('status.failed: Invalid value: -1: cannot decrease the failed counter')
      .concat('status.succeeded: Invalid value: -1: cannot decrease the succeeded counter'),
  },
  'a pod is counted once': {
    after: { uncountedTerminatedPods: { succeeded: ['a'], failed: ['a', ''] } },
    errors: [
      'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
      'status.uncountedTerminatedPods.failed[1]: Invalid value: "": must not be empty',
    ],
  },
  'one end excludes the other': {
    before: failed,
    after: { ...complete, ...conditions('FailureTarget', 'Failed', 'Complete') },
    errors: [
      about('cannot set Complete=True and Failed=true conditions'),
      about('cannot set Complete=True and FailureTarget=true conditions'),
      about('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ],
  },
  'success and failure are not announced together': {
    after: conditions('SuccessCriteriaMet', 'FailureTarget'),
    errors: [about('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')],
  },
  'a job that has failed met nothing': {
    before: failed,
    after: { ...failed, ...conditions('SuccessCriteriaMet', 'FailureTarget', 'Failed') },
    errors: [
      about('cannot set SuccessCriteriaMet=True and Failed=true conditions'),
      about('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'),
    ],
  },
  'an end has been announced': {
    after: { ...conditions('Failed'), startTime: start },
    errors: [about('cannot set Failed=True condition without the FailureTarget=true condition')],
  },
  'what is complete says when': {
    after: { ...conditions('SuccessCriteriaMet', 'Complete'), startTime: start },
    errors: ['status.completionTime: Required value: completionTime is required for Complete jobs'],
  },
  'only what is complete says when': {
    after: { startTime: start, completionTime: end },
    errors: [`status.completionTime: Invalid value: "${end}": cannot set completionTime when there is no Complete=True condition`],
  },
  'nothing ends before it starts': {
    after: { ...complete, startTime: end, completionTime: start },
    errors: [`status.completionTime: Invalid value: "${start}": completionTime cannot be set before startTime`],
  },
  'nothing is left of a finished job': {
    after: { ...complete, startTime: undefined, active: 1, terminating: 1, uncountedTerminatedPods: { failed: ['a'] } } as JobStatus,
    errors: [
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.startTime: Required value: startTime is required for finished job',
      'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job',
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    ],
  },
  'ready pods are active': {
    after: { active: 1, ready: 2 },
    errors: ['status.ready: Invalid value: 2: cannot set more ready pods than active'],
  },
  'indexes of an indexed job': { spec: byIndex, after: { completedIndexes: '0-2', failedIndexes: '3' } },
  'indexes can be read': {
    spec: byIndex,
    after: { completedIndexes: '2,1', failedIndexes: '9' },
    errors: [
      'status.completedIndexes: Invalid value: "2,1": error parsing completedIndexes: non-increasing order, previous: 2, current: 1',
      'status.failedIndexes: Invalid value: "9": error parsing failedIndexes: too large index: "9"',
    ],
  },
  'an index has one end': {
    spec: byIndex,
    after: { completedIndexes: '0,2-4', failedIndexes: '1,3' },
    errors: ['status.failedIndexes: Invalid value: "1,3": failedIndexes and completedIndexes overlap at index: 3'],
  },
  'indexes belong to indexed jobs': {
    after: { completedIndexes: '0', failedIndexes: '' },
    errors: [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
      'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  },
  'a success policy decides about success': {
    spec: { ...indexed, successPolicy: { rules: [{ succeededCount: 1 }] } },
    after: { ...complete, ...conditions('Complete') },
    errors: [
      about('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
      about('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'),
    ],
  },
  'an end is final': {
    before: failed,
    after: { startTime: start },
    errors: [about('cannot disable the terminal Failed=True condition'), about('cannot disable the terminal FailureTarget=True condition')],
  },
  'success stays': {
    before: complete,
    after: { startTime: start },
    errors: [about('cannot disable the terminal Complete=True condition'), about('cannot disable the SuccessCriteriaMet=True condition')],
  },
  'success is not met after the fact': {
    before: { ...complete, ...conditions('Complete') },
    after: complete,
    errors: [about('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')],
  },
  'counters do not fall': {
    before: { failed: 2, succeeded: 2 },
    after: { failed: 1, succeeded: 1 },
    errors: [
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
    ],
  },
  'successes of an elastic job may': { spec: { ...indexed, parallelism: 5 }, before: { succeeded: 5 }, after: { succeeded: 3 } },
  'the time of completion stays': {
    before: complete,
    after: { ...complete, completionTime: '2026-01-01T00:02:00Z' },
    errors: ['status.completionTime: Invalid value: "2026-01-01T00:02:00Z": completionTime cannot be mutated'],
  },
  'the time of the start stays while the job may run': {
    before: { startTime: start },
    after: { startTime: end },
    errors: ['status.startTime: Required value: startTime cannot be removed for unsuspended job'],
  },
  'a suspended job forgets it': { spec: { suspend: true }, before: { startTime: start }, after: {} },
  'what was strange before does not hinder other changes': {
    before: { ...conditions('Failed'), active: 1, ready: 3, completedIndexes: 'x' },
    after: { ...conditions('Failed'), active: 1, ready: 3, completedIndexes: 'x', failed: 4 },
  },
}

for (const [name, { spec, before = {}, after, errors = [] }] of Object.entries(rows)) {
  test(`Job: status: ${name}`, () => {
    const job = (status: JobStatus) => ({ metadata: { name: 'sum' }, spec: { parallelism: 1, ...spec }, status }) as Job
    assert.deepEqual(validateStatusUpdate(job(after), job(before)).map(formatFieldError), errors)
  })
}
