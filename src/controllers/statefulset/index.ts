import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { ControllerRevision } from '../../apis/apps/controller-revision.ts'
import { type StatefulSet, statefulSetKind } from '../../apis/apps/stateful-set.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { controllerOf, runController, watchOf } from '../../client/index.ts'
import { adoptersOf, claimObjects, indexOwners } from '../claim.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { followHistory, type History, revisionsOf, templateOf, truncateHistory } from '../history.ts'
import { ensureClaims, hasStaleClaim, settleClaims } from './claims.ts'
import { missingLabels, ordinalOf, podName, podOfOrdinal, revisionOfPod, setKind } from './identity.ts'
import { type Action, planActions } from './plan.ts'
import { type Revisions, soonestAvailable, statefulSetStatus } from './status.ts'

/** Keeps numbered pods with names and storage of their own, one after another or all at once. */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  start(context) {
    const { client } = context
    const sets = client.informer(statefulSetKind)
    const pods = indexOwners(client.informer(podKind))
    const claims = client.informer(persistentVolumeClaimKind)
    const keysOfPod = (pod: Pod | undefined): string[] => {
      const owner = pod && controllerOf(pod)
      if (owner) return owner.kind === 'StatefulSet' ? [`${pod.metadata.namespace}/${owner.name}`] : []
      return adoptersOf(sets, pod, set => set.spec?.selector).map(keyOf)
    }
    // A claim that went away may be what a new pod waits for.
    const keysOfClaim = (old: PersistentVolumeClaim | undefined, current: PersistentVolumeClaim | undefined): string[] => {
      if (old === undefined || current !== undefined) return []
      const isOf = ({ spec }: StatefulSet) =>
        spec?.volumeClaimTemplates?.some(({ metadata }) => old.metadata.name?.startsWith(`${metadata.name}-`))
      return sets.list(old.metadata.namespace).filter(isOf).map(keyOf)
    }
    return runController({
      ...context,
      watches: [
        watchOf(sets, ownKey),
        watchOf(pods, (old, current) => [...new Set([...keysOfPod(old), ...keysOfPod(current)])]),
        watchOf(revisionsOf(context), () => []),
        watchOf(claims, keysOfClaim),
      ],
      reconcile: key => reconcile(context, key),
    })
  },
}

async function reconcile(context: ControllerContext, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { namespace, name } = splitKey(key)
  const set = client.informer(statefulSetKind).get(namespace, name)
  if (!set) return
  const pods = await ownPods(context, set)
  const history = await followHistory(context, set, setKind, set.status?.collisionCount ?? 0, 'controller.kubernetes.io/hash')
  const current = currentRevision(set, history)
  const update = history.current.metadata.name as string
  const failure = await carryOut(context, set, { current, update: history.current }, planActions(set, pods, update, clock.now()))
  const after = client.informer(podKind).byIndex('controller', set.metadata.uid as string)
  const revisions: Revisions = { current: current.metadata.name as string, update, collisionCount: history.collisionCount }
  await writeStatus(context, set, after, revisions)
  const inUse = new Set([revisions.current, update, ...after.map(revisionOfPod)])
  await truncateHistory(context, set, history.revisions, revision => inUse.has(revision.metadata.name))
  if (failure !== undefined) throw failure
  const soonest = soonestAvailable(set, after, clock.now())
  return soonest === undefined ? undefined : { requeueAfter_ms: soonest }
}

/** Pods that match but have names of another sort are none of the set's. */
const ownPods = ({ client }: ControllerContext, set: StatefulSet): Promise<Pod[]> =>
  claimObjects(client.informer(podKind), {
    client,
    kind: podKind,
    owner: set,
    ownerKind: setKind,
    selector: set.spec?.selector,
    accepts: pod => ordinalOf(set, pod) !== undefined,
  })

/** What pods are made from that no update has reached yet; the present template where nothing is known. */
const currentRevision = ({ status }: StatefulSet, { revisions, current }: History): ControllerRevision =>
  revisions.find(({ metadata }) => metadata.name === status?.currentRevision) ?? current

interface Templates {
  readonly current: ControllerRevision
  readonly update: ControllerRevision
}

/** Carries out what was planned; the first refusal ends it, and is told once the status is written. */
async function carryOut(context: ControllerContext, set: StatefulSet, templates: Templates, actions: readonly Action[]): Promise<unknown> {
  try {
    for (const action of actions) await carryOutOne(context, set, templates, action)
    return undefined
  } catch (error) {
    return error
  }
}

function carryOutOne(context: ControllerContext, set: StatefulSet, templates: Templates, action: Action): Promise<void> {
  switch (action.type) {
    case 'create':
      return createPod(context, set, action.ordinal, templates[action.revision])
    case 'delete':
      return deletePod(context, set, action.pod, action.ended)
    case 'settle':
      return settlePod(context, set, action)
  }
}

async function createPod(context: ControllerContext, set: StatefulSet, ordinal: number, revision: ControllerRevision): Promise<void> {
  const { client, events } = context
  if (hasStaleClaim(context, set, ordinal)) return
  const what = `create Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name}`
  await ensureClaims(context, set, ordinal)
  try {
    const pod = await client.create(podKind, podOfOrdinal(set, templateOf(revision), revision.metadata.name as string, ordinal))
    await client.informer(podKind).reached(pod.metadata.resourceVersion as string)
    events.record(set, setKind, 'Normal', 'SuccessfulCreate', `${what} successful`)
  } catch (error) {
    events.record(set, setKind, 'Warning', 'FailedCreate', `${what} failed error: ${(error as Error).message}`)
    throw error
  }
}

async function deletePod({ client, events }: ControllerContext, set: StatefulSet, pod: Pod, ended: boolean): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  if (ended) {
    const [reason, word] = pod.status?.phase === 'Failed' ? ['RecreatingFailedPod', 'failed'] : ['RecreatingTerminatedPod', 'terminated']
    const message = `StatefulSet ${namespace}/${set.metadata.name} is recreating ${word} Pod ${name}`
    events.record(set, setKind, ended && word === 'failed' ? 'Warning' : 'Normal', reason as string, message)
  }
  const what = `delete Pod ${name} in StatefulSet ${set.metadata.name}`
  try {
    await client.delete(podKind, namespace, name as string, { preconditions: { uid } })
    events.record(set, setKind, 'Normal', 'SuccessfulDelete', `${what} successful`)
  } catch (error) {
    // Gone, or another pod of that name by now.
    if (isNotFound(error) || isConflict(error)) return
    events.record(set, setKind, 'Warning', 'FailedDelete', `${what} failed error: ${(error as Error).message}`)
    throw error
  }
}

async function settlePod(
  context: ControllerContext,
  set: StatefulSet,
  { pod, ordinal, condemned }: Extract<Action, { type: 'settle' }>,
): Promise<void> {
  const { client } = context
  const { namespace, name, uid } = pod.metadata
  const labels = missingLabels(set, pod, ordinal)
  if (labels) await client.patch(podKind, namespace, name as string, { type: 'merge', body: { metadata: { uid, labels } } })
  // A pod that waits for its node may have lost a claim that it needs.
  if (pod.status?.phase === 'Pending' && !pod.metadata.deletionTimestamp && !condemned) await ensureClaims(context, set, ordinal)
  await settleClaims(context, set, pod, ordinal, condemned)
}

async function writeStatus(
  { client, clock }: ControllerContext,
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
): Promise<void> {
  const status = statefulSetStatus(set, pods, revisions, clock.now())
  if (status === set.status) return
  try {
    const written = await client.updateStatus(statefulSetKind, { ...set, status })
    await client.informer(statefulSetKind).reached(written.metadata.resourceVersion as string)
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}
