import { jobKind } from '../../apis/batch/job.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { controllerOf, runController, watchOf } from '../../client/index.ts'
import { type ControllerContext, keyOf, type RunningController, splitKey } from '../controller.ts'
import { isTracked } from './job-pods.ts'
import { releasePod } from './release-pod.ts'
import { isFinished } from './status.ts'

/** Releases pods that no job will ever count: their job is gone, is over, or is not theirs any more. */
export function runOrphanPods(context: ControllerContext): RunningController {
  const { client } = context
  const jobs = client.informer(jobKind)
  const pods = client.informer(podKind)
  return runController({
    ...context,
    name: 'job-orphan-pods',
    watches: [
      watchOf(pods, (_old, current) => (current && isTracked(current) ? [keyOf(current)] : [])),
      watchOf(jobs, (old, current) => {
        if (current && !isFinished(current)) return []
        return pods
          .byIndex('controller', (current ?? old)?.metadata.uid as string)
          .filter(isTracked)
          .map(keyOf)
      }),
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key)
      const pod = pods.get(namespace, name)
      if (!pod || !isTracked(pod)) return
      // A job that was made before this pod is in the informer by then, unless it is gone.
      await jobs.reached(pod.metadata.resourceVersion as string)
      if (isOrphan(pod)) await releasePod(client, pod)
    },
  })

  function isOrphan(pod: Pod): boolean {
    const owner = controllerOf(pod)
    if (!owner) return true
    if (owner.kind !== 'Job') return false
    const job = jobs.get(pod.metadata.namespace, owner.name)
    return job?.metadata.uid !== owner.uid || isFinished(job)
  }
}
