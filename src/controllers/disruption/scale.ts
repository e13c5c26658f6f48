import { isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import { type KubernetesObject, type OwnerReference, parseGroupVersion } from '../../apimachinery/meta.ts'
import { deploymentKind } from '../../apis/apps/deployment.ts'
import { replicaSetKind } from '../../apis/apps/replica-set.ts'
import { statefulSetKind } from '../../apis/apps/stateful-set.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { replicationControllerKind } from '../../apis/core/replication-controller.ts'
import { controllerOf, type Informer } from '../../client/index.ts'
import type { ControllerContext } from '../controller.ts'
import type { PodScale } from './expectation.ts'

interface Scaled extends KubernetesObject {
  readonly spec?: { readonly replicas?: number }
}

/** Follows a pod to what sets the number of its like: a deployment by way of its replica set, or whatever has a scale. */
export async function scaleOf(context: ControllerContext, pod: Pod): Promise<PodScale | undefined> {
  const owner = controllerOf(pod)
  if (owner === undefined) return undefined
  const { namespace } = pod.metadata
  const known = find(context, namespace, owner)
  const scale = known && ofObject(known, ofDeployment(context, known))
  const found = scale ?? (await ofScale(context, namespace, owner))
  if (found === undefined) throw new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`)
  return found
}

const informed = [replicaSetKind, statefulSetKind, replicationControllerKind] as readonly unknown[] as readonly Kind<Scaled>[]

/** Owners that are followed anyway need not be asked for. */
function find({ client }: ControllerContext, namespace: string | undefined, owner: OwnerReference): Scaled | undefined {
  const kind = informed.find(one => one.kind === owner.kind && one.group === parseGroupVersion(owner.apiVersion).group)
  return kind && sameObject(client.informer(kind), namespace, owner)
}

function ofDeployment({ client }: ControllerContext, replicaSet: Scaled): Scaled | undefined {
  const owner = controllerOf(replicaSet)
  if (owner?.kind !== 'Deployment') return undefined
  return sameObject(client.informer(deploymentKind as unknown as Kind<Scaled>), replicaSet.metadata.namespace, owner)
}

/** An object of the owner's name may be another one by now. */
function sameObject(informer: Informer<Scaled>, namespace: string | undefined, owner: OwnerReference): Scaled | undefined {
  const object = informer.get(namespace, owner.name)
  return object?.metadata.uid === owner.uid ? object : undefined
}

const ofObject = (owner: Scaled, above: Scaled | undefined): PodScale => {
  const { metadata, spec } = above ?? owner
  return { uid: metadata.uid ?? '', replicas: spec?.replicas ?? 1 }
}

/** The scale of anything, custom resources included. */
async function ofScale(
  { client, kinds }: ControllerContext,
  namespace: string | undefined,
  owner: OwnerReference,
): Promise<PodScale | undefined> {
  const { group } = parseGroupVersion(owner.apiVersion)
  const kind = kinds().find(one => one.kind === owner.kind && one.served.some(served => served.group === group))
  if (kind === undefined) return undefined
  if (kind.subresources.scale === undefined) {
    throw new Error(`${kind.resource}${group && `.${group}`} does not implement the scale subresource`)
  }
  try {
    const scale = await client.getSubresource<Scaled>(kind, namespace, owner.name, 'scale')
    return scale.metadata.uid === owner.uid ? { uid: owner.uid, replicas: scale.spec?.replicas ?? 0 } : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
