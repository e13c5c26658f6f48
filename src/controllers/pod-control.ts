import { isNotFound } from '../apimachinery/api-errors.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { KubernetesObject } from '../apimachinery/meta.ts'
import { isPodReady, isPodTerminal } from '../apis/core/pod/status-text.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import type { PodTemplateSpec } from '../apis/core/pod-spec.ts'
import { makeControllerReference } from '../client/index.ts'
import type { ControllerContext } from './controller.ts'

/** A pod made from a template, belonging to its controller. */
export function podFromTemplate(template: PodTemplateSpec | undefined, owner: KubernetesObject, ownerKind: Kind<never> | Kind): Pod {
  const { labels, annotations, finalizers } = template?.metadata ?? {}
  return {
    metadata: {
      namespace: owner.metadata.namespace,
      // Names of pods end with five random characters; a prefix that is too long for that is cut by the server.
      generateName: `${owner.metadata.name}-`,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [makeControllerReference(owner, ownerKind)],
    },
    spec: template?.spec,
  }
}

export interface Creation {
  readonly created: readonly Pod[]
  /** The first refusal; the rest was not tried after it. */
  readonly error: unknown
}

/** Creates pods in growing batches (1, 2, 4 ...), so that a refusal of all costs one request, not hundreds. */
export async function createPods(
  context: ControllerContext,
  owner: KubernetesObject,
  ownerKind: Kind<never> | Kind,
  count: number,
  draft: (index: number) => Pod,
): Promise<Creation> {
  const created: Pod[] = []
  let error: unknown
  for (let batch = 1, started = 0; started < count && error === undefined; batch *= 2) {
    const size = Math.min(batch, count - started)
    const results = await Promise.allSettled(
      Array.from({ length: size }, (_, index) => context.client.create(podKind, draft(started + index))),
    )
    started += size
    for (const result of results) {
      if (result.status === 'fulfilled') {
        created.push(result.value)
        context.events.record(owner, ownerKind, 'Normal', 'SuccessfulCreate', `Created pod: ${result.value.metadata.name}`)
      } else error ??= result.reason
    }
  }
  if (error !== undefined) context.events.record(owner, ownerKind, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`)
  await informed(context, created)
  return { created, error }
}

export async function deletePods(
  context: ControllerContext,
  owner: KubernetesObject,
  ownerKind: Kind<never> | Kind,
  pods: readonly Pod[],
): Promise<void> {
  const results = await Promise.allSettled(pods.map(pod => deletePod(context, owner, ownerKind, pod)))
  const failed = results.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function deletePod(
  { client, events }: ControllerContext,
  owner: KubernetesObject,
  ownerKind: Kind<never> | Kind,
  pod: Pod,
): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  try {
    await client.delete(podKind, namespace, name as string, { preconditions: { uid } })
    events.record(owner, ownerKind, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
  } catch (error) {
    if (isNotFound(error)) return
    events.record(owner, ownerKind, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`)
    throw error
  }
}

/** Waits until the informer knows what was just written, so that the next look does not count it as missing. */
async function informed({ client }: ControllerContext, pods: readonly Pod[]): Promise<void> {
  const informer = client.informer(podKind)
  for (const pod of pods) await informer.reached(pod.metadata.resourceVersion as string)
}

/** Still counts: has not ended and is not about to. */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp

/** Milliseconds until a ready pod counts as available: 0 when it does, undefined while it is not ready. */
export function untilAvailable(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  if (!isPodReady(pod)) return undefined
  const since = pod.status?.conditions?.find(condition => condition.type === 'Ready')?.lastTransitionTime
  return Math.max(0, Date.parse(since ?? '') + minReadySeconds * 1000 - now) || 0
}
