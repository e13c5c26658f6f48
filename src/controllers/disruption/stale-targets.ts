import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { isPodTerminal } from '../../apis/core/pod/status-text.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { formatTime } from '../../base/clock.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, type ControllerContext, ownKey, splitKey } from '../controller.ts'

/** A pod that was marked to be disrupted and is still there after this long was not. */
const timeout_ms = 2 * 60_000

/** Takes the mark of a disruption off pods that nobody deleted in the end. */
export const staleDisruptionController: Controller = {
  name: 'disruption-controller',
  start(context) {
    const pods = context.client.informer(podKind)
    return runController({
      ...context,
      name: 'stale-disruption-controller',
      watches: [watchOf(pods, (old, current) => (current && markedSince(current) !== undefined ? ownKey(old, current) : []))],
      reconcile: key => reconcile(context, key),
    })
  },
}

/** When the pod was marked, in milliseconds; undefined where it is not, is going, or was marked by its node for good. */
function markedSince({ metadata, status }: Pod): number | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined
  return metadata.deletionTimestamp || isPodTerminal({ metadata, status }) ? undefined : Date.parse(condition.lastTransitionTime ?? '') || 0
}

async function reconcile({ client, clock }: ControllerContext, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { namespace, name } = splitKey(key)
  const pod = client.informer(podKind).get(namespace, name)
  const since = pod && markedSince(pod)
  if (!pod || since === undefined) return
  const left_ms = since + timeout_ms - clock.now()
  if (left_ms > 0) return { requeueAfter_ms: left_ms }
  const condition = { type: 'DisruptionTarget', status: 'False', lastTransitionTime: formatTime(clock.now()) }
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [{ ...condition, reason: null, message: null }] } }
  try {
    await client.patch(podKind, namespace, name, { type: 'strategic', body }, { subresource: 'status' })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
