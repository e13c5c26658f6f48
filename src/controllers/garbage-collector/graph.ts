import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject, OwnerReference } from '../../apimachinery/meta.ts'

/** Who owns whom, among all objects of all kinds: derived from the informers, and nothing else. */
export interface OwnerGraph {
  set(kind: Kind, object: KubernetesObject): void
  remove(uid: string): void
  get(uid: string): GraphNode | undefined
  /** Objects whose references name this UID, whether or not an object with it is known. */
  dependentsOf(uid: string): readonly GraphNode[]
}

export interface GraphNode {
  readonly kind: Kind
  /** What ownership and deletion go by: every object of the cluster has a node, so a node keeps no more than that. */
  readonly object: KubernetesObject
}

export function createOwnerGraph(): OwnerGraph {
  const nodes = new Map<string, GraphNode>()
  const dependents = new Map<string, Set<string>>()

  const unlink = (uid: string) => {
    for (const owner of ownersOf(nodes.get(uid)?.object)) {
      const set = dependents.get(owner.uid)
      set?.delete(uid)
      if (set?.size === 0) dependents.delete(owner.uid)
    }
  }

  return {
    set(kind, object) {
      const uid = object.metadata.uid as string
      unlink(uid)
      nodes.set(uid, { kind, object: essenceOf(object) })
      for (const owner of ownersOf(object)) dependents.set(owner.uid, (dependents.get(owner.uid) ?? new Set()).add(uid))
    },
    remove(uid) {
      unlink(uid)
      nodes.delete(uid)
    },
    get: uid => nodes.get(uid),
    dependentsOf: uid => [...(dependents.get(uid) ?? [])].flatMap(dependent => nodes.get(dependent) ?? []),
  }
}

export const ownersOf = (object: KubernetesObject | undefined): readonly OwnerReference[] => object?.metadata.ownerReferences ?? []

function essenceOf({ metadata }: KubernetesObject): KubernetesObject {
  const { namespace, name, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } = metadata
  return {
    metadata: {
      namespace,
      name,
      uid,
      resourceVersion,
      ...(ownerReferences && { ownerReferences }),
      ...(finalizers && { finalizers }),
      ...(deletionTimestamp && { deletionTimestamp }),
    },
  }
}
