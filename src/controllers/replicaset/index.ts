import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject, LabelSelector } from '../../apimachinery/meta.ts'
import { type ReplicaSetStatus, replicaSetKind } from '../../apis/apps/replica-set.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import type { PodTemplateSpec } from '../../apis/core/pod-spec.ts'
import { type ReplicationController, replicationControllerKind } from '../../apis/core/replication-controller.ts'
import { controllerOf, runController, watchOf } from '../../client/index.ts'
import { adoptersOf, claimObjects, indexOwners } from '../claim.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { createPods, deletePods, isPodActive, podFromTemplate } from '../pod-control.ts'
import { deletionOrder } from './deletion-order.ts'
import { soonestAvailable, statusOfReplicas } from './status.ts'

/** Keeps as many pods of a template as are wanted. */
export const replicaSetController = controllerOfReplicas('replicaset-controller', {
  kind: replicaSetKind as unknown as Kind<Replicated>,
  selectorOf: replicaSet => replicaSet.spec?.selector as LabelSelector | undefined,
  countsTerminating: true,
})

/** The older form of the same thing, whose selector is a plain map of labels. */
export const replicationController = controllerOfReplicas('replication-controller', {
  kind: replicationControllerKind as unknown as Kind<Replicated>,
  selectorOf: controller => ({ matchLabels: (controller as ReplicationController).spec?.selector }),
  countsTerminating: false,
})

/** What replica sets and replication controllers have in common. */
export interface Replicated extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: unknown
    readonly template?: PodTemplateSpec
    readonly minReadySeconds?: number
  }
  readonly status?: ReplicaSetStatus
}

export interface ReplicatedKind {
  readonly kind: Kind<Replicated>
  readonly selectorOf: (owner: Replicated) => LabelSelector | undefined
  /** The status has a field for pods that are going. */
  readonly countsTerminating: boolean
}

function controllerOfReplicas(name: string, replicated: ReplicatedKind): Controller {
  const start = (context: ControllerContext) => {
    const { client } = context
    const owners = indexOwners(client.informer(replicated.kind))
    const pods = indexOwners(client.informer(podKind))
    const keysOfPod = (pod: Pod | undefined): string[] => {
      const owner = pod && controllerOf(pod)
      if (owner) return owner.kind === replicated.kind.kind ? [`${pod.metadata.namespace}/${owner.name}`] : []
      return adoptersOf(owners, pod, replicated.selectorOf).map(keyOf)
    }
    return runController({
      ...context,
      workers: 10,
      watches: [watchOf(owners, ownKey), watchOf(pods, (old, current) => [...new Set([...keysOfPod(old), ...keysOfPod(current)])])],
      reconcile: key => reconcile(context, replicated, key),
    })
  }
  return { name, start }
}

/** As upstream: no more pods are made or deleted at once. */
const burst = 500

async function reconcile(context: ControllerContext, replicated: ReplicatedKind, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { kind, selectorOf } = replicated
  const { namespace, name } = splitKey(key)
  const owner = client.informer(kind).get(namespace, name)
  if (!owner) return
  const claim = { client, kind: podKind, owner, ownerKind: kind as unknown as Kind, selector: selectorOf(owner) }
  const claimed = await claimObjects(client.informer(podKind), claim)
  const active = claimed.filter(isPodActive)
  const failure = owner.metadata.deletionTimestamp ? undefined : await scale(context, replicated, owner, active)
  // What was just made or deleted shows in the status at once.
  const pods = client.informer(podKind).byIndex('controller', owner.metadata.uid as string)
  const status = statusOfReplicas(owner, pods, failure, replicated.countsTerminating, clock.now())
  try {
    if (status !== owner.status) {
      const written = await client.updateStatus(kind, { ...owner, status })
      await client.informer(kind).reached(written.metadata.resourceVersion as string)
    }
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
  if (failure) throw failure.error
  const soonest = soonestAvailable(owner, pods, clock.now())
  return soonest === undefined ? undefined : { requeueAfter_ms: soonest }
}

/** A refusal to create or delete, for the condition; it is thrown once the status says so. */
export interface ScaleFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete'
  readonly error: unknown
}

async function scale(
  context: ControllerContext,
  { kind }: ReplicatedKind,
  owner: Replicated,
  active: readonly Pod[],
): Promise<ScaleFailure | undefined> {
  const ownerKind = kind as unknown as Kind
  const difference = (owner.spec?.replicas ?? 1) - active.length
  if (difference > 0) {
    const draft = () => podFromTemplate(owner.spec?.template, owner, ownerKind)
    const { error } = await createPods(context, owner, ownerKind, Math.min(difference, burst), draft)
    return error === undefined ? undefined : { reason: 'FailedCreate', error }
  }
  if (difference === 0) return undefined
  const victims = deletionOrder(active, relatedPods(context, owner, active)).slice(0, Math.min(-difference, burst))
  try {
    await deletePods(context, owner, ownerKind, victims)
    return undefined
  } catch (error) {
    return { reason: 'FailedDelete', error }
  }
}

/** Pods of all replica sets of the same deployment: giving up pods on crowded nodes spreads what stays. */
function relatedPods({ client }: ControllerContext, replicated: Replicated, active: readonly Pod[]): readonly Pod[] {
  const owner = controllerOf(replicated)?.uid
  if (!owner) return active
  const siblings = client.informer(replicaSetKind).byIndex('controller', owner)
  return siblings.flatMap(sibling => client.informer(podKind).byIndex('controller', sibling.metadata.uid as string)).filter(isPodActive)
}
