import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { type DaemonSet, daemonSetKind } from '../../apis/apps/daemon-set.ts'
import { type Node, nodeKind } from '../../apis/core/node.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import { controllerOf, runController, watchOf } from '../../client/index.ts'
import { adoptersOf, claimObjects, indexOwners } from '../claim.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { followHistory, revisionsOf, truncateHistory } from '../history.ts'
import { createPods, deletePods, untilAvailable } from '../pod-control.ts'
import { createEndedPods, type EndedPods } from './ended-pods.ts'
import { groupByNode, type Plan, planDaemons } from './plan.ts'
import { hashLabel, podForNode, setKind } from './pods.ts'
import { daemonSetStatus } from './status.ts'

/** Keeps one pod on each node that a daemon set is meant for. */
export const daemonSetController: Controller = {
  name: 'daemon-set-controller',
  start(context) {
    const { client, clock } = context
    const sets = client.informer(daemonSetKind)
    const pods = indexOwners(client.informer(podKind))
    const nodes = client.informer(nodeKind)
    const keysOfPod = (pod: Pod | undefined): string[] => {
      const owner = pod && controllerOf(pod)
      if (owner) return owner.kind === 'DaemonSet' ? [`${pod.metadata.namespace}/${owner.name}`] : []
      return adoptersOf(sets, pod, set => set.spec?.selector).map(keyOf)
    }
    // Heartbeats change nothing that decides where pods belong.
    const keysOfNode = (old: Node | undefined, current: Node | undefined): string[] =>
      old && current && isAlike(old, current) ? [] : sets.list().map(keyOf)
    const ended = createEndedPods(clock)
    return runController({
      ...context,
      watches: [
        watchOf(sets, ownKey),
        watchOf(pods, (old, current) => [...new Set([...keysOfPod(old), ...keysOfPod(current)])]),
        watchOf(nodes, keysOfNode),
        watchOf(revisionsOf(context), () => []),
      ],
      reconcile: key => reconcile(context, ended, key),
    })
  },
}

const isAlike = (old: Node, current: Node): boolean =>
  semanticEqual(old.metadata.labels, current.metadata.labels) && semanticEqual(old.spec?.taints, current.spec?.taints)

/** As upstream: no more pods are made at once. */
const burst = 250

async function reconcile(context: ControllerContext, ended: EndedPods, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { namespace, name } = splitKey(key)
  const set = client.informer(daemonSetKind).get(namespace, name)
  if (!set) return ended.forget(key)
  const nodes = client.informer(nodeKind).list()
  const claim = { client, kind: podKind, owner: set, ownerKind: setKind, selector: set.spec?.selector }
  const pods = await claimObjects(client.informer(podKind), claim)
  const history = await followHistory(context, set, setKind, set.status?.collisionCount ?? 0, hashLabel)
  const hash = history.current.metadata.labels?.[hashLabel] ?? ''
  const plan = set.metadata.deletionTimestamp ? nothing : planDaemons(set, nodes, groupByNode(pods), hash, clock.now())
  const { error, retryAfter_ms } = await carryOut(context, ended, key, set, plan, hash)
  const after = client.informer(podKind).byIndex('controller', set.metadata.uid as string)
  await writeStatus(context, set, nodes, after, { hash, collisionCount: history.collisionCount })
  const inUse = new Set([hash, ...after.map(pod => pod.metadata.labels?.[hashLabel])])
  await truncateHistory(context, set, history.revisions, revision => inUse.has(revision.metadata.labels?.[hashLabel]))
  if (error !== undefined) throw error
  const waits = [retryAfter_ms, ...after.map(pod => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, clock.now()))]
  const soonest = Math.min(...waits.filter(wait => wait !== undefined && wait > 0).map(Number))
  return Number.isFinite(soonest) ? { requeueAfter_ms: soonest } : undefined
}

const nothing: Plan = { create: [], delete: [], ended: [] }

interface Outcome {
  readonly error: unknown
  /** When pods that keep failing are to be replaced. */
  readonly retryAfter_ms: number | undefined
}

/** Carries out the plan; a refusal is told once the status is written. */
async function carryOut(
  context: ControllerContext,
  ended: EndedPods,
  key: string,
  set: DaemonSet,
  plan: Plan,
  hash: string,
): Promise<Outcome> {
  const { due, retryAfter_ms } = ended.sort(key, plan.ended)
  try {
    for (const pod of due) recordEnd(context, set, pod)
    await deletePods(context, set, setKind, [...due, ...plan.delete])
    const targets = plan.create.slice(0, burst)
    const { error } = await createPods(context, set, setKind, targets.length, index => podForNode(set, targets[index] as string, hash))
    return { error, retryAfter_ms }
  } catch (error) {
    return { error, retryAfter_ms }
  }
}

function recordEnd({ events }: ControllerContext, set: DaemonSet, { metadata, spec, status }: Pod): void {
  const [reason, word] = status?.phase === 'Failed' ? ['FailedDaemonPod', 'failed'] : ['SucceededDaemonPod', 'succeeded']
  const message = `Found ${word} daemon pod ${metadata.namespace}/${metadata.name} on node ${spec?.nodeName}, will try to delete it`
  events.record(set, setKind, word === 'failed' ? 'Warning' : 'Normal', reason as string, message)
}

async function writeStatus(
  { client, clock }: ControllerContext,
  set: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  revision: { readonly hash: string; readonly collisionCount: number },
): Promise<void> {
  const status = daemonSetStatus(set, nodes, groupByNode(pods), revision, clock.now())
  if (status === set.status) return
  try {
    const written = await client.updateStatus(daemonSetKind, { ...set, status })
    await client.informer(daemonSetKind).reached(written.metadata.resourceVersion as string)
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}
