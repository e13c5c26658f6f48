import type { StatefulSet } from '../../apis/apps/stateful-set.ts'
import { isPodReady, isPodTerminal } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { untilAvailable } from '../pod-control.ts'
import { firstOrdinal, ordinalOf, revisionOfPod } from './identity.ts'

/** What is to be done next about the pods of a stateful set: pure. */
export type Action =
  | { readonly type: 'create'; readonly ordinal: number; readonly revision: 'current' | 'update' }
  | { readonly type: 'delete'; readonly pod: Pod; readonly ended: boolean }
  /** Brings the labels of the pod and the owners of its claims in order. */
  | { readonly type: 'settle'; readonly pod: Pod; readonly ordinal: number; readonly condemned: boolean }

interface Member {
  readonly ordinal: number
  readonly pod: Pod
}

interface Members {
  /** Wanted ordinals, with their pods where there are some: all that have one, and as many without as can be filled at once. */
  readonly wanted: readonly { readonly ordinal: number; readonly pod: Pod | undefined }[]
  /** Pods beyond, the highest first. */
  readonly condemned: readonly Member[]
}

/** No more pods are made at once: those who wait see what came of them first. */
const burst = 500

export function planActions(set: StatefulSet, pods: readonly Pod[], updateRevision: string, now_ms: number): readonly Action[] {
  if (set.metadata.deletionTimestamp) return []
  const members = membersOf(set, pods)
  const isOrdered = set.spec?.podManagementPolicy !== 'Parallel'
  const actions: Action[] = settle(members)
  const isAvailable = (pod: Pod): boolean => isHealthy(pod) && untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now_ms) === 0
  for (const { ordinal, pod } of members.wanted) {
    if (pod === undefined) actions.push({ type: 'create', ordinal, revision: revisionForNew(set, ordinal) })
    else if (isPodTerminal(pod) && !pod.metadata.deletionTimestamp) actions.push({ type: 'delete', pod, ended: true })
    if (isOrdered && (pod === undefined || !isAvailable(pod))) return actions
  }
  const firstUnhealthy = firstUnhealthyOf(members)
  for (const { pod } of members.condemned) {
    const isGoing = pod.metadata.deletionTimestamp !== undefined
    if (isOrdered && (isGoing || (!isAvailable(pod) && pod !== firstUnhealthy))) return actions
    if (!isGoing) actions.push({ type: 'delete', pod, ended: false })
    if (isOrdered) return actions
  }
  return [...actions, ...planUpdate(set, members, updateRevision, isAvailable)]
}

/** Running, ready and not about to go. */
const isHealthy = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod) && !pod.metadata.deletionTimestamp

function membersOf(set: StatefulSet, pods: readonly Pod[]): Members {
  const start = firstOrdinal(set)
  const end = start + (set.spec?.replicas ?? 1)
  const byOrdinal = new Map(pods.map(pod => [ordinalOf(set, pod), pod]))
  // Billions of replicas can be asked for: what is planned goes by the pods that are there.
  const near = Math.min(end, start + byOrdinal.size + burst)
  const wanted: Members['wanted'][number][] = []
  for (let ordinal = start; ordinal < near; ordinal++) wanted.push({ ordinal, pod: byOrdinal.get(ordinal) })
  const far: Member[] = []
  const condemned: Member[] = []
  for (const [ordinal, pod] of byOrdinal) {
    if (ordinal === undefined) continue
    if (ordinal < start || ordinal >= end) condemned.push({ ordinal, pod })
    else if (ordinal >= near) far.push({ ordinal, pod })
  }
  wanted.push(...far.sort((left, right) => left.ordinal - right.ordinal))
  return { wanted, condemned: condemned.sort((left, right) => right.ordinal - left.ordinal) }
}

function firstUnhealthyOf({ wanted, condemned }: Members): Pod | undefined {
  const all = [...wanted, ...condemned].sort((left, right) => left.ordinal - right.ordinal)
  return all.find(({ pod }) => pod !== undefined && !isHealthy(pod))?.pod
}

const settle = ({ wanted, condemned }: Members): Action[] => [
  ...wanted.flatMap(({ ordinal, pod }) => (pod ? [{ type: 'settle' as const, pod, ordinal, condemned: false }] : [])),
  ...condemned.map(({ ordinal, pod }) => ({ type: 'settle' as const, pod, ordinal, condemned: true })),
]

/** Below the partition of a rolling update, pods come back as they were. */
function revisionForNew(set: StatefulSet, ordinal: number): 'current' | 'update' {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {}
  return type === 'RollingUpdate' && ordinal < firstOrdinal(set) + (rollingUpdate?.partition ?? 0) ? 'current' : 'update'
}

/** Old pods go from the highest number down, as long as no more than allowed are missing. Those that do no work cost nothing. */
function planUpdate(set: StatefulSet, { wanted }: Members, updateRevision: string, isAvailable: (pod: Pod) => boolean): Action[] {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {}
  if (type !== 'RollingUpdate') return []
  const most = mostUnavailable(rollingUpdate?.maxUnavailable, set.spec?.replicas ?? 1)
  const partition = firstOrdinal(set) + (rollingUpdate?.partition ?? 0)
  const isOld = (pod: Pod): boolean => revisionOfPod(pod) !== updateRevision && !pod.metadata.deletionTimestamp
  const unavailable = wanted.filter(({ pod }) => pod === undefined || !isAvailable(pod))
  let missing = unavailable.length
  const missingNew = unavailable.filter(({ pod }) => pod === undefined || !isOld(pod)).length
  const actions: Action[] = []
  for (const { ordinal, pod } of wanted.toReversed()) {
    if (ordinal < partition) break
    if (pod === undefined || !isOld(pod)) continue
    if (isAvailable(pod)) {
      if (missing >= most) continue
      missing++
    } else if (missingNew >= most) continue
    actions.push({ type: 'delete', pod, ended: false })
  }
  return actions
}

/** A share is rounded down, but one may always go. */
function mostUnavailable(value: number | string | undefined, replicas: number): number {
  const most = typeof value === 'string' ? Math.floor((Number.parseInt(value, 10) * replicas) / 100) : (value ?? 1)
  return Math.max(1, most)
}
