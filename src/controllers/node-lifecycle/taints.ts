import type { Node, NodeCondition, Taint } from '../../apis/core/node.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { Toleration } from '../../apis/core/scheduling-terms.ts'

/** Taints that follow a node's conditions, and what they mean for the pods on it: pure. */

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const unschedulable = 'node.kubernetes.io/unschedulable'

/** By condition and its status, the key of the taint that goes with it. */
const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReady, Unknown: unreachable },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}

const ours = new Set([unschedulable, ...Object.values(conditionTaints).flatMap(byStatus => Object.values(byStatus))])

/** The node's taints as they should be, or undefined when they are. Taints of others are left alone. */
export function reconcileTaints(node: Node, now: string): readonly Taint[] | undefined {
  const current = node.spec?.taints ?? []
  const wanted = wantedTaints(node)
  const isWanted = (taint: Taint) => wanted.some(one => one.key === taint.key && one.effect === taint.effect)
  const kept = current.filter(taint => !ours.has(taint.key ?? '') || isWanted(taint))
  const missing = wanted.filter(taint => !current.some(one => one.key === taint.key && one.effect === taint.effect))
  if (kept.length === current.length && missing.length === 0) return undefined
  return [...kept, ...missing.map(taint => ({ ...taint, timeAdded: now }))]
}

function wantedTaints(node: Node): Taint[] {
  const taints: Taint[] = node.spec?.unschedulable ? [{ key: unschedulable, effect: 'NoSchedule' }] : []
  for (const condition of node.status?.conditions ?? []) {
    const key = conditionTaints[condition.type ?? '']?.[condition.status ?? '']
    if (!key) continue
    taints.push({ key, effect: 'NoSchedule' })
    if (condition.type === 'Ready') taints.push({ key, effect: 'NoExecute' })
  }
  return taints
}

/** When a pod must leave a node for its NoExecute taints: a time in milliseconds, or undefined while it may stay. */
export function evictionTime(pod: Pod, taints: readonly Taint[], now_ms: number): number | undefined {
  let earliest: number | undefined
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue
    const tolerating = (pod.spec?.tolerations ?? []).filter(toleration => tolerates(toleration, taint))
    if (tolerating.length === 0) return now_ms
    const limits = tolerating.flatMap(toleration =>
      toleration.tolerationSeconds === undefined ? [] : [Math.max(0, toleration.tolerationSeconds)],
    )
    if (limits.length === 0) continue
    const since_ms = taint.timeAdded ? Date.parse(taint.timeAdded) : now_ms
    const at = since_ms + Math.min(...limits) * 1000
    earliest = Math.min(earliest ?? at, at)
  }
  return earliest
}

const tolerates = (toleration: Toleration, taint: Taint): boolean =>
  (!toleration.effect || toleration.effect === taint.effect) &&
  (!toleration.key || toleration.key === taint.key) &&
  (toleration.operator === 'Exists' || ((toleration.operator ?? 'Equal') === 'Equal' && (toleration.value ?? '') === (taint.value ?? '')))

/** The node's conditions once nothing has been heard of it for too long. */
export function unknownConditions(node: Node, now: string): NodeCondition[] | undefined {
  const conditions = node.status?.conditions ?? []
  const types = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']
  const changed = types.map(type => {
    const known = conditions.find(condition => condition.type === type)
    if (known?.status === 'Unknown') return known
    const never = known === undefined
    return {
      ...known,
      type,
      status: 'Unknown',
      reason: never ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown',
      message: never ? 'Kubelet never posted node status.' : 'Kubelet stopped posting node status.',
      lastHeartbeatTime: known?.lastHeartbeatTime ?? node.metadata.creationTimestamp,
      lastTransitionTime: now,
    } as NodeCondition
  })
  if (changed.every(condition => conditions.includes(condition))) return undefined
  return [...conditions.filter(condition => !types.includes(condition.type ?? '')), ...changed]
}
