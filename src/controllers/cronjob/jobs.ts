import type { Job } from '../../apis/batch/job.ts'

export interface FinishedJob {
  readonly job: Job
  readonly condition: 'Complete' | 'Failed'
}

export const finishedJobs = (jobs: readonly Job[]): readonly FinishedJob[] =>
  jobs.flatMap(job => {
    const found = job.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')
    return found ? [{ job, condition: found.type as FinishedJob['condition'] }] : []
  })

/** Finished jobs beyond what is to be kept of each sort, oldest first. */
export function surplusJobs(jobs: readonly Job[], successes: number | undefined, failures: number | undefined): readonly Job[] {
  const finished = finishedJobs(jobs).filter(({ job }) => !job.metadata.deletionTimestamp)
  const beyond = (condition: FinishedJob['condition'], limit: number | undefined): Job[] => {
    if (limit === undefined) return []
    const ofSort = finished.filter(one => one.condition === condition).map(({ job }) => job)
    return ofSort.sort(byStart).slice(0, Math.max(0, ofSort.length - limit))
  }
  return [...beyond('Complete', successes), ...beyond('Failed', failures)]
}

const byStart = (left: Job, right: Job): number =>
  (left.status?.startTime ?? '').localeCompare(right.status?.startTime ?? '') ||
  (left.metadata.name ?? '').localeCompare(right.metadata.name ?? '')
