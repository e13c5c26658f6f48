import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { podKind } from '../apis/core/pod.ts'
import { formatTime } from '../base/clock.ts'
import type { FailureTools } from './failure.ts'
import type { NodeTable } from './node-table.ts'
import type { PodInfo } from './pod-info.ts'

/** Pods for which room was made on a node, until they are placed: others no more important must leave it to them. */
export interface Nominations {
  add(info: PodInfo, slot: number): void
  remove(uid: string): void
  /** Runs `decide` with the nominated pods that count for this one on their nodes. */
  around<T>(info: PodInfo, table: NodeTable, decide: () => T): T
  /** False while pods that were told to make room for this one are still leaving. */
  mayPreempt(info: PodInfo, table: NodeTable): boolean
}

export function createNominations(): Nominations {
  const nominated = new Map<string, { readonly info: PodInfo; readonly slot: number }>()
  return {
    add: (info, slot) => void nominated.set(info.uid, { info, slot }),
    remove: uid => void nominated.delete(uid),
    around(info, table, decide) {
      if (nominated.size === 0) return decide()
      const counted = [...nominated.values()].filter(
        other => other.info.uid !== info.uid && other.info.priority >= info.priority && table.names[other.slot] !== undefined,
      )
      for (const other of counted) table.addPod(table.names[other.slot] as string, other.info)
      try {
        return decide()
      } finally {
        for (const other of counted) table.removePod(table.names[other.slot] as string, other.info.uid)
      }
    },
    mayPreempt(info, table) {
      const own = nominated.get(info.uid)
      if (!own) return true
      return ![...table.podsOn(own.slot).values()].some(other => other.priority < info.priority && other.pod.metadata.deletionTimestamp)
    },
  }
}

export interface PreemptTools extends FailureTools {
  readonly schedulerName: string
}

/** Tells the victims to go: a condition says why, then they are deleted like by anyone else, with their grace period. */
export async function preempt(info: PodInfo, nodeName: string, victims: readonly PodInfo[], tools: PreemptTools): Promise<void> {
  await Promise.all(victims.map(victim => evict(victim, info, nodeName, tools)))
}

async function evict(
  victim: PodInfo,
  by: PodInfo,
  nodeName: string,
  { client, events, clock, schedulerName }: PreemptTools,
): Promise<void> {
  const { namespace, name } = victim.pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: formatTime(clock.now()),
  }
  try {
    await client.patch(
      podKind,
      namespace,
      name as string,
      { type: 'strategic', body: { metadata: { uid: victim.uid }, status: { conditions: [condition] } } },
      { subresource: 'status' },
    )
    await client.delete(podKind, namespace, name as string, { preconditions: { uid: victim.uid } })
  } catch (error) {
    // It left by itself, or another pod has its name by now.
    if (isNotFound(error) || isConflict(error)) return
    throw error
  }
  events.record(victim.pod, podKind, 'Normal', 'Preempted', `Preempted by pod ${by.uid} on node ${nodeName}`, { action: 'Preempting' })
}
