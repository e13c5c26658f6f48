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

/** Revisions are int64: tools that bring their own number from elsewhere do use all of it. */
export function revisionOf(object: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } } | undefined): bigint {
  const text = object?.metadata.annotations?.[revisionAnnotation]
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : 0n
}

export const highestRevision = (replicaSets: readonly ReplicaSet[]): bigint => revisionOf([...replicaSets].sort(byRevision).at(-1))

export function byRevision(left: ReplicaSet, right: ReplicaSet): number {
  const [a, b] = [revisionOf(left), revisionOf(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

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
export function annotationsOfCurrent(deployment: Deployment, replicaSet: ReplicaSet | undefined, revision: bigint): Record<string, string> {
  const annotations: Record<string, string> = { ...replicaSet?.metadata.annotations, ...copiedAnnotations(deployment) }
  const former = revisionOf(replicaSet)
  if (former >= revision) return annotations
  if (former > 0n)
    annotations[revisionHistoryAnnotation] = [...(annotations[revisionHistoryAnnotation]?.split(',') ?? []), String(former)].join(',')
  annotations[revisionAnnotation] = String(revision)
  return annotations
}
