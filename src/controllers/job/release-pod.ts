import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import type { Client } from '../../client/index.ts'
import { trackingFinalizer } from './job-pods.ts'

/** Takes off the finalizer of job tracking, and waits until the informer shows it. */
export async function releasePod(client: Client, pod: Pod): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  const body = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } }
  try {
    const written = await client.patch(podKind, namespace, name as string, { type: 'strategic', body })
    await client.informer(podKind).reached(written.metadata.resourceVersion as string)
  } catch (error) {
    // Gone already, or another pod of that name.
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
