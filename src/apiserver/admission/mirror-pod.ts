import { notFound } from '../../apimachinery/api-errors.ts'
import type { OwnerReference } from '../../apimachinery/meta.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { AdmissionRequest } from '../types.ts'
import { isMirrorPod, mirrorAnnotation, namesOfConfigMaps, namesOfSecrets } from './pod-references.ts'
import { refuse } from './refuse.ts'
import { kindOf } from './requests.ts'

/** A node creates pods only to show what it runs from files: bound and owned by itself, with no reach into the API. */
export function checkMirrorPodOfNode(request: AdmissionRequest, name: string): void {
  const pod = request.object as Pod
  const node = `node ${JSON.stringify(name)}`
  if (!isMirrorPod(pod))
    throw refuse(request, `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, ${node} can only create mirror pods`)
  if (pod.spec?.nodeName !== name) throw refuse(request, `${node} can only create pods with spec.nodeName set to itself`)
  checkOwner(request, name, pod.metadata.ownerReferences ?? [])
  const referred = referredKind(pod)
  if (referred) throw refuse(request, `${node} can not create pods that reference ${referred}`)
}

function checkOwner(request: AdmissionRequest, name: string, owners: readonly OwnerReference[]): void {
  const node = `node ${JSON.stringify(name)}`
  const [owner] = owners
  if (owners.length > 1) throw refuse(request, `${node} can only create pods with a single owner reference set to itself`)
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== name)
    throw refuse(request, `${node} can only create pods with an owner reference set to itself`)
  if (!owner.controller) throw refuse(request, `${node} can only create pods with a controller owner reference set to itself`)
  if (owner.blockOwnerDeletion) throw refuse(request, `${node} must not set blockOwnerDeletion on an owner reference`)
  const stored = request.objects.get(kindOf(request.objects, '', 'nodes'), '', name)
  if (!stored) throw notFound({ group: '', resource: 'nodes' }, name)
  if (owner.uid !== stored.metadata.uid)
    throw refuse(request, `node ${name} UID mismatch: expected ${owner.uid} got ${stored.metadata.uid}`)
}

function referredKind(pod: Pod): string | undefined {
  const volumes = pod.spec?.volumes ?? []
  if (pod.spec?.serviceAccountName) return 'a service account'
  if (namesOfSecrets(pod).length > 0) return 'secrets'
  if (namesOfConfigMaps(pod).length > 0) return 'configmaps'
  if (volumes.some(volume => volume.projected?.sources?.some(source => source.clusterTrustBundle))) return 'clustertrustbundles'
  if (volumes.some(volume => volume.persistentVolumeClaim)) return 'persistentvolumeclaims'
  return undefined
}
