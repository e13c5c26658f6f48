import { badRequest, isConflict, notFound, type Status } from '../../apimachinery/api-errors.ts'
import type { DeleteOptions, KubernetesObject } from '../../apimachinery/meta.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { type Clock, formatTime } from '../../base/clock.ts'
import type { SubresourceHandler, SubresourceRequest } from '../types.ts'
import { type BudgetDecision, budgetNotReady, spendBudget } from './disruption-budgets.ts'
import { withCondition } from './pod-condition.ts'

/** Deletes a pod on behalf of a drain, where its disruption budget allows that, and leaves in its status why. */
export const evictionHandler = (clock: Clock): SubresourceHandler => ({
  async handle(request) {
    const { body, name, context } = request
    const eviction = (body ?? { metadata: {} }) as KubernetesObject & { readonly deleteOptions?: DeleteOptions }
    if (eviction.metadata.name && eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
    const options = eviction.deleteOptions ?? {}
    const dryRun = context.dryRun || (options.dryRun?.length ?? 0) > 0
    await evict({ ...request, context: { ...context, dryRun } }, options, () => formatTime(clock.now()))
    return { object: success as unknown as KubernetesObject, code: 201 }
  },
})

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/** How often a pod is looked at again that has changed while it was being evicted. */
const mostTries = 20

async function evict(request: SubresourceRequest, options: DeleteOptions, now: () => string): Promise<void> {
  const { objects, kind, namespace, name, context } = request
  for (let attempt = 1; ; attempt++) {
    context.signal.throwIfAborted()
    const pod = objects.get(kind, namespace, name) as Pod | undefined
    if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name)
    const ended = isOver(pod)
    // A pod that has not started works no more than one that has ended, as long as it does not start meanwhile.
    const asIs: BudgetDecision = { pinned: !ended, budget: undefined }
    const decision = ended || pod.status?.phase === 'Pending' ? asIs : await spendBudget(request, pod, now())
    const isPinned = decision.pinned && options.preconditions?.resourceVersion === undefined
    try {
      return await markAndDelete(request, isPinned ? pinnedTo(options, pod) : options, now())
    } catch (error) {
      if (!isPinned || !isConflict(error)) throw error
      if (decision.budget !== undefined) throw budgetNotReady(decision.budget)
      if (attempt === mostTries) throw error
    }
  }
}

const isOver = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed'

const pinnedTo = (options: DeleteOptions, { metadata: { resourceVersion } }: Pod): DeleteOptions => ({
  ...options,
  preconditions: { ...options.preconditions, resourceVersion },
})

async function markAndDelete(request: SubresourceRequest, options: DeleteOptions, now: string): Promise<void> {
  await request.objects.change({ ...request, change: pod => markDisrupted(pod as Pod, options, now) })
  // The mark is a write of its own, so a resourceVersion that was asked for has been checked with it.
  const preconditions = options.preconditions?.uid === undefined ? undefined : { uid: options.preconditions.uid }
  await request.objects.remove({ ...request, options: { ...options, preconditions } })
}

const disrupted = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }

/** Also where the preconditions are checked: what is deleted afterwards is the pod that was meant. */
function markDisrupted(pod: Pod, { preconditions }: DeleteOptions, now: string): KubernetesObject {
  const wanted = {
    uid: preconditions?.uid ?? pod.metadata.uid,
    resourceVersion: preconditions?.resourceVersion ?? pod.metadata.resourceVersion,
  }
  if (isOver(pod)) return { ...pod, metadata: { ...pod.metadata, ...wanted } }
  const conditions = withCondition(pod.status?.conditions, disrupted, now)
  return { ...pod, metadata: { ...pod.metadata, ...wanted }, status: { ...pod.status, conditions } } as KubernetesObject
}
