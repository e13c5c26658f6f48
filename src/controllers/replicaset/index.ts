import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { type ReplicaSet, replicaSetKind } from '../../apis/apps/replica-set.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { formatTime } from '../../base/clock.ts'
import { controllerOf, runController, watchOf } from '../../client/index.ts'
import { adoptersOf, claimObjects, indexOwners } from '../claim.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { createPods, deletePods, isPodActive, podFromTemplate } from '../pod-control.ts'
import { deletionOrder } from './deletion-order.ts'
import { replicaSetStatus, soonestAvailable } from './status.ts'

/** Keeps as many pods of a template as are wanted. */
export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  start(context) {
    const { client } = context
    const replicaSets = indexOwners(client.informer(replicaSetKind))
    const pods = indexOwners(client.informer(podKind))
    const keysOfPod = (pod: Pod | undefined): string[] => {
      const owner = pod && controllerOf(pod)
      if (owner) return owner.kind === 'ReplicaSet' ? [`${pod.metadata.namespace}/${owner.name}`] : []
      return adoptersOf(replicaSets, pod, replicaSet => replicaSet.spec?.selector).map(keyOf)
    }
    return runController({
      ...context,
      workers: 10,
      watches: [watchOf(replicaSets, ownKey), watchOf(pods, (old, current) => [...new Set([...keysOfPod(old), ...keysOfPod(current)])])],
      reconcile: key => reconcile(context, key),
    })
  },
}

/** As upstream: no more pods are made or deleted at once. */
const burst = 500

async function reconcile(context: ControllerContext, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { namespace, name } = splitKey(key)
  const replicaSet = client.informer(replicaSetKind).get(namespace, name)
  if (!replicaSet) return
  const claim = { client, kind: podKind, owner: replicaSet, ownerKind: replicaSetKind, selector: replicaSet.spec?.selector }
  const claimed = await claimObjects(client.informer(podKind), claim)
  const active = claimed.filter(isPodActive)
  const failure = replicaSet.metadata.deletionTimestamp ? undefined : await scale(context, replicaSet, active)
  // What was just made or deleted shows in the status at once.
  const pods = client.informer(podKind).byIndex('controller', replicaSet.metadata.uid as string)
  const status = replicaSetStatus(replicaSet, pods, failure, clock.now(), formatTime(clock.now()))
  try {
    if (status !== replicaSet.status) {
      const written = await client.updateStatus(replicaSetKind, { ...replicaSet, status })
      await client.informer(replicaSetKind).reached(written.metadata.resourceVersion as string)
    }
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
  if (failure) throw failure.error
  const soonest = soonestAvailable(replicaSet, pods, clock.now())
  return soonest === undefined ? undefined : { requeueAfter_ms: soonest }
}

/** A refusal to create or delete, for the condition; it is thrown once the status says so. */
export interface ScaleFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete'
  readonly error: unknown
}

async function scale(context: ControllerContext, replicaSet: ReplicaSet, active: readonly Pod[]): Promise<ScaleFailure | undefined> {
  const difference = (replicaSet.spec?.replicas ?? 1) - active.length
  if (difference > 0) {
    const draft = () => podFromTemplate(replicaSet.spec?.template, replicaSet, replicaSetKind)
    const { error } = await createPods(context, replicaSet, replicaSetKind, Math.min(difference, burst), draft)
    return error === undefined ? undefined : { reason: 'FailedCreate', error }
  }
  if (difference === 0) return undefined
  const victims = deletionOrder(active, relatedPods(context, replicaSet, active)).slice(0, Math.min(-difference, burst))
  try {
    await deletePods(context, replicaSet, replicaSetKind, victims)
    return undefined
  } catch (error) {
    return { reason: 'FailedDelete', error }
  }
}

/** Pods of all replica sets of the same deployment: giving up pods on crowded nodes spreads what stays. */
function relatedPods({ client }: ControllerContext, replicaSet: ReplicaSet, active: readonly Pod[]): readonly Pod[] {
  const owner = controllerOf(replicaSet)?.uid
  if (!owner) return active
  const siblings = client.informer(replicaSetKind).byIndex('controller', owner)
  return siblings.flatMap(sibling => client.informer(podKind).byIndex('controller', sibling.metadata.uid as string)).filter(isPodActive)
}
