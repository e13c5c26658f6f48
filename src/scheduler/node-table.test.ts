import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Node } from '../apis/core/node.ts'
import { resourceAmount } from '../apis/core/pod/requests.ts'
import type { Pod } from '../apis/core/pod.ts'
import { createNodeTable, type NodeTable } from './node-table.ts'
import { testNode, testPod } from './objects.test-support.ts'
import { describePod, type PodInfo } from './pod-info.ts'

const nodeName = fc.constantFrom('n1', 'n2', 'n3')
const podName = fc.constantFrom('p1', 'p2', 'p3', 'p4')
const amounts = fc.record(
  { cpu: fc.constantFrom('0', '250m', '1', '1.5'), memory: fc.constantFrom('64Mi', '1Gi'), 'example.com/gpu': fc.constantFrom('1', '2') },
  { requiredKeys: [] },
)
const anti = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: { matchLabels: { app: 'x' } } }],
  },
}
const near = {
  podAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'x' } } } },
    ],
  },
}
const node = fc
  .record({
    name: nodeName,
    allocatable: amounts,
    unschedulable: fc.boolean(),
    image: fc.constantFrom('a', 'b'),
    taint: fc.constantFrom('', 't'),
  })
  .map(({ name, allocatable, unschedulable, image, taint }) =>
    testNode(name, {
      allocatable: { pods: '10', ...allocatable },
      unschedulable,
      images: [{ names: [image], sizeBytes: 10 }],
      ...(taint && { taints: [{ key: taint, effect: 'NoSchedule' }] }),
    }),
  )
const pod = fc
  .record({ name: podName, requests: amounts, affinity: fc.constantFrom(undefined, anti, near) })
  .map(({ name, requests, affinity }) => testPod(name, { requests, ...(affinity && { affinity }) }))

const step = fc.oneof(
  node.map(one => ({ type: 'setNode', node: one }) as const),
  nodeName.map(name => ({ type: 'removeNode', name }) as const),
  fc.tuple(nodeName, pod).map(([name, one]) => ({ type: 'addPod', name, pod: one }) as const),
  podName.map(name => ({ type: 'removePod', name }) as const),
)

/** The same as plain maps, summed up anew each time. */
interface Model {
  readonly nodes: Map<string, Node>
  readonly pods: Map<string, { readonly node: string; readonly pod: Pod }>
}

function expectSame(table: NodeTable, { nodes, pods }: Model): void {
  assert.deepEqual(table.names.filter(name => name !== undefined).sort(), [...nodes.keys()].sort())
  assert.equal(table.nodeCount, nodes.size)
  for (const [name, expected] of nodes) {
    const slot = table.slotOf(name) as number
    assert.equal(table.nodes[slot], expected)
    const here = [...pods.values()].filter(one => one.node === name).map(one => describePod(one.pod))
    assert.deepEqual([...table.podsOn(slot).keys()].sort(), here.map(info => info.uid).sort())
    for (const [column, resource] of table.columns.entries()) {
      const allocatable = expected.status?.allocatable?.[resource]
      assert.equal(table.allocatable(slot, column), allocatable === undefined ? 0 : resourceAmount(resource, allocatable), resource)
      const used = resource === 'pods' ? here.length : here.reduce((sum, info) => sum + (info.requests[resource] ?? 0), 0)
      assert.equal(table.used(slot, column), used, `${resource} used on ${name}`)
    }
    assert.equal(
      table.scoredCpu(slot),
      here.reduce((sum, info) => sum + info.scoredCpu, 0),
    )
    assert.equal(
      table.scoredMemory(slot),
      here.reduce((sum, info) => sum + info.scoredMemory, 0),
    )
    assert.equal(table.unschedulable(slot), expected.spec?.unschedulable === true)
    assert.deepEqual(table.taintSets[table.taintSet(slot)], expected.spec?.taints ?? [])
  }
  for (const image of ['a', 'b']) {
    const having = [...nodes.values()].filter(one => one.status?.images?.[0]?.names?.[0] === image)
    assert.equal(table.nodesWithImage(image), having.length)
  }
  const placed = [...pods.values()].filter(one => nodes.has(one.node))
  const infos = placed.map(one => ({ slot: table.slotOf(one.node) as number, info: describePod(one.pod) }))
  const expected = (pick: (info: PodInfo) => readonly (readonly [key: string, weight: number])[]) => {
    const sums = new Map<string, number>()
    for (const { slot, info } of infos)
      for (const [key, weight] of pick(info)) sums.set(`${key} ${slot}`, (sums.get(`${key} ${slot}`) ?? 0) + weight)
    return [...sums].sort()
  }
  const held = (actual: ReadonlyMap<string, { readonly bySlot: ReadonlyMap<number, number> }>) =>
    [...actual].flatMap(([key, { bySlot }]) => [...bySlot].map(([slot, sum]) => [`${key} ${slot}`, sum] as const)).sort()
  assert.deepEqual(
    held(table.groups),
    expected(info => [[info.group, 1]]),
  )
  assert.deepEqual(
    held(table.antiAffinityTerms),
    expected(info => info.requiredAntiAffinity.map(term => [term.key, 1])),
  )
  assert.deepEqual(
    held(table.preferredTerms),
    expected(info => info.preferredAffinity.map(term => [term.key, term.weight])),
  )
}

describe('the node table', () => {
  test('whatever comes and goes in whatever order, it sums up as a plain model does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const table = createNodeTable()
        const model: Model = { nodes: new Map(), pods: new Map() }
        for (const one of steps) {
          switch (one.type) {
            case 'setNode':
              table.setNode(one.node)
              model.nodes.set(one.node.metadata.name ?? '', one.node)
              break
            case 'removeNode':
              table.removeNode(one.name)
              model.nodes.delete(one.name)
              break
            case 'addPod':
              table.addPod(one.name, describePod(one.pod))
              model.pods.set(one.pod.metadata.uid ?? '', { node: one.name, pod: one.pod })
              break
            case 'removePod':
              table.removePod(one.name)
              model.pods.delete(one.name)
          }
          expectSame(table, model)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('many nodes and late resources keep their rows apart', () => {
    const table = createNodeTable()
    for (let index = 0; index < 100; index++) table.setNode(testNode(`n${index}`, { allocatable: { cpu: String(index), pods: '1' } }))
    table.setNode(testNode('late', { allocatable: { 'example.com/fpga': '7' } }))
    for (let index = 0; index < 100; index++) assert.equal(table.allocatable(table.slotOf(`n${index}`) as number, 0), index * 1000)
    assert.equal(table.allocatable(table.slotOf('late') as number, table.columnOf('example.com/fpga')), 7)
  })
})
