import type { Deployment } from '../../apis/apps/deployment.ts'
import type { ReplicaSet } from '../../apis/apps/replica-set.ts'
import type { PodTemplateSpec } from '../../apis/core/pod-spec.ts'
import { canonicalJson, shortHash } from '../hash.ts'

/** Which replica set belongs to the present template, and how the others are counted: pure. */

export const hashLabel = 'pod-template-hash'
export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maximumAnnotation = 'deployment.kubernetes.io/max-replicas'

/** The oldest replica set with the deployment's own template, whatever its hash. */
export function findCurrent(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = essenceOf(deployment.spec?.template)
  return [...replicaSets].sort(byAge).find(replicaSet => essenceOf(replicaSet.spec?.template) === wanted)
}

export const byAge = (left: ReplicaSet, right: ReplicaSet): number =>
  (left.metadata.creationTimestamp ?? '').localeCompare(right.metadata.creationTimestamp ?? '') ||
  (left.metadata.name ?? '').localeCompare(right.metadata.name ?? '')

/** A template without the label that only tells replica sets apart, in one order of keys. */
function essenceOf(template: PodTemplateSpec | undefined): string {
  const { [hashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {}
  return canonicalJson({ ...template, metadata: { ...template?.metadata, labels, creationTimestamp: undefined } })
}

/** Names the replica set of a template; `collisions` gives another name when the first is taken by another template. */
export function templateHash(template: PodTemplateSpec | undefined, collisions: number): string {
  return shortHash(essenceOf(template), collisions)
}

export function revisionOf(object: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } } | undefined): number {
  const text = object?.metadata.annotations?.[revisionAnnotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0
}

export const highestRevision = (replicaSets: readonly ReplicaSet[]): number => Math.max(0, ...replicaSets.map(revisionOf))

const ownToReplicaSets = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredAnnotation,
  maximumAnnotation,
  'deprecated.deployment.rollback.to',
])

/** Annotations of the deployment that its replica sets carry too. */
export const copiedAnnotations = (deployment: Deployment): Record<string, string> =>
  Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !ownToReplicaSets.has(name)))

/** The annotations of a replica set that is (again) the current one; its former revisions are remembered. */
export function annotationsOfCurrent(deployment: Deployment, replicaSet: ReplicaSet | undefined, revision: number): Record<string, string> {
  const annotations: Record<string, string> = { ...replicaSet?.metadata.annotations, ...copiedAnnotations(deployment) }
  const former = revisionOf(replicaSet)
  if (former >= revision) return annotations
  if (former > 0)
    annotations[revisionHistoryAnnotation] = [...(annotations[revisionHistoryAnnotation]?.split(',') ?? []), String(former)].join(',')
  annotations[revisionAnnotation] = String(revision)
  return annotations
}
