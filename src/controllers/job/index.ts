/**
 * Jobs: pods that are to end. In go jobs and their pods, out come pods, the job's counters and, once, its end. A pod is
 * counted exactly once, through its finalizer and the list of uncounted pods in the status (see `jobStatus`); never are
 * more pods active than the parallelism allows.
 */
import { isNotFound } from '../../apimachinery/api-errors.ts'
import { type Job, jobKind } from '../../apis/batch/job.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import { formatTime } from '../../base/clock.ts'
import { type Client, controllerOf, runController, watchOf } from '../../client/index.ts'
import { adoptersOf, claimObjects, indexOwners } from '../claim.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { createPods, deletePods } from '../pod-control.ts'
import { type Ending, endingOf, untilActiveDeadline } from './ending.ts'
import { isTracked, trackingFinalizer } from './job-pods.ts'
import { runOrphanPods } from './orphan-pods.ts'
import { planPods } from './plan.ts'
import { jobPod } from './pod-template.ts'
import { releasePod } from './release-pod.ts'
import { isFinished, jobStatus, turned } from './status.ts'
import { type Tally, tallyPods } from './tally.ts'

export const jobController: Controller = {
  name: 'job-controller',
  start(context) {
    const { client } = context
    const jobs = client.informer(jobKind)
    const pods = indexOwners(client.informer(podKind))
    const keysOfPod = (pod: Pod | undefined): string[] => {
      const owner = pod && controllerOf(pod)
      if (owner) return owner.kind === 'Job' ? [`${pod.metadata.namespace}/${owner.name}`] : []
      return adoptersOf(jobs, pod, job => job.spec?.selector).map(keyOf)
    }
    const orphanPods = runOrphanPods(context)
    const running = runController({
      ...context,
      workers: 10,
      watches: [watchOf(jobs, ownKey), watchOf(pods, (old, current) => [...new Set([...keysOfPod(old), ...keysOfPod(current)])])],
      reconcile: key => reconcile(context, key),
    })
    return {
      async close() {
        await Promise.all([running.close(), orphanPods.close()])
      },
    }
  },
}

/** The value of `managedBy` that means this controller. */
const ourName = 'kubernetes.io/job-controller'

async function reconcile(context: ControllerContext, key: string): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { namespace, name } = splitKey(key)
  const job = client.informer(jobKind).get(namespace, name)
  if (!job || (job.spec?.managedBy ?? ourName) !== ourName || isFinished(job)) return
  await claimPods(context, job)
  const first = lookAtPods(context, job)
  const { ending } = first
  const scaled = ending || job.metadata.deletionTimestamp ? unscaled : await scale(context, job, first)
  // First the status notes which pods have ended, then these may go, then they are counted.
  const noted = await writeStatus(context, job, withActive(context, first, job))
  if (ending) await endActivePods(context, noted, ending)
  await release(context, noted, first.tally)
  const counted = await writeStatus(context, noted, lookAtPods(context, noted))
  if (scaled.error) throw scaled.error
  return soonest([scaled.wait_ms, ending ? undefined : untilActiveDeadline(counted, clock.now())])
}

function soonest(waits: readonly (number | undefined)[]): { requeueAfter_ms: number } | undefined {
  const known = waits.filter(wait => wait !== undefined)
  return known.length ? { requeueAfter_ms: Math.max(0, Math.min(...known)) } : undefined
}

async function claimPods({ client }: ControllerContext, job: Job): Promise<void> {
  const pods = client.informer(podKind)
  const selector = job.spec?.selector
  await claimObjects(pods, { client, kind: podKind, owner: job, ownerKind: jobKind, selector, finalizer: trackingFinalizer })
  // Whether a pod was counted is known only if pods are seen at least as new as the status: a predecessor of this
  // controller may have released it just before.
  if (podsOf(client, job).some(isTracked)) await pods.reached(job.metadata.resourceVersion as string)
}

const podsOf = (client: Client, job: Job): readonly Pod[] => client.informer(podKind).byIndex('controller', job.metadata.uid as string)

/** The pods of one moment and what follows from them: what is noted of a pod and what it means for the job go together. */
interface Look {
  readonly pods: readonly Pod[]
  readonly tally: Tally
  readonly ending: Ending | undefined
}

function lookAtPods({ client, clock }: ControllerContext, job: Job): Look {
  const pods = podsOf(client, job)
  const tally = tallyPods(job, pods)
  return { pods, tally, ending: endingOf(job, pods, tally, clock.now()) }
}

/** The same look with the pods that were made or given up since. */
function withActive({ client }: ControllerContext, look: Look, job: Job): Look {
  const { active, terminating } = tallyPods(job, podsOf(client, job))
  return { ...look, tally: { ...look.tally, active, terminating } }
}

interface Scaled {
  readonly wait_ms?: number | undefined
  /** Thrown once the status is written. */
  readonly error?: unknown
}
const unscaled: Scaled = {}

async function scale(context: ControllerContext, job: Job, { pods, tally }: Look): Promise<Scaled> {
  const { remove, create, wait_ms } = planPods(job, pods, tally, context.clock.now())
  if (remove.length > 0) await giveUpPods(context, job, remove)
  if (create.length === 0) return { wait_ms }
  const draft = (position: number) => {
    const index = create[position]
    return jobPod(job, index, index === undefined ? undefined : tally.lastFailed.get(index))
  }
  const { error } = await createPods(context, job, jobKind, create.length, draft)
  return { wait_ms, error }
}

/** Pods that are in excess: they are released before they are deleted, so that they count neither way. */
async function giveUpPods(context: ControllerContext, job: Job, pods: readonly Pod[]): Promise<void> {
  await releaseAll(context, pods)
  await deletePods(context, job, jobKind, pods)
}

async function endActivePods(context: ControllerContext, job: Job, ending: Ending): Promise<void> {
  const active = podsOf(context.client, job).filter(pod => !pod.metadata.deletionTimestamp)
  const { active: running } = tallyPods(job, active)
  if (running.length === 0) return
  // Whatever still runs of a failed job has failed with it.
  if (ending.type === 'FailureTarget') await deletePods(context, job, jobKind, running)
  else await giveUpPods(context, job, running)
}

/** Pods that the status has noted; of a job that is being deleted, all: nobody will count them. */
async function release(context: ControllerContext, job: Job, tally: Tally): Promise<void> {
  const pods = job.metadata.deletionTimestamp ? podsOf(context.client, job).filter(isTracked) : tally.releasable
  await releaseAll(context, pods)
}

async function releaseAll({ client }: ControllerContext, pods: readonly Pod[]): Promise<void> {
  await Promise.all(pods.filter(isTracked).map(pod => releasePod(client, pod)))
}

/** Writes the status that follows from a look at the pods, unless it says so already. */
async function writeStatus(context: ControllerContext, job: Job, { pods, tally, ending }: Look): Promise<Job> {
  const status = jobStatus(job, pods, tally, ending, formatTime(context.clock.now()))
  if (semanticEqual(status, job.status ?? {})) return job
  const written = await writeUnlessGone(context, { ...job, status })
  if (written === undefined) return job
  recordTurns(context, written, job)
  return written
}

async function writeUnlessGone({ client }: ControllerContext, job: Job): Promise<Job | undefined> {
  try {
    const written = await client.updateStatus(jobKind, job)
    await client.informer(jobKind).reached(written.metadata.resourceVersion as string)
    return written
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

function recordTurns({ events }: ControllerContext, after: Job, before: Job): void {
  const became = (type: string, status: 'True' | 'False' = 'True') => turned(before.status, after.status, type, status)
  if (became('Suspended')) events.record(after, jobKind, 'Normal', 'Suspended', 'Job suspended')
  if (became('Suspended', 'False')) events.record(after, jobKind, 'Normal', 'Resumed', 'Job resumed')
  if (became('Complete')) {
    if (after.spec?.completions !== undefined && (after.status?.succeeded ?? 0) > after.spec.completions)
      events.record(after, jobKind, 'Warning', 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached')
    events.record(after, jobKind, 'Normal', 'Completed', 'Job completed')
  }
  const failed = after.status?.conditions?.find(condition => condition.type === 'Failed')
  if (failed && became('Failed')) events.record(after, jobKind, 'Warning', failed.reason ?? 'Failed', failed.message ?? '')
}
