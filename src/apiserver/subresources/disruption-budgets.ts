import { forbidden, StatusError, tooManyRequests } from '../../apimachinery/api-errors.ts'
import type { Condition, KubernetesObject } from '../../apimachinery/meta.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import { isPodReady } from '../../apis/core/pod/status-text.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { type PodDisruptionBudget, podDisruptionBudgetKind } from '../../apis/policy/pod-disruption-budget.ts'
import type { SubresourceRequest } from '../types.ts'
import { withCondition } from './pod-condition.ts'

/** What the budgets of a pod say to its eviction. */
export interface BudgetDecision {
  /** The pod must still be as it was looked at, since the decision rests on it. */
  readonly pinned: boolean
  /** The budget that was asked; undefined where none counts. */
  readonly budget: string | undefined
}

const unguarded: BudgetDecision = { pinned: false, budget: undefined }

/** Evictions that a budget has granted and its controller has not seen: more would make the object too large. */
const mostDisruptedPods = 2000

/** Asks the budget of a pod and takes one disruption from it, or throws what the client is to be told. */
export async function spendBudget(request: SubresourceRequest, pod: Pod, now: string): Promise<BudgetDecision> {
  const [budget, ...others] = budgetsOf(request, pod)
  if (budget === undefined) return unguarded
  if (others.length > 0) throw severalBudgets()
  const name = budget.metadata.name ?? ''
  if (!isPodReady(pod) && mayGoUnhealthy(budget)) return { pinned: true, budget: name }
  const podName = pod.metadata.name ?? ''
  await request.objects.change({
    context: request.context,
    kind: request.objects.kind('policy', 'poddisruptionbudgets') ?? (podDisruptionBudgetKind as never),
    namespace: request.namespace,
    name,
    subresource: 'status',
    fieldManager: request.fieldManager,
    change: current => spend(current as PodDisruptionBudget, podName, now),
  })
  return { pinned: false, budget: name }
}

function budgetsOf({ objects, namespace }: SubresourceRequest, { metadata: { labels } }: Pod): readonly PodDisruptionBudget[] {
  if (labels === undefined || Object.keys(labels).length === 0) return []
  const kind = objects.kind('policy', 'poddisruptionbudgets')
  if (kind === undefined) return []
  const budgets = objects.list(kind, namespace) as readonly PodDisruptionBudget[]
  return budgets.filter(({ spec }) => labelSelectorMatcher(spec?.selector).matches(labels))
}

/** Pods that do no work can go without harm: always, or as long as enough others work. */
function mayGoUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const desired = status?.desiredHealthy ?? 0
  return desired > 0 && (status?.currentHealthy ?? 0) >= desired
}

/** The budget with one disruption less; its controller fills it up again once the pod is gone. */
function spend(budget: PodDisruptionBudget, podName: string, now: string): KubernetesObject {
  const { metadata, status = {} } = budget
  const name = metadata.name ?? ''
  const allowed = status.disruptionsAllowed ?? 0
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw budgetNotReady(name)
  if (allowed < 0) throw refused(name, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > mostDisruptedPods) {
    throw refused(name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  }
  if (allowed === 0) throw violated(budget)
  const left = allowed - 1
  const conditions = left > 0 ? status.conditions : withCondition(status.conditions, noMore(status.observedGeneration), now)
  return {
    ...budget,
    status: { ...status, disruptionsAllowed: left, disruptedPods: { ...status.disruptedPods, [podName]: now }, conditions },
  } as KubernetesObject
}

const noMore = (observedGeneration: number | undefined): Omit<Condition, 'lastTransitionTime'> => ({
  type: 'DisruptionAllowed',
  status: 'False',
  reason: 'InsufficientPods',
  message: '',
  ...(observedGeneration !== undefined && { observedGeneration }),
})

const refused = (name: string, why: string): StatusError => forbidden({ group: 'policy', resource: 'poddisruptionbudget' }, name, why)

/** Clients wait and try again: the budget has not been looked at since it was changed, or since the pod was. */
export const budgetNotReady = (name: string): StatusError =>
  tooMany(10, `The disruption budget ${name} is still being processed by the server.`)

function violated({ metadata: { name }, status }: PodDisruptionBudget): StatusError {
  const failed = status?.conditions?.find(
    ({ type, status, reason }) => type === 'DisruptionAllowed' && status === 'False' && reason === 'SyncFailed',
  )
  if (failed) {
    return tooMany(0, `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`)
  }
  const { desiredHealthy = 0, currentHealthy = 0 } = status ?? {}
  return tooMany(0, `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`)
}

function tooMany(retryAfterSeconds: number, message: string): StatusError {
  const { status } = tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds)
  const causes = [{ reason: 'DisruptionBudget', message }]
  return new StatusError({ ...status, details: { ...(retryAfterSeconds > 0 && { retryAfterSeconds }), causes } })
}

const severalBudgets = (): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    code: 500,
  })
