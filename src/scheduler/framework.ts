import type { PodDisruptionBudget } from '../apis/policy/pod-disruption-budget.ts'
import type { NodeTable } from './node-table.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * The seam of plugins. A plugin prepares itself once for a pod and then answers for slots without allocating;
 * `undefined` means that it has nothing to say about this pod.
 */
export interface FilterPlugin {
  readonly name: string
  readonly prepare: (pod: PodInfo, cluster: ClusterState) => Filter | undefined
  /** Which changes may help a pod that this plugin refused. */
  readonly helpedBy: readonly ClusterChange[]
}

export interface Filter {
  readonly allows: (slot: number) => boolean
  /** Why a slot was refused, in upstream's words. */
  readonly reasons: (slot: number) => readonly string[]
  /** True where removing pods from the node can't help. */
  readonly unresolvable: (slot: number) => boolean
}

export interface ScorePlugin {
  readonly name: string
  readonly weight: number
  readonly prepare: (pod: PodInfo, cluster: ClusterState, feasible: readonly number[]) => Score | undefined
}

export interface Score {
  readonly of: (slot: number) => number
  /** How raw scores become 0 to 100: as they are, relative to the highest, or the lowest best. */
  readonly scale: 'none' | 'highest' | 'lowest'
}

/** What happened in the cluster, as far as it may make room for waiting pods. */
export type ClusterChange =
  | 'nodeAdded'
  | 'nodeResourcesChanged'
  | 'nodeLabelsChanged'
  /** Taints, or a cordon. */
  | 'nodeTaintsChanged'
  | 'podPlaced'
  | 'podRemoved'
  /** Labels of a placed pod, or of its namespace. */
  | 'podLabelsChanged'
  | 'podResized'

export interface ClusterState {
  readonly table: NodeTable
  /** Labels of a namespace, for terms that select namespaces. */
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined
  /** All that there are, for preemption. */
  readonly disruptionBudgets: () => readonly PodDisruptionBudget[]
}

export const maximumScore = 100
