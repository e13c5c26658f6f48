import type { Job } from '../../apis/batch/job.ts'
import type { Pod } from '../../apis/core/pod.ts'

/** What the annotations, finalizers and times of one pod of a job mean: pure. */

/** Keeps a pod until its job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
export const indexFailureAnnotation = 'batch.kubernetes.io/job-index-failure-count'
export const indexIgnoredFailureAnnotation = 'batch.kubernetes.io/job-index-ignored-failure-count'

export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(trackingFinalizer) ?? false

export const isIndexed = (job: Job): boolean => job.spec?.completionMode === 'Indexed'

export const hasIndexBackoff = (job: Job): boolean => job.spec?.backoffLimitPerIndex !== undefined

/** With this policy a pod that is going away still stands for its completion; only a failed one is replaced. */
export const replacesOnlyFailed = (job: Job): boolean => job.spec?.podReplacementPolicy === 'Failed'

/** A pod that was deleted counts as failed, since it may never come to the phase Failed. */
export const hasFailed = (job: Job, pod: Pod): boolean =>
  pod.status?.phase === 'Failed' ||
  (!replacesOnlyFailed(job) && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded')

export const hasSucceeded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded'

/** The completion that a pod of an indexed job stands for; undefined when it has none, or one that is no longer wanted. */
export function indexOf(job: Job, pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexAnnotation]
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  const index = Number(text)
  return index < (job.spec?.completions ?? 0) ? index : undefined
}

export const indexFailures = (pod: Pod): number => countIn(pod, indexFailureAnnotation)
export const indexIgnoredFailures = (pod: Pod): number => countIn(pod, indexIgnoredFailureAnnotation)

function countIn(pod: Pod, annotation: string): number {
  const text = pod.metadata.annotations?.[annotation] ?? ''
  return /^\d+$/.test(text) ? Number(text) : 0
}

/** When the pod ended, in milliseconds: its last container, or the nearest time that is known. */
export function finishedAt(pod: Pod): number {
  const containers = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.finishedAt ?? [])
  if (containers.length) return Math.max(...containers.map(Date.parse))
  const notReady = pod.status?.conditions?.find(condition => condition.type === 'Ready' && condition.status === 'False')
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp = '' } = pod.metadata
  if (deletionTimestamp) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return Date.parse(notReady?.lastTransitionTime ?? creationTimestamp) || 0
}
