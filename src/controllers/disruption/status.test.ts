import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../apis/core/pod.ts'
import type { PodDisruptionBudget } from '../../apis/policy/pod-disruption-budget.ts'
import { expectationOf } from './expectation.ts'
import { budgetStatus, disruptedPods } from './status.ts'

const podOf = (name: string, controller?: string): Pod =>
  ({
    metadata: { name, ...(controller && { ownerReferences: [{ uid: controller, controller: true, kind: 'Web', name: controller }] }) },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  }) as unknown as Pod
const budget = (spec: object, status: object = {}) => ({ metadata: { name: 'b' }, spec, status }) as unknown as PodDisruptionBudget

test('each controller is asked for its scale once, whatever number of pods it has', async () => {
  const asked: string[] = []
  const scaleOf = async (pod: Pod) => {
    asked.push(pod.metadata.name ?? '')
    const uid = pod.metadata.ownerReferences?.[0]?.uid
    return uid === undefined ? undefined : { uid, replicas: 3 }
  }
  const pods = [podOf('a-1', 'a'), podOf('a-2', 'a'), podOf('b-1', 'b'), podOf('alone'), podOf('a-3', 'a')]
  const { expectedPods, unmanaged } = await expectationOf(budget({ maxUnavailable: 1 }), pods, scaleOf)
  assert.deepEqual([expectedPods, unmanaged.length, asked], [6, 1, ['a-1', 'b-1', 'alone']])
})

test('a pod counts by what was granted to it, whatever its name is', () => {
  const pods = [podOf('constructor'), podOf('granted')]
  const given = budget({ minAvailable: 1 }, { disruptedPods: { granted: '2026-01-01T00:00:00Z' } })
  const disrupted = disruptedPods(given, pods, Date.parse('2026-01-01T00:01:00Z'))
  assert.deepEqual(disrupted, { pending: { granted: '2026-01-01T00:00:00Z' }, overdue: [], recheckAfter_ms: 60_000 })
  const expectation = { expectedPods: 2, desiredHealthy: 1, unmanaged: [] }
  assert.equal(budgetStatus(given, pods, expectation, disrupted, '2026-01-01T00:01:00Z').currentHealthy, 1)
})
