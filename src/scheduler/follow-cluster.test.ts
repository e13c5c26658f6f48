import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Namespace } from '../apis/core/namespace.ts'
import type { Node } from '../apis/core/node.ts'
import type { Pod } from '../apis/core/pod.ts'
import type { ChangeHandler, Informer } from '../client/types.ts'
import { createManualClock } from '../storage/manual-clock.ts'
import { followCluster, type Informers } from './follow-cluster.ts'
import type { ClusterChange } from './framework.ts'
import { createNodeTable } from './node-table.ts'
import { createNominations } from './nominations.ts'
import { testNode, testPod } from './objects.test-support.ts'
import { createSchedulingQueue } from './queue.ts'

/** An informer that says what it is told to say. */
function fakeInformer<T>() {
  let handler: ChangeHandler<T> = () => {}
  const informer = {
    onChange(one: ChangeHandler<T>) {
      handler = one
      return () => {
        handler = () => {}
      }
    },
  } as unknown as Informer<never>
  return { informer, tell: (old: T | undefined, current: T | undefined) => handler(old, current) }
}

function follow() {
  const [pods, nodes, namespaces] = [fakeInformer<Pod>(), fakeInformer<Node>(), fakeInformer<Namespace>()]
  const changes: ClusterChange[] = []
  const table = createNodeTable()
  const nominations = createNominations()
  const queue = createSchedulingQueue({ clock: createManualClock(), onActive: () => {} })
  const watched = { ...queue, onChange: (change: ClusterChange) => void changes.push(change) }
  const metrics = { decided() {}, bound() {}, preempted() {}, gated() {} }
  const informers = { pods: pods.informer, nodes: nodes.informer, namespaces: namespaces.informer } as unknown as Informers
  const end = followCluster(informers, { table, queue: watched, nominations, metrics, schedulerName: 'default-scheduler' })
  const taken = () => changes.splice(0)
  return { pods, nodes, namespaces, table, nominations, queue, taken, end }
}

const placed = (name: string, parts: Parameters<typeof testPod>[1] = {}) =>
  testPod(name, { nodeName: 'n1', requests: { cpu: '1' }, ...parts })

test('a pod under the name of another one takes its place, also when only one change is told', () => {
  const { nodes, pods, table, queue, taken } = follow()
  nodes.tell(undefined, testNode('n1'))
  pods.tell(undefined, placed('old'))
  const successor = testPod('old', { metadata: { uid: 'new' } })
  taken()
  pods.tell(placed('old'), successor)
  assert.deepEqual([table.used(0, 0), table.placementOf('old'), taken()], [0, undefined, ['podRemoved']])
  assert.equal(queue.pop()?.info.uid, 'new')
})

test('each change of a placed pod is told once, as what it is', () => {
  const { nodes, pods, table, taken } = follow()
  nodes.tell(undefined, testNode('n1'))
  assert.deepEqual(taken(), ['nodeAdded'])
  const steps: readonly (readonly [Pod | undefined, readonly ClusterChange[], number])[] = [
    [testPod('p', { requests: { cpu: '1' } }), [], 0],
    [placed('p'), ['podPlaced'], 1000],
    [placed('p', { status: { phase: 'Running' } }), [], 1000],
    [placed('p', { labels: { app: 'x' } }), ['podLabelsChanged'], 1000],
    [placed('p', { labels: { app: 'x' }, requests: { cpu: '500m' } }), ['podResized'], 500],
    [placed('p', { labels: { app: 'x' }, status: { phase: 'Succeeded' } }), ['podRemoved'], 0],
    [placed('p', { status: { phase: 'Succeeded', message: 'again' } }), [], 0],
    [undefined, [], 0],
  ]
  let old: Pod | undefined
  for (const [current, expected, used] of steps) {
    pods.tell(old, current)
    assert.deepEqual([taken(), table.used(0, 0)], [expected, used])
    old = current
  }
})

test('a pod that was bound elsewhere than assumed counts there', () => {
  const { nodes, pods, table } = follow()
  for (const name of ['n1', 'n2']) nodes.tell(undefined, testNode(name))
  const waiting = testPod('p', { requests: { cpu: '1' } })
  pods.tell(undefined, waiting)
  pods.tell(undefined, placed('assumed'))
  pods.tell(waiting, { ...placed('p'), spec: { ...placed('p').spec, nodeName: 'n2' } as NonNullable<Pod['spec']> })
  assert.deepEqual([table.used(0, 0), table.used(1, 0)], [1000, 1000])
})

test('promises are taken from the pod and end with it', () => {
  const { pods, nominations, taken } = follow()
  const waiting = testPod('p')
  const promised = testPod('p', { status: { nominatedNodeName: 'n1' } })
  pods.tell(undefined, waiting)
  assert.equal(nominations.nodeOf('p'), undefined)
  pods.tell(waiting, promised)
  assert.equal(nominations.nodeOf('p'), 'n1')
  pods.tell(promised, undefined)
  assert.deepEqual([nominations.nodeOf('p'), taken()], [undefined, ['podRemoved']])
})

test('of nodes and namespaces only what matters is told', () => {
  const { nodes, namespaces, table, taken, end } = follow()
  const parts = { allocatable: { cpu: '1', pods: '1' } }
  const node = testNode('n1', parts)
  nodes.tell(undefined, node)
  taken()
  const changed: readonly (readonly [Node, readonly ClusterChange[]])[] = [
    [{ ...node, status: { ...node.status, conditions: [] } }, []],
    [testNode('n1', { allocatable: { cpu: '2', pods: '1' } }), ['nodeResourcesChanged']],
    [testNode('n1', { ...parts, labels: { a: 'b' } }), ['nodeLabelsChanged']],
    [testNode('n1', { ...parts, unschedulable: true }), ['nodeTaintsChanged']],
    [testNode('n1', { ...parts, taints: [{ key: 'a', effect: 'NoSchedule' }] }), ['nodeTaintsChanged']],
  ]
  for (const [current, expected] of changed) {
    nodes.tell(node, current)
    assert.deepEqual(taken(), expected)
    nodes.tell(current, node)
    taken()
  }
  const namespace = (labels: Record<string, string>): Namespace => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'a', labels },
  })
  namespaces.tell(namespace({}), namespace({ team: 'x' }))
  assert.deepEqual(taken(), ['podLabelsChanged'])
  nodes.tell(node, undefined)
  assert.equal(table.nodeCount, 0)
  end()
  nodes.tell(undefined, node)
  assert.equal(table.nodeCount, 0)
})
