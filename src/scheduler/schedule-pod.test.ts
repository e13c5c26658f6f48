import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Node, Taint } from '../apis/core/node.ts'
import { podRequests, resourceAmount } from '../apis/core/pod/requests.ts'
import type { Pod } from '../apis/core/pod.ts'
import { seededRandom } from '../base/index.ts'
import { testCluster, testNode, testPod } from './objects.test-support.ts'
import { filterPlugins, scorePlugins } from './plugins/index.ts'
import { describePod } from './pod-info.ts'
import { allows, feasibleNodesToFind, prepareFilters, schedulePod } from './schedule-pod.ts'

const profile = { filters: filterPlugins, scores: scorePlugins }

describe('filters over flat arrays', () => {
  const taint: fc.Arbitrary<Taint> = fc.record({
    key: fc.constantFrom('a', 'b'),
    effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
  })
  const requests = fc.record(
    { cpu: fc.constantFrom('0', '500m', '1', '2'), memory: fc.constantFrom('1Gi', '2Gi'), 'example.com/gpu': fc.constant('1') },
    { requiredKeys: [] },
  )
  const node = fc.record({
    labels: fc.record({ disk: fc.constantFrom('ssd', 'hdd') }, { requiredKeys: [] }),
    allocatable: fc.record(
      { pods: fc.constantFrom('1', '3'), cpu: fc.constantFrom('1', '2'), memory: fc.constant('3Gi'), 'example.com/gpu': fc.constant('1') },
      { requiredKeys: ['pods', 'cpu'] },
    ),
    taints: fc.array(taint, { maxLength: 2 }),
    unschedulable: fc.boolean(),
  })
  const pod = fc.record({
    requests,
    hostPort: fc.constantFrom(0, 0, 80, 81),
    nodeSelector: fc.record({ disk: fc.constantFrom('ssd', 'hdd') }, { requiredKeys: [] }),
    tolerated: fc.subarray(['a', 'b', 'node.kubernetes.io/unschedulable']),
  })
  const build = (name: string, { requests, hostPort, nodeSelector, tolerated }: typeof pod extends fc.Arbitrary<infer T> ? T : never) =>
    testPod(name, {
      nodeSelector: nodeSelector as Record<string, string>,
      tolerations: tolerated.map(key => ({ key, operator: 'Exists' })),
      containers: [
        { resources: { requests: requests as Record<string, string> }, ...(hostPort > 0 && { ports: [{ containerPort: 1, hostPort }] }) },
      ],
    })

  /** The rules as one would say them, on the objects themselves. */
  function fitsNaively(wanted: Pod, on: Node, running: readonly Pod[]): boolean {
    const tolerated = (wanted.spec?.tolerations ?? []).map(toleration => toleration.key)
    if (on.spec?.unschedulable && !tolerated.includes('node.kubernetes.io/unschedulable')) return false
    if (on.spec?.taints?.some(one => one.effect !== 'PreferNoSchedule' && !tolerated.includes(one.key))) return false
    if (Object.entries(wanted.spec?.nodeSelector ?? {}).some(([key, value]) => on.metadata.labels?.[key] !== value)) return false
    const ports = (one: Pod) => (one.spec?.containers ?? []).flatMap(container => container.ports ?? []).map(port => port.hostPort)
    if (running.some(other => ports(other).some(port => ports(wanted).includes(port)))) return false
    const room = (name: string) => resourceAmount(name, on.status?.allocatable?.[name] ?? '0')
    if (running.length + 1 > room('pods')) return false
    return Object.entries(podRequests(wanted)).every(
      ([name, asked]) => asked === 0 || asked + running.reduce((sum, other) => sum + (podRequests(other)[name] ?? 0), 0) <= room(name),
    )
  }

  test('agree with the rules said plainly, and a pod goes only where they allow it', () => {
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(3), pod), { maxLength: 6 }),
        pod,
        (nodeParts, placed, wantedParts) => {
          const nodes = nodeParts.map((parts, index) => testNode(`n${index}`, parts as Parameters<typeof testNode>[1]))
          const cluster = testCluster(nodes)
          const running: Pod[][] = nodes.map(() => [])
          for (const [index, [at, parts]] of placed.entries()) {
            const one = build(`r${index}`, parts)
            running[at % nodes.length]?.push(one)
            cluster.place(`n${at % nodes.length}`, one)
          }
          const wanted = build('wanted', wantedParts)
          const info = describePod(wanted)
          const filters = prepareFilters(info, cluster, profile)
          const expected = nodes.map((one, index) => fitsNaively(wanted, one, running[index] ?? []))
          assert.deepEqual(
            nodes.map((_, index) => allows(filters, cluster.slot(`n${index}`))),
            expected,
          )
          const placement = schedulePod(info, cluster, profile, { next: 0, random: () => 0.5 })
          assert.equal(placement.fits, expected.includes(true))
          if (placement.fits) return assert.equal(expected[placement.slot], true)
          // Each node has at least one reason.
          const reasons = [...placement.diagnosis.reasons.values()].reduce((sum, count) => sum + count, 0)
          assert.ok(reasons >= nodes.length)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('the choice of a node', () => {
  test('looks at a share of the nodes of large clusters', () => {
    const cases = [
      [1, 1],
      [100, 100],
      [101, 100],
      [250, 120],
      [1000, 420],
      [5000, 500],
      [10_000, 500],
    ] as const
    for (const [nodes, expected] of cases) assert.equal(feasibleNodesToFind(nodes), expected, `${nodes} nodes`)
  })

  test('starts where it ended, so that all nodes have their turn', () => {
    const cluster = testCluster(Array.from({ length: 300 }, (_, index) => testNode(`n${index}`)))
    const search = { next: 0, random: seededRandom(1).next }
    const seen: number[] = []
    for (let round = 0; round < 3; round++) {
      seen.push(search.next)
      schedulePod(describePod(testPod(`p${round}`)), cluster, profile, search)
    }
    assert.deepEqual(seen, [0, 144, 288])
  })

  test('spreads equal pods over equal nodes', () => {
    const cluster = testCluster(Array.from({ length: 5 }, (_, index) => testNode(`n${index}`)))
    const search = { next: 0, random: seededRandom(1).next }
    for (let index = 0; index < 50; index++) {
      const info = describePod(testPod(`p${index}`, index % 2 ? { requests: { cpu: '50m', memory: '32Mi' } } : {}))
      const placement = schedulePod(info, cluster, profile, search)
      assert.ok(placement.fits)
      cluster.table.addPod(cluster.table.names[placement.slot] as string, info)
    }
    const counts = Array.from({ length: 5 }, (_, index) => cluster.table.podsOn(cluster.slot(`n${index}`)).size)
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 3, `pods on each node: ${counts.join(', ')}`)
  })

  test('slots of nodes that left are not looked at', () => {
    const cluster = testCluster([testNode('gone'), testNode('here')])
    cluster.table.removeNode('gone')
    const placement = schedulePod(describePod(testPod('p')), cluster, profile, { next: 0, random: () => 0 })
    assert.equal(placement.fits && cluster.table.names[placement.slot], 'here')
  })
})
