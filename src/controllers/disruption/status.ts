import type { Condition } from '../../apimachinery/meta.ts'
import { isPodReady } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../apis/policy/pod-disruption-budget.ts'
import type { Expectation } from './expectation.ts'

/** How long a granted eviction counts before its pod must have been deleted. */
const deletionTimeout_ms = 2 * 60_000

export interface DisruptedPods {
  /** Those whose deletion is still to come, by name, with the time of the grant. */
  readonly pending: Readonly<Record<string, string>>
  /** Granted long ago, and still there: they count as healthy again. */
  readonly overdue: readonly Pod[]
  /** When the next one is overdue. */
  readonly recheckAfter_ms: number | undefined
}

export function disruptedPods({ status }: PodDisruptionBudget, pods: readonly Pod[], now_ms: number): DisruptedPods {
  const pending: Record<string, string> = {}
  const overdue: Pod[] = []
  let recheckAfter_ms: number | undefined
  const grants = new Map(Object.entries(status?.disruptedPods ?? {}))
  for (const pod of pods) {
    const name = pod.metadata.name ?? ''
    const granted = grants.get(name)
    if (granted === undefined || pod.metadata.deletionTimestamp) continue
    const left_ms = Date.parse(granted) + deletionTimeout_ms - now_ms
    if (left_ms <= 0) {
      overdue.push(pod)
      continue
    }
    pending[name] = granted
    recheckAfter_ms = Math.min(recheckAfter_ms ?? left_ms, left_ms)
  }
  return { pending, overdue, recheckAfter_ms }
}

/** The status that follows from the pods; the very same value when nothing changed. */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  { expectedPods, desiredHealthy }: Expectation,
  { pending }: DisruptedPods,
  now: string,
): PodDisruptionBudgetStatus {
  // `constructor` is a name that a pod may have.
  const isPending = (pod: Pod): boolean => Object.hasOwn(pending, pod.metadata.name ?? '')
  const healthy = pods.filter(pod => !pod.metadata.deletionTimestamp && !isPending(pod) && isPodReady(pod))
  const currentHealthy = healthy.length
  // Where no pods are expected yet, the first ones to come are not given away.
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0
  const observedGeneration = budget.metadata.generation ?? 0
  const condition: Omit<Condition, 'lastTransitionTime'> = {
    type: 'DisruptionAllowed',
    status: disruptionsAllowed > 0 ? 'True' : 'False',
    reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration,
  }
  const counts = { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, observedGeneration }
  const old = budget.status
  const same =
    Object.entries(counts).every(([field, count]) => (old?.[field as keyof typeof counts] ?? 0) === count) &&
    sameMembers(old?.disruptedPods ?? {}, pending)
  const conditions = withCondition(old?.conditions, condition, now)
  if (old && same && conditions === old.conditions) return old
  return { ...counts, ...(Object.keys(pending).length > 0 && { disruptedPods: pending }), conditions }
}

/** What can't be calculated allows nothing. */
export function failedStatus(budget: PodDisruptionBudget, message: string, now: string): PodDisruptionBudgetStatus {
  const old = budget.status ?? {}
  // The generation stays unobserved, so that evictions wait.
  const { observedGeneration = 0 } = old
  const condition = { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message, observedGeneration }
  const conditions = withCondition(old.conditions, condition, now)
  return conditions === old.conditions && (old.disruptionsAllowed ?? 0) === 0 ? old : { ...old, disruptionsAllowed: 0, conditions }
}

function sameMembers(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every(name => left[name] === right[name])
}

/** The conditions with this one in place; the very same list when it is there already. */
function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): readonly Condition[] {
  const before = conditions?.find(({ type }) => type === condition.type)
  const fields = ['status', 'reason', 'message', 'observedGeneration'] as const
  if (conditions && before && fields.every(field => (before[field] ?? '') === (condition[field] ?? ''))) return conditions
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now
  return [...(conditions?.filter(one => one !== before) ?? []), { ...condition, lastTransitionTime }]
}
