import { isDeepStrictEqual } from 'node:util'
import type { PodCondition, PodStatus } from '../../apis/core/pod-status.ts'

/** Lists that strategic merge would join with the old elements; the kubelet means them as a whole. */
const replacedLists = new Set(['podIPs', 'hostIPs'])
const owned = [
  'observedGeneration',
  'phase',
  'reason',
  'message',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
  'qosClass',
] as const

/** The smallest strategic merge patch from one status to the other; undefined where they say the same. */
export function statusPatch(before: PodStatus, after: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  for (const field of owned) {
    const value = after[field]
    if (isDeepStrictEqual(plain(before[field]), plain(value))) continue
    if (value === undefined) patch[field] = null
    else
      patch[field] =
        replacedLists.has(field) && before[field] !== undefined ? [{ $patch: 'replace' }, ...(value as readonly unknown[])] : value
  }
  const conditions = (after.conditions ?? []).filter(condition => !isSameCondition(before, condition))
  // Conditions merge by type, so those of other writers stay.
  if (conditions.length) patch.conditions = conditions.map(condition => withRemovals(before, condition))
  return Object.keys(patch).length ? patch : undefined
}

/** What JSON says of a value: fields that are undefined are not there. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

const find = ({ conditions }: PodStatus, type: string) => conditions?.find(condition => condition.type === type)

function isSameCondition(before: PodStatus, condition: PodCondition): boolean {
  const old = find(before, condition.type)
  const fields = ['status', 'reason', 'message', 'observedGeneration'] as const
  return old !== undefined && fields.every(field => old[field] === condition[field])
}

function withRemovals(before: PodStatus, condition: PodCondition): Record<string, unknown> {
  const old = find(before, condition.type)
  const removed = (['reason', 'message'] as const).filter(field => old?.[field] !== undefined && condition[field] === undefined)
  return { ...condition, ...Object.fromEntries(removed.map(field => [field, null])) }
}
