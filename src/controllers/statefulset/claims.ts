import { isAlreadyExists } from '../../apimachinery/api-errors.ts'
import type { OwnerReference } from '../../apimachinery/meta.ts'
import type { StatefulSet } from '../../apis/apps/stateful-set.ts'
import { type PersistentVolumeClaim, persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { makeOwnerReference } from '../../client/index.ts'
import type { ControllerContext } from '../controller.ts'
import { claimsOfOrdinal, podName, setKind } from './identity.ts'

/** Makes the claims of a pod that are not there. Those of an earlier pod of the same number are used again. */
export async function ensureClaims({ client, events }: ControllerContext, set: StatefulSet, ordinal: number): Promise<void> {
  const informer = client.informer(persistentVolumeClaimKind)
  const pod = podName(set, ordinal)
  for (const draft of claimsOfOrdinal(set, ordinal)) {
    const { namespace, name } = draft.metadata
    const existing = informer.get(namespace, name as string)
    if (existing?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`)
    if (existing) continue
    try {
      const made = await client.create(persistentVolumeClaimKind, draft)
      await informer.reached(made.metadata.resourceVersion as string)
      events.record(
        set,
        setKind,
        'Normal',
        'SuccessfulCreate',
        `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`,
      )
    } catch (error) {
      if (isAlreadyExists(error)) continue
      const message = `create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${(error as Error).message}`
      events.record(set, setKind, 'Warning', 'FailedCreate', message)
      throw error
    }
  }
}

/** A claim that went with its last pod is still there: the next pod must not take it. */
export function hasStaleClaim({ client }: ControllerContext, set: StatefulSet, ordinal: number): boolean {
  if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false
  const informer = client.informer(persistentVolumeClaimKind)
  return claimsOfOrdinal(set, ordinal).some(({ metadata: { namespace, name } }) => {
    const owners = informer.get(namespace, name as string)?.metadata.ownerReferences ?? []
    return owners.some(owner => owner.kind === 'Pod' && owner.name === podName(set, ordinal))
  })
}

/** Gives the claims of a pod the owners with which they are to go. */
export async function settleClaims(
  { client }: ControllerContext,
  set: StatefulSet,
  pod: Pod,
  ordinal: number,
  condemned: boolean,
): Promise<void> {
  const informer = client.informer(persistentVolumeClaimKind)
  for (const { metadata } of claimsOfOrdinal(set, ordinal)) {
    const claim = informer.get(metadata.namespace, metadata.name as string)
    const changed = claim && withOwners(claim, set, pod, condemned)
    if (!changed || changed === claim) continue
    const written = await client.update(persistentVolumeClaimKind, changed)
    await informer.reached(written.metadata.resourceVersion as string)
  }
}

function withOwners(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod, condemned: boolean): PersistentVolumeClaim {
  const { whenDeleted, whenScaled } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {}
  const goesWithPod = whenScaled === 'Delete' && condemned
  const wanted: OwnerReference[] = []
  if (goesWithPod) wanted.push(makeOwnerReference(pod, podKind))
  else if (whenDeleted === 'Delete') wanted.push(makeOwnerReference(set, setKind))
  const before = claim.metadata.ownerReferences ?? []
  const others = before.filter(owner => owner.uid !== set.metadata.uid && !(owner.kind === 'Pod' && owner.name === pod.metadata.name))
  const ours = before.filter(owner => !others.includes(owner))
  if (ours.length === wanted.length && ours.every((owner, index) => owner.uid === wanted[index]?.uid)) return claim
  return { ...claim, metadata: { ...claim.metadata, ownerReferences: [...others, ...wanted] } }
}
