import type { Kind } from '../apimachinery/kind.ts'
import { formatGroupVersion, type KubernetesObject, type OwnerReference } from '../apimachinery/meta.ts'

/** The reference to the one owner that manages this object. */
export const controllerOf = (object: KubernetesObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find(reference => reference.controller === true)

/** Identity is the UID: an owner that was made again under the same name is another. */
export const isControlledBy = (object: KubernetesObject, owner: KubernetesObject): boolean =>
  owner.metadata.uid !== undefined && controllerOf(object)?.uid === owner.metadata.uid

export const isOwnedBy = (object: KubernetesObject, owner: KubernetesObject): boolean =>
  object.metadata.ownerReferences?.some(reference => reference.uid === owner.metadata.uid) ?? false

type OwnerKind = Pick<Kind, 'group' | 'version' | 'kind'>

export function makeControllerReference(owner: KubernetesObject, kind: OwnerKind): OwnerReference {
  return { ...makeOwnerReference(owner, kind), controller: true, blockOwnerDeletion: true }
}

export function makeOwnerReference({ metadata: { name, uid } }: KubernetesObject, kind: OwnerKind): OwnerReference {
  if (!name || !uid) throw new Error(`an owner reference to a ${kind.kind} needs its name and UID`)
  return { apiVersion: formatGroupVersion(kind.group, kind.version), kind: kind.kind, name, uid }
}
