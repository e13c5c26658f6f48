import type { Deployment } from '../../apis/apps/deployment.ts'
import type { ReplicaSet } from '../../apis/apps/replica-set.ts'
import { byAge, desiredAnnotation, maximumAnnotation } from './revisions.ts'

/** How many pods each replica set should have next: pure arithmetic, upstream's. */

export const replicasOf = (replicaSet: ReplicaSet): number => replicaSet.spec?.replicas ?? 1
export const wantedReplicas = (deployment: Deployment): number => deployment.spec?.replicas ?? 1
const availableOf = (replicaSet: ReplicaSet): number => replicaSet.status?.availableReplicas ?? 0
const sum = (replicaSets: readonly ReplicaSet[], count: (replicaSet: ReplicaSet) => number): number =>
  replicaSets.reduce((total, one) => total + count(one), 0)

export interface Bounds {
  /** Pods beyond those wanted. */
  readonly surge: number
  /** Pods that may be missing. */
  readonly unavailable: number
}

export function boundsOf(deployment: Deployment): Bounds {
  const replicas = wantedReplicas(deployment)
  if (deployment.spec?.strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 }
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec?.strategy?.rollingUpdate ?? {}
  const surge = scaleOf(maxSurge, replicas, Math.ceil)
  const unavailable = scaleOf(maxUnavailable, replicas, Math.floor)
  // With neither, nothing could ever move.
  return { surge, unavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, replicas) }
}

const scaleOf = (value: number | string, total: number, round: (value: number) => number): number =>
  typeof value === 'number' ? value : round((Number.parseInt(value, 10) * total) / 100)

/** The current replica set's size: as many as the surge allows beside the old ones. */
export function nextSizeOfCurrent(deployment: Deployment, current: ReplicaSet, all: readonly ReplicaSet[]): number {
  const wanted = wantedReplicas(deployment)
  const size = replicasOf(current)
  if (size >= wanted) return wanted
  if (deployment.spec?.strategy?.type === 'Recreate') return wanted
  const room = wanted + boundsOf(deployment).surge - sum(all, replicasOf)
  return room <= 0 ? size : size + Math.min(room, wanted - size)
}

export type Sizes = ReadonlyMap<ReplicaSet, number>

/** Sizes of old replica sets: what is not healthy goes first, then as many as may be missing, oldest first. */
export function nextSizesOfOld(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Sizes {
  const sizes = new Map<ReplicaSet, number>()
  const all = [...old, current]
  if (sum(old, replicasOf) === 0) return sizes
  const minimumAvailable = wantedReplicas(deployment) - boundsOf(deployment).unavailable
  const missingOfCurrent = replicasOf(current) - availableOf(current)
  let budget = sum(all, replicasOf) - minimumAvailable - missingOfCurrent
  if (budget <= 0) return sizes
  const ordered = [...old].sort(byAge)
  for (const replicaSet of ordered) {
    const unhealthy = Math.max(0, replicasOf(replicaSet) - availableOf(replicaSet))
    const less = Math.min(unhealthy, budget)
    if (less === 0) continue
    sizes.set(replicaSet, replicasOf(replicaSet) - less)
    budget -= less
  }
  let spare = sum(all, availableOf) - minimumAvailable
  for (const replicaSet of ordered) {
    const size = sizes.get(replicaSet) ?? replicasOf(replicaSet)
    const less = Math.min(size, Math.max(0, spare))
    if (less === 0) continue
    sizes.set(replicaSet, size - less)
    spare -= less
  }
  return sizes
}

/** True when the deployment was scaled since the sizes of its replica sets were chosen. */
export const wasScaled = (deployment: Deployment, active: readonly ReplicaSet[]): boolean =>
  active.some(replicaSet => {
    const desired = replicaSet.metadata.annotations?.[desiredAnnotation]
    return desired !== undefined && Number(desired) !== wantedReplicas(deployment)
  })

/** Spreads a change of scale over the replica sets of an update that is under way, in proportion to their sizes. */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Sizes {
  const total = sum(active, replicasOf)
  const allowed = wantedReplicas(deployment) > 0 ? wantedReplicas(deployment) + boundsOf(deployment).surge : 0
  let left = allowed - total
  // Growing begins with the newest, shrinking with the oldest of the largest.
  const ordered = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || (left > 0 ? byAge(b, a) : byAge(a, b)))
  const sizes = new Map<ReplicaSet, number>()
  for (const replicaSet of ordered) {
    const share = total === 0 ? 0 : shareOf(replicaSet, deployment, allowed, total)
    const change = left > 0 ? Math.min(Math.max(share, 0), left) : Math.max(Math.min(share, 0), left)
    sizes.set(replicaSet, replicasOf(replicaSet) + change)
    left -= change
  }
  const [first] = ordered
  if (first && left !== 0) sizes.set(first, Math.max(0, (sizes.get(first) as number) + left))
  return sizes
}

function shareOf(replicaSet: ReplicaSet, deployment: Deployment, allowed: number, total: number): number {
  if (wantedReplicas(deployment) === 0) return -replicasOf(replicaSet)
  const known = Number(replicaSet.metadata.annotations?.[maximumAnnotation] ?? 0)
  const former = known > 0 ? known : total
  return Math.round((replicasOf(replicaSet) * allowed) / former) - replicasOf(replicaSet)
}
