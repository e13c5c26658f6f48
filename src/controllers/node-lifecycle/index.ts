import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { leaseKind } from '../../apis/coordination/lease.ts'
import { type Node, nodeKind } from '../../apis/core/node.ts'
import { isPodReady } from '../../apis/core/pod/status-text.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { formatTime } from '../../base/clock.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { evictionTime, reconcileTaints, unknownConditions } from './taints.ts'

/** How long a node may be silent before it counts as lost. Counted from our own start at the earliest, so that a pause evicts nobody. */
const gracePeriod_ms = 50_000
const leaseNamespace = 'kube-node-lease'

/** Marks nodes that fall silent, and taints nodes by their conditions. */
export const nodeLifecycleController: Controller = {
  name: 'node-controller',
  start(context) {
    const { client } = context
    const nodes = client.informer(nodeKind)
    const leases = client.informer(leaseKind, { namespace: leaseNamespace })
    const heard = new Map<string, Heard>()
    return runController({
      ...context,
      watches: [watchOf(nodes, ownKey), watchOf(leases, (old, current) => [(current ?? old)?.metadata.name as string])],
      reconcile: name => reconcile(context, heard, name),
    })
  },
}

/** The last sign of life, in the node's words and on our clock: clocks of nodes may be wrong. */
interface Heard {
  readonly sign: string
  readonly at_ms: number
}

async function reconcile(context: ControllerContext, heard: Map<string, Heard>, name: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const node = client.informer(nodeKind).get(undefined, name)
  if (!node) {
    heard.delete(name)
    return
  }
  const silent_ms = silence(context, heard, node)
  try {
    const current = silent_ms >= gracePeriod_ms ? await markUnknown(context, node) : node
    const taints = reconcileTaints(current, formatTime(clock.now()))
    if (taints) await client.update(nodeKind, { ...current, spec: { ...current.spec, taints } })
    if (isLost(current)) await markPodsNotReady(context, current)
  } catch (error) {
    // The node's next event brings it back.
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
  return silent_ms >= gracePeriod_ms ? undefined : { requeueAfter_ms: gracePeriod_ms - silent_ms }
}

function silence({ client, clock }: ControllerContext, heard: Map<string, Heard>, node: Node): number {
  const name = node.metadata.name as string
  const lease = client.informer(leaseKind, { namespace: leaseNamespace }).get(leaseNamespace, name)
  const heartbeat = node.status?.conditions?.find(condition => condition.type === 'Ready')?.lastHeartbeatTime
  const sign = `${lease?.spec?.renewTime} ${heartbeat}`
  const known = heard.get(name)
  if (known?.sign === sign) return clock.monotonic() - known.at_ms
  heard.set(name, { sign, at_ms: clock.monotonic() })
  return 0
}

async function markUnknown({ client, clock, events }: ControllerContext, node: Node): Promise<Node> {
  const conditions = unknownConditions(node, formatTime(clock.now()))
  if (!conditions) return node
  events.record(node, nodeKind, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`)
  return client.updateStatus(nodeKind, { ...node, status: { ...node.status, conditions } })
}

const isLost = (node: Node): boolean =>
  node.status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'Unknown') ?? false

/** Nobody should send requests to pods of which nobody knows whether they run. */
async function markPodsNotReady({ client, clock, events }: ControllerContext, node: Node): Promise<void> {
  const pods = client.informer(podKind)
  for (const pod of pods.list()) {
    if (pod.spec?.nodeName !== node.metadata.name || !isPodReady(pod)) continue
    const now = formatTime(clock.now())
    const conditions = (pod.status?.conditions ?? []).map(condition =>
      condition.type === 'Ready' ? { ...condition, status: 'False', reason: 'NodeNotReady', lastTransitionTime: now } : condition,
    )
    await client.updateStatus(podKind, { ...pod, status: { ...pod.status, conditions } })
    events.record(pod, podKind, 'Warning', 'NodeNotReady', 'Node is not ready')
  }
}

/** Removes pods from nodes with NoExecute taints that they don't tolerate (any longer). */
export const taintEvictionController: Controller = {
  name: 'node-controller',
  start(context) {
    const { client } = context
    const nodes = client.informer(nodeKind)
    const pods = client.informer(podKind)
    const waiting = new Map<string, Waiting>()
    pods.addIndex('node', pod => (pod.spec?.nodeName ? [pod.spec.nodeName] : []))
    return runController({
      ...context,
      name: 'taint-eviction-controller',
      watches: [
        watchOf(pods, ownKey),
        watchOf(nodes, (old, current) =>
          sameTaints(old, current) ? [] : pods.byIndex('node', (current ?? old)?.metadata.name as string).map(keyOf),
        ),
      ],
      reconcile: key => evictIfDue(context, waiting, key),
    })
  },
}

const sameTaints = (left: Node | undefined, right: Node | undefined): boolean =>
  JSON.stringify(left?.spec?.taints ?? []) === JSON.stringify(right?.spec?.taints ?? [])

/** A pod whose tolerations run out: since when, on our clock, as taints that people set don't say when they were added. */
interface Waiting {
  readonly uid: string | undefined
  readonly since_ms: number
}

async function evictIfDue(
  context: ControllerContext,
  waiting: Map<string, Waiting>,
  key: string,
): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock, events } = context
  const { namespace, name } = splitKey(key)
  const pod = client.informer(podKind).get(namespace, name)
  const node = pod?.spec?.nodeName ? client.informer(nodeKind).get(undefined, pod.spec.nodeName) : undefined
  const known = waiting.get(key)
  const since_ms = known && known.uid === pod?.metadata.uid ? known.since_ms : clock.now()
  const due = pod && !pod.metadata.deletionTimestamp ? evictionTime(pod, node?.spec?.taints ?? [], since_ms) : undefined
  if (!pod || due === undefined) {
    waiting.delete(key)
    return
  }
  waiting.set(key, { uid: pod.metadata.uid, since_ms })
  if (due > clock.now()) return { requeueAfter_ms: due - clock.now() }
  events.record(pod, podKind, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
  try {
    await markDisrupted(context, pod)
    await client.delete(podKind, namespace, name, { preconditions: { uid: pod.metadata.uid } })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

async function markDisrupted({ client, clock }: ControllerContext, pod: Pod): Promise<void> {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: formatTime(clock.now()),
  }
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } }
  await client.patch(podKind, pod.metadata.namespace, pod.metadata.name as string, { type: 'strategic', body }, { subresource: 'status' })
}
