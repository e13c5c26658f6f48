import type { Job } from '../../apis/batch/job.ts'
import type { Pod } from '../../apis/core/pod.ts'
import { deletionOrder } from '../replicaset/deletion-order.ts'
import { untilIndexReplacement, untilReplacement } from './backoff.ts'
import { hasIndexBackoff, indexOf, isIndexed, replacesOnlyFailed } from './job-pods.ts'
import type { Tally } from './tally.ts'

/** Which pods to give up and which to make: pure. Pods are given up first, the next look makes those that are missing. */
export interface Plan {
  readonly remove: readonly Pod[]
  /** One entry a pod: its index, or undefined where the job has none. */
  readonly create: readonly (number | undefined)[]
  /** Milliseconds until more may be made. */
  readonly wait_ms?: number
}

/** As upstream: no more pods are made or deleted at once. */
const burst = 500

export function planPods(job: Job, pods: readonly Pod[], tally: Tally, now_ms: number): Plan {
  const wanted = wantedActive(job, tally)
  const remove = surplus(job, tally, wanted)
  if (remove.length > 0 || job.spec?.suspend) return { remove, create: [] }
  const standing = tally.active.length + (replacesOnlyFailed(job) ? tally.terminating.length : 0)
  const missing = Math.min(wanted - standing, burst)
  if (missing <= 0) return { remove, create: [] }
  const wait_ms = hasIndexBackoff(job) ? 0 : untilReplacement(job, pods, now_ms)
  if (wait_ms > 0) return { remove, create: [], wait_ms }
  if (!isIndexed(job)) return { remove, create: Array.from({ length: missing }, () => undefined) }
  return { remove, ...nextIndexes(job, tally, missing, now_ms) }
}

function wantedActive(job: Job, tally: Tally): number {
  const { parallelism = 1, completions, suspend } = job.spec ?? {}
  if (suspend) return 0
  if (completions === undefined) return tally.succeeded > 0 ? Math.min(tally.active.length, parallelism) : parallelism
  return Math.max(0, Math.min(completions - tally.succeeded - tally.failedIndexes.size, parallelism))
}

function surplus(job: Job, { active }: Tally, wanted: number): readonly Pod[] {
  const first = isIndexed(job) ? unwantedIndexes(job, active) : []
  const missing = active.length - wanted - first.length
  if (missing <= 0) return first.slice(0, burst)
  const chosen = new Set(first)
  const others = active.filter(pod => !chosen.has(pod))
  return [...first, ...deletionOrder(others, others).slice(0, missing)].slice(0, burst)
}

/** Pods of no wanted index, and all but the best of those that share one. */
function unwantedIndexes(job: Job, active: readonly Pod[]): Pod[] {
  const byIndex = Map.groupBy(active, pod => indexOf(job, pod))
  return [...byIndex].flatMap(([index, sharing]) => {
    if (index === undefined) return sharing
    return sharing.length < 2 ? [] : deletionOrder(sharing, sharing).slice(0, -1)
  })
}

/** The lowest indexes that have neither an end nor a pod. */
function nextIndexes(job: Job, tally: Tally, count: number, now_ms: number): Pick<Plan, 'create' | 'wait_ms'> {
  const standing = replacesOnlyFailed(job) ? [...tally.active, ...tally.terminating] : tally.active
  const taken = new Set(standing.map(pod => indexOf(job, pod)))
  const create: number[] = []
  let wait_ms: number | undefined
  for (let index = 0; index < (job.spec?.completions ?? 0) && create.length < count; index++) {
    if (taken.has(index) || tally.succeededIndexes.has(index) || tally.failedIndexes.has(index)) continue
    const failed = tally.lastFailed.get(index)
    const wait = failed ? untilIndexReplacement(failed, now_ms) : 0
    if (wait === 0) create.push(index)
    else wait_ms = Math.min(wait, wait_ms ?? wait)
  }
  return wait_ms === undefined ? { create } : { create, wait_ms }
}
