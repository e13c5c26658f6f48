import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Diagnosis, formatDiagnosis, formatReasons } from './diagnosis.ts'

const diagnosis = (nodeCount: number, reasons: Readonly<Record<string, number>>): Diagnosis => ({
  nodeCount,
  reasons: new Map(Object.entries(reasons)),
  plugins: new Set(),
  resolvable: [],
})

test('reasons are counted, sorted as texts, and end with a full stop', () => {
  const cases: readonly (readonly [number, Readonly<Record<string, number>>, string])[] = [
    [1, { 'Insufficient memory': 1, 'Insufficient cpu': 1 }, '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.'],
    [
      12,
      { "node(s) didn't match Pod's node affinity/selector": 2, 'Insufficient cpu': 10 },
      "0/12 nodes are available: 10 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector.",
    ],
    [2, {}, '0/2 nodes are available:'],
  ]
  for (const [count, reasons, expected] of cases) assert.equal(formatReasons(count, new Map(Object.entries(reasons))), expected)
})

test('what preemption had to say follows', () => {
  const full = diagnosis(1, { 'Too many pods': 1 })
  assert.equal(formatDiagnosis(full, undefined), '0/1 nodes are available: 1 Too many pods.')
  assert.equal(
    formatDiagnosis(full, '0/1 nodes are available: 1 No preemption victims found for incoming pod.'),
    '0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  )
  assert.equal(formatDiagnosis(diagnosis(0, {}), undefined), 'no nodes available to schedule pods')
})
