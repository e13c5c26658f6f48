import { badRequest, type Status } from '../../apimachinery/api-errors.ts'
import type { DeleteOptions, KubernetesObject } from '../../apimachinery/meta.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { type Clock, formatTime } from '../../base/clock.ts'
import type { SubresourceHandler } from '../types.ts'
import { withCondition } from './pod-condition.ts'

/** Deletes a pod on behalf of a drain, and leaves in its status why. No kind here limits disruptions yet. */
export const evictionHandler = (clock: Clock): SubresourceHandler => ({
  async handle(request) {
    const { body, name, context } = request
    const eviction = (body ?? { metadata: {} }) as KubernetesObject & { readonly deleteOptions?: DeleteOptions }
    if (eviction.metadata.name && eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
    const options = eviction.deleteOptions ?? {}
    const dryRun = context.dryRun || (options.dryRun?.length ?? 0) > 0
    const within = { ...request, context: { ...context, dryRun } }
    await request.objects.change({ ...within, change: pod => markDisrupted(pod as Pod, options, formatTime(clock.now())) })
    // The mark is a write of its own, so a resourceVersion that was asked for has been checked with it.
    const preconditions = options.preconditions?.uid === undefined ? undefined : { uid: options.preconditions.uid }
    await request.objects.remove({ ...within, options: { ...options, preconditions } })
    return { object: success as unknown as KubernetesObject, code: 201 }
  },
})

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

const disrupted = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }

/** Also where the preconditions are checked: what is deleted afterwards is the pod that was meant. */
function markDisrupted(pod: Pod, { preconditions }: DeleteOptions, now: string): KubernetesObject {
  const wanted = {
    uid: preconditions?.uid ?? pod.metadata.uid,
    resourceVersion: preconditions?.resourceVersion ?? pod.metadata.resourceVersion,
  }
  const phase = pod.status?.phase
  if (pod.metadata.deletionTimestamp || phase === 'Succeeded' || phase === 'Failed')
    return { ...pod, metadata: { ...pod.metadata, ...wanted } }
  const conditions = withCondition(pod.status?.conditions, disrupted, now)
  return { ...pod, metadata: { ...pod.metadata, ...wanted }, status: { ...pod.status, conditions } } as KubernetesObject
}
