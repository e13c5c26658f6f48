import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Job } from '../../apis/batch/job.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { untilReplacement } from './backoff.ts'

const start_ms = Date.UTC(2026, 0, 1)
const at = (second: number) => new Date(start_ms + second * 1000).toISOString()
const ended = (phase: string, second: number, metadata: object = {}): Pod =>
  ({ metadata, status: { phase, containerStatuses: [{ state: { terminated: { finishedAt: at(second) } } }] } }) as unknown as Pod
const job = { metadata: {}, spec: {} } as Job
const wait = (pods: Pod[], second: number) => untilReplacement(job, pods, start_ms + second * 1000) / 1000

const rows: readonly (readonly [string, Pod[], number, number])[] = [
  ['nothing failed', [ended('Succeeded', 1)], 1, 0],
  ['one failure', [ended('Failed', 0)], 4, 6],
  ['doubling with each', [ended('Failed', 0), ended('Failed', 5), ended('Failed', 10)], 10, 40],
  ['up to ten minutes', Array.from({ length: 20 }, () => ended('Failed', 0)), 0, 600],
  ['over', [ended('Failed', 0)], 11, 0],
  ['a success forgives', [ended('Failed', 0), ended('Failed', 1), ended('Succeeded', 2), ended('Failed', 3)], 3, 10],
  ['what was given up is no failure', [ended('Running', 0, { deletionTimestamp: at(0) })], 0, 0],
  [
    'what was deleted by others is',
    [ended('Running', 0, { deletionTimestamp: at(0), finalizers: ['batch.kubernetes.io/job-tracking'] })],
    0,
    10,
  ],
]
for (const [what, pods, second, expected] of rows)
  it(`waits before replacing pods: ${what}`, () => assert.equal(wait(pods, second), expected))
