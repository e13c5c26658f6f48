import type { Node } from '../apis/core/node.ts'
import type { Pod } from '../apis/core/pod.ts'
import type { PodDisruptionBudget } from '../apis/policy/pod-disruption-budget.ts'
import type { ClusterState } from './framework.ts'
import { createNodeTable } from './node-table.ts'
import { describePod, type PodInfo } from './pod-info.ts'

type PodSpec = NonNullable<Pod['spec']>
type Container = PodSpec['containers'][number]

export interface PodParts extends Partial<Omit<PodSpec, 'containers'>> {
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly requests?: Readonly<Record<string, string>>
  readonly containers?: readonly Partial<Container>[]
  readonly status?: Pod['status']
  readonly metadata?: Partial<Pod['metadata']>
}

/** A pod as it would be stored; its uid is its name. */
export function testPod(name: string, parts: PodParts = {}): Pod {
  const { namespace = 'default', labels, requests, containers, status, metadata, ...spec } = parts
  const all = containers ?? [requests ? { resources: { requests } } : {}]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: name, ...(labels && { labels }), ...metadata },
    spec: { ...spec, containers: all.map((container, index) => ({ name: `c${index}`, image: 'app:1', ...container })) },
    ...(status && { status }),
  }
}

export interface NodeParts {
  readonly labels?: Readonly<Record<string, string>>
  readonly allocatable?: Readonly<Record<string, string>>
  readonly taints?: NonNullable<Node['spec']>['taints']
  readonly unschedulable?: boolean
  readonly images?: NonNullable<Node['status']>['images']
}

export function testNode(name: string, { labels, allocatable, taints, unschedulable, images }: NodeParts = {}): Node {
  const amounts = allocatable ?? { cpu: '4', memory: '8Gi', pods: '110' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
    status: { allocatable: amounts, capacity: amounts, ...(images && { images }) },
  }
}

export interface TestState extends ClusterState {
  /** Counts a pod on a node. */
  place(nodeName: string, pod: Pod): PodInfo
  slot(nodeName: string): number
  /** Counts with this budget from now on. */
  guard(budget: PodDisruptionBudget): void
}

export function testCluster(
  nodes: readonly Node[],
  namespaces: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): TestState {
  const table = createNodeTable()
  for (const node of nodes) table.setNode(node)
  const budgets: PodDisruptionBudget[] = []
  return {
    table,
    namespaceLabels: name => namespaces[name],
    disruptionBudgets: () => budgets,
    guard: budget => void budgets.push(budget),
    place(nodeName, pod) {
      const info = describePod(pod)
      table.addPod(nodeName, info)
      return info
    },
    slot: nodeName => table.slotOf(nodeName) as number,
  }
}
