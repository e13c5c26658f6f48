import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import { formatGroupVersion, type KubernetesObject, type OwnerReference, parseGroupVersion } from '../../apimachinery/meta.ts'
import type { Informer } from '../../client/index.ts'
import { type ControllerWatch, createWorkQueue, runController } from '../../client/index.ts'
import type { Controller, ControllerContext, RunningController } from '../controller.ts'
import { followExtensions, isCollected } from './follow-extensions.ts'
import { createOwnerGraph, type GraphNode, type OwnerGraph, ownersOf } from './graph.ts'
import { createGrowingWaits } from './growing-waits.ts'

/**
 * Deletes what nobody owns any more, and carries out the ways of deleting an owner: in the background (its dependents
 * go after it), in the foreground (before it), or not at all (they are orphaned). A key is an object's UID.
 */
export const garbageCollector: Controller = {
  name: 'generic-garbage-collector',
  start(context) {
    const graph = createOwnerGraph()
    const queue = createWorkQueue({ clock: context.clock, name: context.name, metrics: context.metrics })
    const followed = new Map<string, () => void>()
    const follow = (kind: Kind): Promise<void> => {
      const name = `${kind.group}/${kind.resource}`
      if (followed.has(name)) return Promise.resolve()
      const informer = context.client.informer(kind, { metadataOnly: true }) as Informer<KubernetesObject>
      followed.set(
        name,
        informer.onChange((old, current) => {
          for (const uid of apply(graph, kind, old, current)) queue.add(uid)
        }),
      )
      return informer.synced
    }
    // Kinds may appear at run time; the controller begins when those of the start are known.
    const ready = Promise.all(context.kinds().filter(isCollected).map(follow)).then(() => undefined)
    const watches: ControllerWatch[] = [{ informer: { synced: ready, onChange: () => () => {} }, keys: () => [] }]
    const undecided = new Set<string>()
    const waits = createGrowingWaits()
    const controller = runController({
      ...context,
      queue,
      workers: 10,
      watches,
      async reconcile(uid) {
        undecided.delete(uid)
        const verdict = await reconcile(context, graph, uid)
        if (verdict === 'undecided') undecided.add(uid)
        if (verdict === 'unobserved') queue.addAfter(uid, waits.next(uid))
        else waits.forget(uid)
      },
    })
    const lookAgain = () => {
      for (const uid of undecided) queue.add(uid)
    }
    const kindsChanged = context.onKindsChanged(() => {
      for (const kind of context.kinds()) if (isCollected(kind)) void follow(kind)
      lookAgain()
    })
    const extensions = followExtensions(context, {
      change(kind, old, current) {
        for (const uid of apply(graph, kind, old, current)) queue.add(uid)
      },
      forget(object) {
        const uid = object.metadata.uid as string
        graph.remove(uid)
        for (const dependent of graph.dependentsOf(uid)) queue.add(uidOf(dependent))
      },
      changed: lookAgain,
    })
    return closing(controller, () => [kindsChanged, extensions.close, ...followed.values()])
  },
}

const closing = (controller: RunningController, others: () => readonly (() => void)[]): RunningController => ({
  async close() {
    for (const end of others()) end()
    await controller.close()
  },
})

/** Brings the graph up to date and answers whom the change concerns. */
function apply(graph: OwnerGraph, kind: Kind, old: KubernetesObject | undefined, current: KubernetesObject | undefined): string[] {
  const uid = (current ?? old)?.metadata.uid as string
  if (!current) {
    graph.remove(uid)
    // Those that it owned lose an owner; those that it belonged to may be waiting for its end.
    return [...graph.dependentsOf(uid).map(uidOf), ...ownersOf(old).map(owner => owner.uid)]
  }
  graph.set(kind, current)
  const isDeleted = current.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined
  const dependents = isDeleted ? graph.dependentsOf(uid).map(uidOf) : []
  const needsLook = ownersOf(current).length > 0 || current.metadata.deletionTimestamp !== undefined
  // A blocking dependent that lets go of its owner may end the owner's wait.
  const formerOwners = ownersOf(old).filter(
    owner => !ownersOf(current).some(one => one.uid === owner.uid && one.blockOwnerDeletion === owner.blockOwnerDeletion),
  )
  return [...(needsLook ? [uid] : []), ...dependents, ...formerOwners.map(owner => owner.uid)]
}

const uidOf = (node: GraphNode) => node.object.metadata.uid as string

/**
 * Undecided is what belongs to an object of a kind that nobody serves (yet). Unobserved is what belongs to an object that is
 * there but of which no informer has told: should it come and go unseen, as it may while a watch is opened anew, nobody
 * would tell of its end either, so its dependents are looked at again.
 */
type Verdict = 'undecided' | 'unobserved' | void

async function reconcile(context: ControllerContext, graph: OwnerGraph, uid: string): Promise<Verdict> {
  const node = graph.get(uid)
  if (!node) return
  try {
    const { finalizers = [], deletionTimestamp } = node.object.metadata
    if (deletionTimestamp && finalizers.includes('orphan')) return await orphanDependents(context, graph, node)
    if (deletionTimestamp && finalizers.includes('foregroundDeletion')) return await deleteDependentsFirst(context, graph, node)
    if (!deletionTimestamp) return await collectIfUnowned(context, graph, node)
  } catch (error) {
    // It is gone, or has changed: the change brings it back here.
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

/** Dependents lose their reference, then the owner its finalizer. */
async function orphanDependents({ client }: ControllerContext, graph: OwnerGraph, owner: GraphNode): Promise<void> {
  const uid = uidOf(owner)
  await Promise.all(graph.dependentsOf(uid).map(dependent => dropOwner(client, dependent, uid)))
  await dropFinalizer(client, owner, 'orphan')
}

/** Dependents that block the owner's deletion go first; when none is left the owner may go. */
async function deleteDependentsFirst(context: ControllerContext, graph: OwnerGraph, owner: GraphNode): Promise<void> {
  const uid = uidOf(owner)
  const dependents = graph.dependentsOf(uid)
  const blocking = dependents.filter(({ object }) =>
    ownersOf(object).some(reference => reference.uid === uid && reference.blockOwnerDeletion),
  )
  if (blocking.length === 0) return dropFinalizer(context.client, owner, 'foregroundDeletion')
  // Those that another owner keeps lose their reference to this one instead.
  await Promise.all(
    blocking.filter(({ object }) => !object.metadata.deletionTimestamp).map(dependent => collectIfUnowned(context, graph, dependent)),
  )
}

/** An object stays as long as one of its owners is there and not about to go in the foreground. */
async function collectIfUnowned(context: ControllerContext, graph: OwnerGraph, node: GraphNode): Promise<Verdict> {
  const { client } = context
  const owners = ownersOf(node.object)
  if (owners.length === 0) return
  const states = await Promise.all(owners.map(async reference => ({ reference, state: await stateOf(context, graph, node, reference) })))
  const alive = states.filter(({ state }) => state === 'alive' || state === 'unobserved')
  const absent = states.filter(({ state }) => state === 'absent')
  const waiting = states.filter(({ state }) => state === 'waiting')
  if (alive.length > 0) {
    // References to owners that are gone, or wait for this one's end, would only mislead.
    const dangling = [...absent, ...waiting].map(({ reference }) => reference.uid)
    if (dangling.length)
      await setOwners(
        client,
        node,
        owners.filter(reference => !dangling.includes(reference.uid)),
      )
    return states.some(({ state }) => state === 'unobserved') ? 'unobserved' : undefined
  }
  // Deleting on a guess would be wrong.
  if (states.some(({ state }) => state === 'unknown')) return 'undecided'
  const dependents = graph.dependentsOf(uidOf(node))
  if (waiting.length === 0 || dependents.length === 0) return remove(client, node, policyOf(node.object))
  if (dependents.some(isWaitingForDependents)) return breakCircle(client, node)
  await remove(client, node, 'Foreground')
}

const isWaitingForDependents = ({ object }: GraphNode): boolean =>
  object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).includes('foregroundDeletion')

/** An owner that waits for this object's end also belongs to it: somebody has to go first, and it is the owner. */
async function breakCircle(client: GraphClient, node: GraphNode): Promise<void> {
  const unblocked = ownersOf(node.object).map(reference => ({ ...reference, blockOwnerDeletion: false }))
  const object = (await setOwners(client, node, unblocked)) as KubernetesObject
  await remove(client, { ...node, object }, 'Foreground')
}

type OwnerState = 'alive' | 'unobserved' | 'absent' | 'waiting' | 'unknown'

async function stateOf(
  context: ControllerContext,
  graph: OwnerGraph,
  dependent: GraphNode,
  reference: OwnerReference,
): Promise<OwnerState> {
  const known = graph.get(reference.uid)
  const kind = kindOf(context, reference)
  if (known && matches(known, reference)) {
    if (known.kind.scope === 'Namespaced' && known.object.metadata.namespace !== dependent.object.metadata.namespace)
      return reportForeign(context, dependent, reference)
    const { deletionTimestamp, finalizers = [] } = known.object.metadata
    return deletionTimestamp && finalizers.includes('foregroundDeletion') ? 'waiting' : 'alive'
  }
  if (!kind) return 'unknown'
  const namespace = kind.scope === 'Namespaced' ? dependent.object.metadata.namespace : undefined
  if (kind.scope === 'Namespaced' && namespace === undefined) return reportForeign(context, dependent, reference)
  try {
    const found = await context.client.get(kind, namespace, reference.name)
    if (found.metadata.uid !== reference.uid) return 'absent'
    return isCollected(kind) && !graph.get(reference.uid) ? 'unobserved' : 'alive'
  } catch (error) {
    if (isNotFound(error)) return 'absent'
    throw error
  }
}

/** An owner in another namespace counts as absent, and that is said before anything is deleted. */
function reportForeign(context: ControllerContext, dependent: GraphNode, reference: OwnerReference): OwnerState {
  const { namespace } = dependent.object.metadata
  const message = `ownerRef [${reference.apiVersion}/${reference.kind}, namespace: ${namespace ?? ''}, name: ${reference.name}, uid: ${reference.uid}] does not exist in namespace ${JSON.stringify(namespace ?? '')}`
  context.events.record(dependent.object, dependent.kind, 'Warning', 'OwnerRefInvalidNamespace', message)
  return 'absent'
}

const kindOf = (context: ControllerContext, reference: OwnerReference): Kind | undefined => {
  const { group } = parseGroupVersion(reference.apiVersion)
  const kinds = [...context.kinds(), ...(context.extensions?.current().kinds ?? [])]
  return kinds.find(kind => kind.kind === reference.kind && kind.served.some(served => served.group === group))
}

const matches = ({ kind, object }: GraphNode, reference: OwnerReference): boolean =>
  kind.kind === reference.kind &&
  object.metadata.name === reference.name &&
  kind.served.some(served => served.group === parseGroupVersion(reference.apiVersion).group)

const policyOf = (object: KubernetesObject): 'Background' | 'Foreground' | 'Orphan' => {
  const finalizers = object.metadata.finalizers ?? []
  if (finalizers.includes('orphan')) return 'Orphan'
  return finalizers.includes('foregroundDeletion') ? 'Foreground' : 'Background'
}

type GraphClient = ControllerContext['client']

/** Only the object that was seen: a later one under the same name is another. */
async function remove(
  client: GraphClient,
  { kind, object }: GraphNode,
  propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
): Promise<void> {
  const { namespace, name, uid, resourceVersion } = object.metadata
  await client.delete(kind, namespace, name as string, { propagationPolicy, preconditions: { uid, resourceVersion } })
}

async function dropOwner(client: GraphClient, node: GraphNode, uid: string): Promise<void> {
  try {
    await setOwners(
      client,
      node,
      ownersOf(node.object).filter(reference => reference.uid !== uid),
    )
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

const setOwners = (client: GraphClient, { kind, object }: GraphNode, ownerReferences: readonly OwnerReference[]): Promise<unknown> =>
  patchMetadata(client, kind, object, { ownerReferences: ownerReferences.length ? ownerReferences : null })

const dropFinalizer = async (client: GraphClient, { kind, object }: GraphNode, finalizer: string): Promise<void> => {
  await patchMetadata(client, kind, object, { finalizers: (object.metadata.finalizers ?? []).filter(one => one !== finalizer) })
}

/** The resourceVersion makes it a conflict when somebody else changed the object. */
function patchMetadata(client: GraphClient, kind: Kind, object: KubernetesObject, change: Record<string, unknown>): Promise<unknown> {
  const { namespace, name, uid, resourceVersion } = object.metadata
  const body = { apiVersion: formatGroupVersion(kind.group, kind.version), kind: kind.kind, metadata: { uid, resourceVersion, ...change } }
  return client.patch(kind, namespace, name as string, { type: 'merge', body })
}
