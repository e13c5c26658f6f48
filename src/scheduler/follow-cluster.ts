import type { Namespace } from '../apis/core/namespace.ts'
import type { Node } from '../apis/core/node.ts'
import type { Pod } from '../apis/core/pod.ts'
import type { Informer } from '../client/types.ts'
import type { SchedulerMetrics } from './metrics.ts'
import type { NodeTable } from './node-table.ts'
import type { Nominations } from './nominations.ts'
import { describeAgain, describePod, podKey, sameForScheduling, sameLabels } from './pod-info.ts'
import { isGated, isPlaced, isTerminal, isWaitingFor } from './pod-state.ts'
import type { SchedulingQueue } from './queue.ts'

export interface Informers {
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly namespaces: Informer<Namespace>
}

export interface Followed {
  readonly table: NodeTable
  readonly queue: SchedulingQueue
  readonly nominations: Nominations
  readonly metrics: SchedulerMetrics
  readonly schedulerName: string
}

/** Keeps table and queue in line with the cluster, and wakes pods that a change may help. */
export function followCluster({ pods, nodes, namespaces }: Informers, followed: Followed): () => void {
  // Nodes first, so that the first pods already find them.
  const unsubscribe = [
    namespaces.onChange((old, current) => {
      if (old && current && !sameLabels(old.metadata.labels, current.metadata.labels)) followed.queue.onChange('podLabelsChanged')
    }),
    nodes.onChange((old, current) => followNode(old, current, followed)),
    pods.onChange((old, current) => followPod(old, current, followed)),
  ]
  return () => {
    for (const end of unsubscribe) end()
  }
}

function followPod(old: Pod | undefined, current: Pod | undefined, followed: Followed): void {
  if (old && current && old.metadata.uid !== current.metadata.uid) {
    followPod(old, undefined, followed)
    followPod(undefined, current, followed)
    return
  }
  const pod = (current ?? old) as Pod
  followed.metrics.gated(pod.metadata.uid ?? '', current !== undefined && isGated(current) && !current.metadata.deletionTimestamp)
  if (!current || isTerminal(current)) leave(pod, followed)
  else if (isPlaced(current)) settle(old, current, followed)
  else if (isWaitingFor(followed.schedulerName, current)) wait(old, current, followed)
  else stopWaiting(current, followed)
}

/** A pod takes no room any more. */
function leave(pod: Pod, { table, queue, nominations }: Followed): void {
  const uid = pod.metadata.uid ?? ''
  const tookRoom = table.placementOf(uid) !== undefined || nominations.nodeOf(uid) !== undefined
  queue.remove(podKey(pod))
  nominations.remove(uid)
  table.removePod(uid)
  if (tookRoom) queue.onChange('podRemoved')
}

/** A pod has a node, by us or by somebody else. */
function settle(old: Pod | undefined, current: Pod, { table, queue, nominations }: Followed): void {
  const uid = current.metadata.uid ?? ''
  const nodeName = current.spec?.nodeName as string
  const wasPlaced = old !== undefined && isPlaced(old)
  if (old && !wasPlaced) queue.remove(podKey(current))
  nominations.remove(uid)
  const known = table.placementOf(uid)
  const info = known ? describeAgain(known.info, current) : describePod(current)
  if (info !== known?.info || nodeName !== known.nodeName) table.addPod(nodeName, info)
  if (!wasPlaced) queue.onChange('podPlaced')
  else if (!sameLabels(old.metadata.labels, current.metadata.labels)) queue.onChange('podLabelsChanged')
  if (known && takesLess(known.info.requests, info.requests)) queue.onChange('podResized')
}

type Amounts = Readonly<Record<string, number>>

function takesLess(before: Amounts, now: Amounts): boolean {
  if (before === now) return false
  for (const name in before) if ((now[name] ?? 0) < (before[name] ?? 0)) return true
  return false
}

function wait(old: Pod | undefined, current: Pod, { table, queue, nominations, schedulerName }: Followed): void {
  const uid = current.metadata.uid ?? ''
  const info = describePod(current)
  if (old && isWaitingFor(schedulerName, old)) queue.update(info, !sameForScheduling(old, current))
  else queue.add(info)
  // What was promised before a restart, or by hand; a placement under way is more than a promise.
  const promised = current.status?.nominatedNodeName
  if (promised === old?.status?.nominatedNodeName || table.placementOf(uid)) return
  if (promised) nominations.add(info, promised)
  else nominations.remove(uid)
}

/** It is being deleted, has gates, or is another scheduler's. */
function stopWaiting(pod: Pod, { queue, nominations }: Followed): void {
  queue.remove(podKey(pod))
  const uid = pod.metadata.uid ?? ''
  if (nominations.nodeOf(uid) === undefined) return
  nominations.remove(uid)
  queue.onChange('podRemoved')
}

function followNode(old: Node | undefined, current: Node | undefined, { table, queue }: Followed): void {
  if (!current) return table.removeNode(old?.metadata.name ?? '')
  table.setNode(current)
  if (!old) return queue.onChange('nodeAdded')
  // Heartbeats and addresses help nobody; room, labels, taints and cordons may.
  if (differs(old.status?.allocatable, current.status?.allocatable)) queue.onChange('nodeResourcesChanged')
  if (!sameLabels(old.metadata.labels, current.metadata.labels)) queue.onChange('nodeLabelsChanged')
  if (old.spec?.unschedulable !== current.spec?.unschedulable || differs(old.spec?.taints, current.spec?.taints))
    queue.onChange('nodeTaintsChanged')
}

const differs = (left: unknown, right: unknown): boolean => left !== right && JSON.stringify(left) !== JSON.stringify(right)
