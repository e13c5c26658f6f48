import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodDisruptionBudget } from '../apis/policy/pod-disruption-budget.ts'
import type { Diagnosis } from './diagnosis.ts'
import { createNominations, preemptionForbidden } from './nominations.ts'
import { type NodeParts, type PodParts, type TestState, testCluster, testNode, testPod } from './objects.test-support.ts'
import { filterPlugins, scorePlugins } from './plugins/index.ts'
import { describePod, type PodInfo } from './pod-info.ts'
import { findPreemption } from './preemption.ts'
import { schedulePod } from './schedule-pod.ts'

const profile = { filters: filterPlugins, scores: scorePlugins }
const tenCores = { allocatable: { cpu: '10', memory: '100Gi', pods: '10' } }

type Running = readonly [name: string, priority: number, cpu: string, startTime?: string]

function clusterOf(nodes: Readonly<Record<string, readonly Running[]>>, parts: NodeParts = tenCores): TestState {
  const cluster = testCluster(Object.keys(nodes).map(name => testNode(name, parts)))
  for (const [node, pods] of Object.entries(nodes))
    for (const [name, priority, cpu, startTime] of pods)
      cluster.place(node, testPod(name, { priority, requests: { cpu }, status: { startTime } }))
  return cluster
}

const preemptor = (parts: PodParts = {}): PodInfo => describePod(testPod('preemptor', { priority: 100, requests: { cpu: '8' }, ...parts }))

function diagnosisOf(pod: PodInfo, cluster: TestState): Diagnosis {
  const placement = schedulePod(pod, cluster, profile, { next: 0, random: () => 0 })
  assert.equal(placement.fits, false, 'the pod fits without preemption')
  return placement.diagnosis
}

function outcomeOf(cluster: TestState, pod = preemptor()) {
  const outcome = findPreemption(pod, cluster, profile, diagnosisOf(pod, cluster), 0)
  if ('message' in outcome) return outcome.message
  const { slot, victims } = outcome.preemption
  return [cluster.table.names[slot], ...victims.map(victim => victim.uid)]
}

describe('preemption', () => {
  test('gives back as many as still leave room, the most important and longest running first', () => {
    const running: Running[] = [
      ['small-old', 1, '1', '2026-01-01T00:00:00Z'],
      ['small-young', 1, '1', '2026-01-02T00:00:00Z'],
      ['small-high', 5, '1', '2026-01-03T00:00:00Z'],
      ['large', 1, '7', '2026-01-01T00:00:00Z'],
    ]
    assert.deepEqual(outcomeOf(clusterOf({ n1: running })), ['n1', 'large', 'small-young'])
  })

  const choices: readonly (readonly [string, Readonly<Record<string, readonly Running[]>>, readonly string[]])[] = [
    [
      'the least important highest victim',
      {
        n1: [['a', 50, '9']],
        n2: [
          ['b', 10, '5'],
          ['c', 10, '5'],
        ],
      },
      ['n2', 'b', 'c'],
    ],
    [
      'then the smallest sum of priorities',
      {
        n1: [
          ['a', 10, '5'],
          ['b', 10, '5'],
        ],
        n2: [
          ['c', 10, '5'],
          ['d', -5, '5'],
        ],
      },
      ['n2', 'c', 'd'],
    ],
    [
      'negative priorities do not make more victims cheaper',
      {
        n1: [
          ['a', -10, '5'],
          ['b', -10, '5'],
        ],
        n2: [['c', -10, '10']],
      },
      ['n2', 'c'],
    ],
    [
      'then those that have run shortest',
      { n1: [['a', 10, '9', '2026-01-01T00:00:00Z']], n2: [['b', 10, '9', '2026-01-02T00:00:00Z']] },
      ['n2', 'b'],
    ],
  ]
  for (const [name, nodes, expected] of choices) test(`chooses ${name}`, () => assert.deepEqual(outcomeOf(clusterOf(nodes)), expected))

  test('says for each node why it does not help', () => {
    const cluster = clusterOf({
      equal: [['a', 100, '9']],
      little: [
        ['b', 100, '8'],
        ['c', 1, '2'],
      ],
      tainted: [],
    })
    cluster.table.setNode(testNode('tainted', { ...tenCores, taints: [{ key: 'x', effect: 'NoSchedule' }] }))
    assert.equal(
      outcomeOf(cluster),
      '0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    )
  })

  test('leaves everything as it was', () => {
    const cluster = clusterOf({
      n1: [
        ['a', 1, '6'],
        ['b', 2, '3'],
      ],
    })
    const before = [...cluster.table.podsOn(0).keys()].sort()
    outcomeOf(cluster)
    assert.deepEqual([[...cluster.table.podsOn(0).keys()].sort(), cluster.table.used(0, 0), cluster.table.used(0, 3)], [before, 9000, 2])
  })

  test('takes away a pod whose anti-affinity is in the way', () => {
    const cluster = testCluster([testNode('n1')])
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    cluster.place('n1', testPod('hostile', { affinity }))
    cluster.place('n1', testPod('friendly'))
    assert.deepEqual(outcomeOf(cluster, preemptor({ labels: { app: 'x' }, requests: { cpu: '1' } })), ['n1', 'hostile'])
  })
})

describe('preemption and disruption budgets', () => {
  const app = (name: string) => ({ app: name })
  const budget = (name: string, disruptionsAllowed: number, parts: Partial<PodDisruptionBudget> = {}): PodDisruptionBudget => ({
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: app(name) } },
    status: { disruptionsAllowed, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    ...parts,
  })
  type Guarded = readonly [name: string, priority: number, cpu: string, app?: string]
  const guardedCluster = (nodes: Readonly<Record<string, readonly Guarded[]>>, ...budgets: readonly PodDisruptionBudget[]): TestState => {
    const cluster = testCluster(Object.keys(nodes).map(name => testNode(name, tenCores)))
    for (const [node, pods] of Object.entries(nodes))
      for (const [name, priority, cpu, labelled] of pods)
        cluster.place(node, testPod(name, { priority, requests: { cpu }, ...(labelled && { labels: app(labelled) }) }))
    for (const one of budgets) cluster.guard(one)
    return cluster
  }

  test('a pod whose budget would be broken is given back before more important ones', () => {
    const nodes = {
      n1: [
        ['guarded', 1, '5', 'web'],
        ['free', 50, '5'],
      ] as const,
    }
    assert.deepEqual(outcomeOf(guardedCluster(nodes), preemptor({ requests: { cpu: '5' } })), ['n1', 'guarded'])
    assert.deepEqual(outcomeOf(guardedCluster(nodes, budget('web', 0)), preemptor({ requests: { cpu: '5' } })), ['n1', 'free'])
    assert.deepEqual(outcomeOf(guardedCluster(nodes, budget('web', 1)), preemptor({ requests: { cpu: '5' } })), ['n1', 'guarded'])
  })

  test('a budget is used up by the most important pods first', () => {
    const nodes = {
      n1: [
        ['first', 3, '3', 'web'],
        ['second', 2, '3', 'web'],
        ['third', 1, '3', 'web'],
      ] as const,
    }
    const cluster = guardedCluster(nodes, budget('web', 1))
    assert.deepEqual(outcomeOf(cluster, preemptor({ requests: { cpu: '4' } })), ['n1', 'first'])
  })

  test('a node where none is broken goes before all others', () => {
    const nodes = {
      n1: [['guarded', 1, '9', 'web']] as const,
      n2: [
        ['free', 90, '5'],
        ['more', 90, '5'],
      ] as const,
    }
    assert.deepEqual(outcomeOf(guardedCluster(nodes)), ['n1', 'guarded'])
    assert.deepEqual(outcomeOf(guardedCluster(nodes, budget('web', 0))), ['n2', 'free', 'more'])
  })

  test('where each breaks one, the fewest are broken, the most important victims first', () => {
    const nodes = {
      n1: [
        ['a', 1, '5', 'web'],
        ['b', 1, '5', 'web'],
      ] as const,
      n2: [
        ['c', 5, '4', 'web'],
        ['d', 9, '6'],
      ] as const,
    }
    assert.deepEqual(outcomeOf(guardedCluster(nodes, budget('web', 0))), ['n2', 'd', 'c'])
  })

  test('the search goes on beyond enough candidates until one breaks none', () => {
    const guarded = Array.from({ length: 150 }, (_, index) => [`n${index}`, [[`p${index}`, 1, '9', 'web']] as const] as const)
    const nodes = { ...Object.fromEntries(guarded), last: [['free', 90, '9']] as const }
    assert.deepEqual(outcomeOf(guardedCluster(nodes, budget('web', 0))), ['last', 'free'])
  })

  test('what has been evicted already, other namespaces and empty selectors do not count', () => {
    const nodes = { n1: [['guarded', 1, '9', 'web']] as const, n2: [['free', 90, '9']] as const }
    const status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
    const evicted = budget('web', 0, { status: { ...status, disruptedPods: { guarded: '2026-01-01T00:00:00Z' } } })
    const elsewhere = budget('web', 0, { metadata: { name: 'web', namespace: 'other' } })
    for (const harmless of [evicted, elsewhere, budget('web', 0, { spec: { selector: {} } }), budget('web', 0, { spec: {} })])
      assert.deepEqual(outcomeOf(guardedCluster(nodes, harmless)), ['n1', 'guarded'])
  })
})

describe('who may preempt', () => {
  const leaving = (priority: number) =>
    testPod('victim', {
      priority,
      requests: { cpu: '9' },
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
    })
  const forbidden = (pod: PodInfo, victim = leaving(1), nominated?: string) => {
    const cluster = clusterOf({ n1: [] })
    cluster.place('n1', victim)
    return preemptionForbidden(pod, nominated, cluster.table, diagnosisOf(pod, cluster))
  }

  test('not those that promise not to', () => {
    assert.equal(forbidden(preemptor({ preemptionPolicy: 'Never' })), 'not eligible due to preemptionPolicy=Never.')
  })
  test('not while those that were told to go are going', () => {
    assert.equal(forbidden(preemptor(), leaving(1), 'n1'), 'not eligible due to a terminating pod on the nominated node.')
    assert.equal(forbidden(preemptor(), leaving(1)), undefined)
    assert.equal(forbidden(preemptor(), leaving(500), 'n1'), undefined)
  })
  test('again when the promised node can no longer help', () => {
    assert.equal(forbidden(preemptor({ requests: { cpu: '11' } }), leaving(1), 'n1'), undefined)
  })
})

describe('nominations', () => {
  test('count for the less and the equally important only, and only while deciding', () => {
    const { table } = clusterOf({ n1: [] })
    const nominations = createNominations()
    nominations.add(preemptor(), 'n1')
    const usedFor = (name: string, priority: number) =>
      nominations.around(describePod(testPod(name, { priority })), table, () => table.used(0, 0))
    assert.deepEqual([usedFor('low', 1), usedFor('equal', 100), usedFor('high', 101), usedFor('preemptor', 100)], [8000, 8000, 0, 0])
    assert.equal(table.used(0, 0), 0)
    nominations.remove('preemptor')
    assert.equal(usedFor('low', 1), 0)
  })

  test('the promised node is taken first, unless it no longer fits', () => {
    const cluster = clusterOf({ n1: [], n2: [['other', 1, '1']] })
    const search = { next: 0, random: () => 0 }
    const place = (pod: PodInfo) => {
      const placement = schedulePod(pod, cluster, profile, search, cluster.slot('n2'))
      return placement.fits ? cluster.table.names[placement.slot] : undefined
    }
    assert.equal(place(preemptor({ requests: { cpu: '1' } })), 'n2')
    assert.equal(place(preemptor({ requests: { cpu: '10' } })), 'n1')
  })
})
