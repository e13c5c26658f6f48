import { isAlreadyExists, isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { type Deployment, deploymentKind } from '../../apis/apps/deployment.ts'
import { type ReplicaSet, replicaSetKind } from '../../apis/apps/replica-set.ts'
import { isPodTerminal } from '../../apis/core/pod/status-text.ts'
import { podKind } from '../../apis/core/pod.ts'
import { formatTime } from '../../base/clock.ts'
import { controllerOf, isControlledBy, makeControllerReference, runController, watchOf } from '../../client/index.ts'
import { adoptersOf, claimObjects, indexOwners } from '../claim.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import {
  annotationsOfCurrent,
  byAge,
  byRevision,
  desiredAnnotation,
  findCurrent,
  hashLabel,
  highestRevision,
  maximumAnnotation,
  revisionAnnotation,
  revisionOf,
  templateHash,
} from './revisions.ts'
import { boundsOf, nextSizeOfCurrent, nextSizesOfOld, proportionalSizes, replicasOf, wantedReplicas, wasScaled } from './rolling.ts'
import { deploymentStatus, isComplete, type ProgressNote, untilDeadline } from './status.ts'

/** Rolls a template out over replica sets: the new one grows while the old ones shrink. */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  start(context) {
    const { client } = context
    const deployments = client.informer(deploymentKind)
    const replicaSets = indexOwners(client.informer(replicaSetKind))
    const pods = indexOwners(client.informer(podKind))
    const keysOf = (replicaSet: ReplicaSet | undefined): string[] => {
      const owner = replicaSet && controllerOf(replicaSet)
      if (owner) return owner.kind === 'Deployment' ? [`${replicaSet.metadata.namespace}/${owner.name}`] : []
      return adoptersOf(deployments, replicaSet, deployment => deployment.spec?.selector).map(keyOf)
    }
    return runController({
      ...context,
      watches: [
        watchOf(deployments, ownKey),
        watchOf(replicaSets, (old, current) => [...new Set([...keysOf(old), ...keysOf(current)])]),
        // Recreate waits for the last old pod to be gone.
        watchOf(pods, (old, current) => {
          const owner = !current && old ? controllerOf(old) : undefined
          return owner?.kind === 'ReplicaSet' ? keysOf(replicaSets.get(old?.metadata.namespace, owner.name)) : []
        }),
      ],
      reconcile: key => reconcile(context, key),
    })
  },
}

async function reconcile(context: ControllerContext, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client } = context
  const { namespace, name } = splitKey(key)
  const deployment = client.informer(deploymentKind).get(namespace, name)
  if (!deployment) return
  const claim = { client, kind: replicaSetKind, owner: deployment, ownerKind: deploymentKind, selector: deployment.spec?.selector }
  const owned = await claimObjects(client.informer(replicaSetKind), claim)
  try {
    if (deployment.metadata.deletionTimestamp) return await report(context, deployment, owned, findCurrent(deployment, owned), undefined)
    const active = owned.filter(replicaSet => replicasOf(replicaSet) > 0)
    if (deployment.spec?.paused || wasScaled(deployment, active)) return await rescale(context, deployment, owned)
    return await rollOut(context, deployment, owned)
  } catch (error) {
    // Somebody changed or removed what we read; that change brings us back.
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}

/** Paused, or scaled in the middle of an update: sizes follow the new scale, the template does not move. */
async function rescale(
  context: ControllerContext,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): Promise<void | { requeueAfter_ms: number }> {
  const current = findCurrent(deployment, owned)
  const active = owned.filter(replicaSet => replicasOf(replicaSet) > 0)
  const sizes = new Map<ReplicaSet, number>()
  const only = active.length === 1 ? active[0] : active.length === 0 ? (current ?? [...owned].sort(byAge).at(-1)) : undefined
  if (only) sizes.set(only, wantedReplicas(deployment))
  else if (
    current &&
    replicasOf(current) === wantedReplicas(deployment) &&
    (current.status?.availableReplicas ?? 0) === wantedReplicas(deployment)
  )
    for (const old of active) sizes.set(old, old === current ? replicasOf(old) : 0)
  else for (const [replicaSet, size] of proportionalSizes(deployment, active)) sizes.set(replicaSet, size)
  const all = await resize(context, deployment, owned, sizes)
  return report(context, deployment, all, findCurrent(deployment, all), undefined)
}

async function rollOut(
  context: ControllerContext,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): Promise<void | { requeueAfter_ms: number }> {
  const isRecreate = deployment.spec?.strategy?.type === 'Recreate'
  let all = owned
  if (isRecreate) {
    const old = owned.filter(replicaSet => replicaSet !== findCurrent(deployment, owned))
    all = await resize(context, deployment, owned, new Map(old.filter(one => replicasOf(one) > 0).map(one => [one, 0])))
    const stillOld = all.filter(one => one !== findCurrent(deployment, all))
    if (hasRunningPods(context, stillOld)) return report(context, deployment, all, findCurrent(deployment, all), undefined)
  }
  const { current, note, collisions } = await currentReplicaSet(context, deployment, all)
  if (!current) return report(context, deployment, all, undefined, note, collisions)
  all = [...all.filter(one => one.metadata.uid !== current.metadata.uid), current]
  all = await resize(context, deployment, all, new Map([[current, nextSizeOfCurrent(deployment, current, all)]]))
  const grown = all.find(one => one.metadata.uid === current.metadata.uid) as ReplicaSet
  if (!isRecreate) {
    const old = all.filter(one => one !== grown)
    all = await resize(context, deployment, all, nextSizesOfOld(deployment, grown, old))
  }
  const answer = await report(context, deployment, all, grown, note, collisions)
  await cleanUp(context, deployment, all, grown)
  return answer
}

function hasRunningPods({ client }: ControllerContext, replicaSets: readonly ReplicaSet[]): boolean {
  const pods = client.informer(podKind)
  return replicaSets.some(replicaSet => pods.byIndex('controller', replicaSet.metadata.uid as string).some(pod => !isPodTerminal(pod)))
}

interface CurrentReplicaSet {
  readonly current: ReplicaSet | undefined
  readonly note: ProgressNote | undefined
  readonly collisions: number
}

/** The replica set of the present template: found and brought up to date, or made. */
async function currentReplicaSet(
  context: ControllerContext,
  deployment: Deployment,
  all: readonly ReplicaSet[],
): Promise<CurrentReplicaSet> {
  const { client } = context
  const collisions = deployment.status?.collisionCount ?? 0
  const found = findCurrent(deployment, all)
  const revision = highestRevision(all.filter(one => one !== found)) + 1n
  if (!found) return createReplicaSet(context, deployment, all, revision, collisions)
  const annotations = annotationsOfCurrent(deployment, found, revision)
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0
  const isCurrent = sameEntries(annotations, found.metadata.annotations ?? {}) && (found.spec?.minReadySeconds ?? 0) === minReadySeconds
  const current = isCurrent
    ? found
    : await write(context, {
        ...found,
        metadata: { ...found.metadata, annotations },
        spec: { ...found.spec, minReadySeconds } as ReplicaSet['spec'],
      })
  await noteRevision(client, deployment, revisionOf(current))
  const isNew = !deployment.status?.conditions?.some(condition => condition.type === 'Progressing')
  const note = isNew
    ? ({ reason: 'FoundNewReplicaSet', message: `Found new replica set ${JSON.stringify(found.metadata.name)}` } as const)
    : undefined
  return { current, note, collisions }
}

async function createReplicaSet(
  context: ControllerContext,
  deployment: Deployment,
  all: readonly ReplicaSet[],
  revision: bigint,
  collisions: number,
): Promise<CurrentReplicaSet> {
  const { client, events } = context
  const template = deployment.spec?.template
  const hash = templateHash(template, collisions)
  const labels = { ...template?.metadata?.labels, [hashLabel]: hash }
  const name = `${deployment.metadata.name}-${hash}`
  const draft: ReplicaSet = {
    metadata: {
      name,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...annotationsOfCurrent(deployment, undefined, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [makeControllerReference(deployment, deploymentKind)],
    },
    spec: {
      replicas: 0,
      minReadySeconds: deployment.spec?.minReadySeconds,
      selector: { ...deployment.spec?.selector, matchLabels: { ...deployment.spec?.selector?.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template?.metadata, labels } },
    } as ReplicaSet['spec'],
  }
  // At once with its first size: one write, and the pods come a step earlier.
  const size = nextSizeOfCurrent(deployment, draft, all)
  let current: ReplicaSet
  try {
    current = await client.create(replicaSetKind, { ...draft, spec: { ...draft.spec, replicas: size } as ReplicaSet['spec'] })
  } catch (error) {
    if (!isAlreadyExists(error)) {
      const message = `Failed to create new replica set ${JSON.stringify(name)}: ${(error as Error).message}`
      events.record(deployment, deploymentKind, 'Warning', 'ReplicaSetCreateError', message)
      await report(context, deployment, all, undefined, { reason: 'ReplicaSetCreateError', message }, collisions)
      throw error
    }
    const existing = await client.get(replicaSetKind, deployment.metadata.namespace, name)
    // Ours, made a moment ago by another run of this; else the name is taken, and the next try gets another.
    if (isControlledBy(existing, deployment) && findCurrent(deployment, [existing]))
      return { current: existing, note: undefined, collisions }
    return { current: undefined, note: undefined, collisions: collisions + 1 }
  }
  await client.informer(replicaSetKind).reached(current.metadata.resourceVersion as string)
  if (size > 0) events.record(deployment, deploymentKind, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${size}`)
  await noteRevision(client, deployment, revision)
  return { current, note: { reason: 'NewReplicaSetCreated', message: `Created new replica set ${JSON.stringify(name)}` }, collisions }
}

/** kubectl reads the revision from the deployment itself. It goes with the status, as upstream: that leaves the generation alone. */
async function noteRevision(client: ControllerContext['client'], deployment: Deployment, revision: bigint): Promise<void> {
  if (revisionOf(deployment) === revision) return
  const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: String(revision) }
  const written = await client.updateStatus(deploymentKind, { ...deployment, metadata: { ...deployment.metadata, annotations } })
  await client.informer(deploymentKind).reached(written.metadata.resourceVersion as string)
}

const sizeAnnotations = (deployment: Deployment): Record<string, string> => ({
  [desiredAnnotation]: String(wantedReplicas(deployment)),
  [maximumAnnotation]: String(wantedReplicas(deployment) + boundsOf(deployment).surge),
})

/** Writes new sizes, with the scale for which they were chosen, and answers all replica sets as they are then. */
async function resize(
  context: ControllerContext,
  deployment: Deployment,
  all: readonly ReplicaSet[],
  sizes: ReadonlyMap<ReplicaSet, number>,
): Promise<readonly ReplicaSet[]> {
  const written = new Map<ReplicaSet, ReplicaSet>()
  const notes = sizeAnnotations(deployment)
  for (const [replicaSet, size] of sizes) {
    const former = replicasOf(replicaSet)
    const annotations = { ...replicaSet.metadata.annotations, ...notes }
    if (former === size && sameEntries(annotations, replicaSet.metadata.annotations ?? {})) continue
    const metadata = { ...replicaSet.metadata, annotations }
    written.set(
      replicaSet,
      await write(context, { ...replicaSet, metadata, spec: { ...replicaSet.spec, replicas: size } as ReplicaSet['spec'] }),
    )
    if (former === size) continue
    const direction = size > former ? 'up' : 'down'
    context.events.record(
      deployment,
      deploymentKind,
      'Normal',
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${former} to ${size}`,
    )
  }
  return all.map(replicaSet => written.get(replicaSet) ?? replicaSet)
}

async function write({ client }: ControllerContext, replicaSet: ReplicaSet): Promise<ReplicaSet> {
  const written = await client.update(replicaSetKind, replicaSet)
  await client.informer(replicaSetKind).reached(written.metadata.resourceVersion as string)
  return written
}

async function report(
  context: ControllerContext,
  deployment: Deployment,
  all: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
  note: ProgressNote | undefined,
  collisionCount = deployment.status?.collisionCount ?? 0,
): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const deployments = client.informer(deploymentKind)
  // The revision may just have been noted, which made a new version.
  const latest = deployments.get(deployment.metadata.namespace, deployment.metadata.name as string) ?? deployment
  if (latest.metadata.generation !== deployment.metadata.generation) return
  const now_ms = clock.now()
  const status = deploymentStatus({ deployment: latest, current, all, note, collisionCount, now: formatTime(now_ms), now_ms })
  if (status !== latest.status) {
    const written = await client.updateStatus(deploymentKind, { ...latest, status })
    await deployments.reached(written.metadata.resourceVersion as string)
  }
  const wait = untilDeadline(latest, status, now_ms)
  return wait === undefined ? undefined : { requeueAfter_ms: wait }
}

/** Old replica sets beyond the history limit go, oldest first, once the update is complete. */
async function cleanUp(
  { client }: ControllerContext,
  deployment: Deployment,
  all: readonly ReplicaSet[],
  current: ReplicaSet,
): Promise<void> {
  const limit = deployment.spec?.revisionHistoryLimit ?? 10
  const latest = client.informer(deploymentKind).get(deployment.metadata.namespace, deployment.metadata.name as string)
  if (!latest?.status || !isComplete(latest, latest.status)) return
  const idle = all.filter(
    one =>
      one !== current &&
      replicasOf(one) === 0 &&
      (one.status?.replicas ?? 0) === 0 &&
      !one.metadata.deletionTimestamp &&
      (one.status?.observedGeneration ?? 0) >= (one.metadata.generation ?? 0),
  )
  const surplus = [...idle].sort(byRevision).slice(0, Math.max(0, idle.length - limit))
  for (const replicaSet of surplus) {
    const { namespace, name, uid } = replicaSet.metadata
    await client
      .delete(replicaSetKind, namespace, name as string, { propagationPolicy: 'Background', preconditions: { uid } })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
  }
}

const sameEntries = (left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean =>
  Object.keys(left).length === Object.keys(right).length && Object.entries(left).every(([key, value]) => right[key] === value)
