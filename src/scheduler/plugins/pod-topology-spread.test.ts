import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TopologySpreadConstraint } from '../../apis/core/scheduling-terms.ts'
import { type PodParts, type TestState, testCluster, testNode, testPod } from '../objects.test-support.ts'
import { describePod } from '../pod-info.ts'
import { podTopologySpreadFilter, podTopologySpreadScore } from './pod-topology-spread.ts'
import { scores, verdicts } from './verdicts.test-support.ts'

const constraint = (parts: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: 'zone',
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
  ...parts,
})
const web = { labels: { app: 'web' } }
const skewed = "node(s) didn't match pod topology spread constraints"
const missing = "!node(s) didn't match pod topology spread constraints (missing required label)"

/** So many pods of the group on each node: two nodes in zone a, one in b, one in none. */
function spread(a1: number, a2: number, b1: number, nowhere = 0): TestState {
  const cluster = testCluster([
    testNode('a1', { labels: { zone: 'a' } }),
    testNode('a2', { labels: { zone: 'a', disk: 'ssd' } }),
    testNode('b1', { labels: { zone: 'b' }, taints: [{ key: 'x', effect: 'NoSchedule' }] }),
    testNode('nowhere'),
  ])
  for (const [node, count] of Object.entries({ a1, a2, b1, nowhere }))
    for (let index = 0; index < count; index++) cluster.place(node, testPod(`${node}-${index}`, web))
  return cluster
}

describe('topology spread', () => {
  const cases: readonly (readonly [string, TestState, PodParts, Partial<TopologySpreadConstraint>, readonly [string, string, string]])[] = [
    ['even: everywhere', spread(1, 0, 1), web, {}, ['ok', 'ok', 'ok']],
    ['uneven: the emptiest', spread(1, 0, 0), web, {}, [skewed, skewed, 'ok']],
    ['a larger skew', spread(1, 0, 0), web, { maxSkew: 2 }, ['ok', 'ok', 'ok']],
    ['a pod that does not count itself', spread(1, 0, 0), {}, {}, ['ok', 'ok', 'ok']],
    ['pods outside all zones do not count', spread(0, 0, 0, 5), web, {}, ['ok', 'ok', 'ok']],
    ['fewer domains than wanted: the least is zero', spread(1, 0, 1), web, { minDomains: 3 }, [skewed, skewed, skewed]],
    ['by node', spread(1, 0, 1), web, { topologyKey: 'kubernetes.io/hostname' }, [skewed, 'ok', skewed]],
    ['tainted nodes count by default', spread(1, 0, 0), web, { nodeTaintsPolicy: 'Ignore' }, [skewed, skewed, 'ok']],
    ['and not if so asked', spread(1, 0, 0), web, { nodeTaintsPolicy: 'Honor' }, ['ok', 'ok', 'ok']],
    [
      'nodes that are ruled out do not count by default',
      spread(1, 0, 0),
      { ...web, nodeSelector: { disk: 'ssd' } },
      {},
      ['ok', 'ok', 'ok'],
    ],
    [
      'and do if so asked',
      spread(0, 1, 0),
      { ...web, nodeSelector: { disk: 'ssd' } },
      { nodeAffinityPolicy: 'Ignore' },
      [skewed, skewed, 'ok'],
    ],
    ['each revision by itself', spread(1, 0, 0), { labels: { app: 'web', rev: '2' } }, { matchLabelKeys: ['rev'] }, ['ok', 'ok', 'ok']],
    ['a preference keeps nobody away', spread(5, 0, 0), web, { whenUnsatisfiable: 'ScheduleAnyway' }, ['ok', 'ok', 'ok']],
  ]
  for (const [name, cluster, parts, change, [a1, a2, b1]] of cases)
    test(name, () => {
      const pod = describePod(testPod('p', { ...parts, topologySpreadConstraints: [constraint(change)] }))
      const { nowhere, ...inZones } = verdicts(podTopologySpreadFilter, pod, cluster)
      assert.deepEqual(inZones, { a1, a2, b1 })
      const mustBeInZone = change.whenUnsatisfiable === undefined && change.topologyKey === undefined
      if (mustBeInZone) assert.equal(nowhere, missing)
    })

  test('pods that are leaving do not count', () => {
    const cluster = spread(0, 0, 0)
    cluster.place('a1', testPod('leaving', { ...web, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }))
    const pod = describePod(testPod('p', { ...web, topologySpreadConstraints: [constraint()] }))
    assert.equal(verdicts(podTopologySpreadFilter, pod, cluster).a1, 'ok')
  })

  test('preferred: fewer of the group is better, nodes outside all domains come last', () => {
    const pod = describePod(testPod('p', { ...web, topologySpreadConstraints: [constraint({ whenUnsatisfiable: 'ScheduleAnyway' })] }))
    // Two zones: each pod weighs ln 4.
    assert.deepEqual(scores(podTopologySpreadScore, pod, spread(2, 0, 1)), { a1: 33, a2: 33, b1: 100, nowhere: 0 })
    assert.deepEqual(scores(podTopologySpreadScore, pod, spread(0, 0, 0)), { a1: 100, a2: 100, b1: 100, nowhere: 0 })
  })
})
