import type { Pod } from '../apis/core/pod.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { NodeTable } from './node-table.ts'
import type { PodInfo } from './pod-info.ts'

/** Pods for which room was made on a node, until they are placed: others no more important must leave it to them. */
export interface Nominations {
  add(info: PodInfo, nodeName: string): void
  remove(uid: string): void
  nodeOf(uid: string): string | undefined
  /** Runs `decide` with the nominated pods that count for this one on their nodes. */
  around<T>(info: PodInfo, table: NodeTable, decide: () => T): T
  /** Less important pods that were promised room on this node, which is now taken from them. */
  lessImportantOn(nodeName: string, priority: number): readonly PodInfo[]
}

export function createNominations(): Nominations {
  const nominated = new Map<string, { readonly info: PodInfo; readonly nodeName: string }>()
  return {
    add: (info, nodeName) => void nominated.set(info.uid, { info, nodeName }),
    remove: uid => void nominated.delete(uid),
    nodeOf: uid => nominated.get(uid)?.nodeName,
    around(info, table, decide) {
      if (nominated.size === 0) return decide()
      const counted = [...nominated.values()].filter(
        other => other.info.uid !== info.uid && other.info.priority >= info.priority && table.slotOf(other.nodeName) !== undefined,
      )
      for (const other of counted) table.addPod(other.nodeName, other.info)
      try {
        return decide()
      } finally {
        for (const other of counted) table.removePod(other.info.uid)
      }
    },
    lessImportantOn: (nodeName, priority) =>
      [...nominated.values()].filter(other => other.nodeName === nodeName && other.info.priority < priority).map(other => other.info),
  }
}

/** Why a pod must not make room for itself now, or undefined if it may. */
export function preemptionForbidden(
  info: PodInfo,
  nominatedNode: string | undefined,
  table: NodeTable,
  { resolvable }: Diagnosis,
): string | undefined {
  if (info.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const slot = nominatedNode === undefined ? undefined : table.slotOf(nominatedNode)
  // The node has changed so that making room there no longer helps: another one is looked for.
  if (slot === undefined || !resolvable.includes(slot)) return undefined
  for (const other of table.podsOn(slot).values())
    if (other.priority < info.priority && isLeavingForOthers(other.pod))
      return 'not eligible due to a terminating pod on the nominated node.'
  return undefined
}

const isLeavingForOthers = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined &&
  (pod.status?.conditions ?? []).some(
    condition => condition.type === 'DisruptionTarget' && condition.status === 'True' && condition.reason === 'PreemptionByScheduler',
  )
