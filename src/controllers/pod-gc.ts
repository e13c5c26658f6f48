import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { type Node, nodeKind } from '../apis/core/node.ts'
import { isPodTerminal } from '../apis/core/pod/status-text.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import { formatTime } from '../base/clock.ts'
import { type Informer, runController, watchOf } from '../client/index.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from './controller.ts'

/**
 * Removes pods for which no kubelet will: of nodes that are gone or given up, of no node at all, and the oldest ended ones
 * when there are too many.
 */
export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector',
  start(context) {
    const { client } = context
    const nodes = client.informer(nodeKind)
    const pods = client.informer(podKind)
    pods.addIndex('node', pod => (pod.spec?.nodeName ? [pod.spec.nodeName] : []))
    pods.addIndex('ended', pod => (isPodTerminal(pod) ? ['all'] : []))
    const missingSince = new Map<string, number>()
    return runController({
      ...context,
      watches: [
        watchOf(pods, (old, current) => [
          ...(current ? ownKey(old, current) : []),
          ...(current && isPodTerminal(current) && !(old && isPodTerminal(old)) ? [endedPods] : []),
        ]),
        watchOf(nodes, (old, current) => pods.byIndex('node', (current ?? old)?.metadata.name as string).map(keyOf)),
      ],
      reconcile: key => (key === endedPods ? limitEndedPods(context, pods) : removeIfAbandoned(context, missingSince, key)),
    })
  },
}

/** The key of all ended pods together; no pod has it, since theirs have a slash. */
const endedPods = 'ended pods'

/** As upstream's default. */
const mostEndedPods = 12_500

async function limitEndedPods(context: ControllerContext, pods: Informer<Pod>): Promise<void> {
  const ended = pods.byIndex('ended', 'all').filter(pod => !pod.metadata.deletionTimestamp)
  if (ended.length <= mostEndedPods) return
  const oldest = [...ended].sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
  for (const pod of oldest.slice(0, ended.length - mostEndedPods)) await remove(context, pod, undefined)
}

/** How long a node must be missing: it may just be on its way back under the same name. */
const quarantine_ms = 40_000

async function removeIfAbandoned(
  context: ControllerContext,
  missingSince: Map<string, number>,
  key: string,
): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { namespace, name } = splitKey(key)
  const pod = client.informer(podKind).get(namespace, name)
  if (!pod) return
  const nodeName = pod.spec?.nodeName
  if (!nodeName) {
    // Nobody ever ran it, so nobody confirms its end.
    if (pod.metadata.deletionTimestamp) await remove(context, pod, undefined)
    return
  }
  const node = client.informer(nodeKind).get(undefined, nodeName)
  if (node) {
    missingSince.delete(nodeName)
    if (pod.metadata.deletionTimestamp && isGivenUp(node)) await remove(context, pod, undefined)
    return
  }
  const since = missingSince.get(nodeName) ?? clock.monotonic()
  missingSince.set(nodeName, since)
  const left_ms = since + quarantine_ms - clock.monotonic()
  if (left_ms > 0) return { requeueAfter_ms: left_ms }
  if (await exists(context, nodeName)) return
  await remove(context, pod, {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    lastTransitionTime: formatTime(clock.now()),
  })
}

/** An administrator said that the node is off, and it does not answer either. */
const isGivenUp = ({ spec, status }: Node): boolean =>
  (spec?.taints ?? []).some(taint => taint.key === 'node.kubernetes.io/out-of-service') &&
  !status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True')

async function exists({ client }: ControllerContext, nodeName: string): Promise<boolean> {
  try {
    await client.get(nodeKind, undefined, nodeName)
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/** A pod that has not ended has failed: whoever counts it (a job) must learn so before it is gone. */
async function remove({ client }: ControllerContext, pod: Pod, condition: object | undefined): Promise<void> {
  const { namespace, name = '', uid } = pod.metadata
  try {
    if (!isPodTerminal(pod)) {
      const body = { metadata: { uid }, status: { phase: 'Failed', ...(condition && { conditions: [condition] }) } }
      await client.patch(podKind, namespace, name, { type: 'strategic', body }, { subresource: 'status' })
    }
    await client.delete(podKind, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
