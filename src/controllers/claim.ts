import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { KubernetesObject, LabelSelector } from '../apimachinery/meta.ts'
import { type LabelMatcher, labelSelectorMatcher } from '../apimachinery/selectors.ts'
import { type Client, controllerOf, type Informer, makeControllerReference } from '../client/index.ts'

/** The objects that belong to an owner by reference and selector, which may adopt and release some to make it so. */
export interface Claim<T extends KubernetesObject> {
  readonly client: Client
  readonly kind: Kind<T>
  readonly owner: KubernetesObject
  readonly ownerKind: Kind<never> | Kind
  readonly selector: LabelSelector | undefined
  /** What else an object must have to belong to the owner. */
  readonly accepts?: (object: T) => boolean
  /** Comes with adoption and goes with release. */
  readonly finalizer?: string
}

const orphanIndex = 'orphans'
const controllerIndex = 'controller'

/** Indexes of an informer that `claimObjects` needs. */
export function indexOwners<T extends KubernetesObject>(informer: Informer<T>): Informer<T> {
  informer.addIndex(controllerIndex, object => {
    const uid = controllerOf(object)?.uid
    return uid ? [uid] : []
  })
  informer.addIndex(orphanIndex, object => (controllerOf(object) ? [] : [object.metadata.namespace ?? '']))
  return informer
}

/**
 * Releases what belongs to the owner but no longer matches, adopts what matches and belongs to nobody. An owner that is
 * being deleted adopts nothing.
 */
export async function claimObjects<T extends KubernetesObject>(informer: Informer<T>, claim: Claim<T>): Promise<T[]> {
  const { owner, accepts = () => true } = claim
  const selector = labelSelectorMatcher(claim.selector)
  const belongs = (object: T): boolean => matches(selector, object) && accepts(object)
  const owned = informer.byIndex(controllerIndex, owner.metadata.uid as string)
  const kept = owned.filter(belongs)
  for (const object of owned) if (!belongs(object) && !object.metadata.deletionTimestamp) await release(claim, object)
  if (owner.metadata.deletionTimestamp) return kept
  const orphans = informer
    .byIndex(orphanIndex, owner.metadata.namespace ?? '')
    .filter(object => belongs(object) && !object.metadata.deletionTimestamp)
  const adopted = await adopt(informer, claim, orphans)
  return [...kept, ...adopted]
}

/** Owners of this informer whose selector matches an orphan: one of them will adopt it. */
export function adoptersOf<T extends KubernetesObject>(
  owners: Informer<T>,
  orphan: KubernetesObject | undefined,
  selectorOf: (owner: T) => LabelSelector | undefined,
): T[] {
  if (!orphan || controllerOf(orphan)) return []
  return owners.list(orphan.metadata.namespace).filter(owner => matches(labelSelectorMatcher(selectorOf(owner)), orphan))
}

const matches = (selector: LabelMatcher, object: KubernetesObject): boolean => selector.matches(object.metadata.labels)

async function adopt<T extends KubernetesObject>(
  informer: Informer<T>,
  { client, kind, owner, ownerKind, finalizer }: Claim<T>,
  orphans: readonly T[],
): Promise<T[]> {
  if (orphans.length === 0) return []
  // The owner may have been deleted, or made again, since we saw it: it must not adopt then.
  const current = await client.get(ownerKind as Kind, owner.metadata.namespace, owner.metadata.name as string)
  if (current.metadata.uid !== owner.metadata.uid || current.metadata.deletionTimestamp) return []
  const adopted: T[] = []
  for (const orphan of orphans) {
    const { namespace, name, uid, ownerReferences = [], finalizers = [] } = orphan.metadata
    const body = {
      metadata: {
        uid,
        ownerReferences: [...ownerReferences, makeControllerReference(owner, ownerKind)],
        ...(finalizer && { finalizers: [...new Set([...finalizers, finalizer])] }),
      },
    }
    const changed = await unlessGone(client.patch(kind, namespace, name as string, { type: 'merge', body }))
    if (!changed) continue
    await informer.reached(changed.metadata.resourceVersion as string)
    adopted.push(changed)
  }
  return adopted
}

async function release<T extends KubernetesObject>({ client, kind, owner, finalizer }: Claim<T>, object: T): Promise<void> {
  const { namespace, name, uid, ownerReferences = [], finalizers = [] } = object.metadata
  const rest = ownerReferences.filter(reference => reference.uid !== owner.metadata.uid)
  const keptFinalizers = finalizers.filter(one => one !== finalizer)
  const body = {
    metadata: {
      uid,
      ownerReferences: rest.length ? rest : null,
      ...(keptFinalizers.length < finalizers.length && { finalizers: keptFinalizers.length ? keptFinalizers : null }),
    },
  }
  await unlessGone(client.patch(kind, namespace, name as string, { type: 'merge', body }))
}

async function unlessGone<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write
  } catch (error) {
    // Gone, or another object of the same name by now.
    if (isNotFound(error) || isConflict(error)) return undefined
    throw error
  }
}
