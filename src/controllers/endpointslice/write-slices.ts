import { isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts'
import { type EndpointSlice, endpointSliceKind } from '../../apis/discovery/endpoint-slice.ts'
import { type Client, makeControllerReference } from '../../client/index.ts'
import type { SlicePlan } from './plan-slices.ts'

/** Carries out a plan for the slices of an owner, and waits until the informer shows them. */
export async function writeSlices(
  client: Client,
  owner: KubernetesObject,
  ownerKind: Kind<never> | Kind,
  plan: SlicePlan,
  annotate: (metadata: ObjectMeta) => ObjectMeta,
): Promise<void> {
  const { namespace, name } = owner.metadata
  const written: EndpointSlice[] = []
  for (const slice of plan.update) written.push(await client.update(endpointSliceKind, { ...slice, metadata: annotate(slice.metadata) }))
  for (const draft of plan.create) {
    const metadata = annotate({ generateName: `${name}-`, namespace, ownerReferences: [makeControllerReference(owner, ownerKind)] })
    written.push(await client.create(endpointSliceKind, { ...draft, metadata }))
  }
  await removeSlices(client, plan.remove)
  for (const slice of written) await client.informer(endpointSliceKind).reached(slice.metadata.resourceVersion as string)
}

export async function removeSlices(client: Client, slices: readonly EndpointSlice[]): Promise<void> {
  for (const { metadata } of slices) {
    try {
      await client.delete(endpointSliceKind, metadata.namespace, metadata.name as string, { preconditions: { uid: metadata.uid } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
