import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validateStatusUpdate } from '../../apis/batch/job/status-validation.ts'
import type { Job } from '../../apis/batch/job.ts'
import { endingOf } from './ending.ts'
import { jobStatus } from './status.ts'
import { tallyPods } from './tally.ts'

const now = '2026-01-01T00:00:00Z'

test('a job whose pods were done before they could be suspended has a time of its start, as finished jobs must', () => {
  const job: Job = {
    metadata: { name: 'outrun' },
    spec: { parallelism: 1, completions: 1, suspend: true, template: { spec: { containers: [] } } } as Job['spec'],
    status: { conditions: [{ type: 'Suspended', status: 'True' }], succeeded: 1, uncountedTerminatedPods: {} },
  }
  const tally = tallyPods(job, [])
  const status = jobStatus(job, [], tally, endingOf(job, [], tally, Date.parse(now)), now)
  assert.deepEqual(
    status.conditions?.map(({ type }) => type),
    ['Suspended', 'SuccessCriteriaMet', 'Complete'],
  )
  assert.equal(status.startTime, now)
  assert.deepEqual(validateStatusUpdate({ ...job, status }, job), [])
})
