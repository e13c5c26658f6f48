import { isConflict, isNotFound } from '../apimachinery/api-errors.ts'
import { type Job, jobKind } from '../apis/batch/job.ts'
import { runController, watchOf } from '../client/index.ts'
import { type Controller, ownKey, splitKey } from './controller.ts'

/** Deletes jobs, and their pods before them, once they have been over for as long as they say. */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  start(context) {
    const { client, clock } = context
    const jobs = client.informer(jobKind)
    return runController({
      ...context,
      watches: [watchOf(jobs, ownKey)],
      async reconcile(key) {
        const { namespace, name } = splitKey(key)
        const job = jobs.get(namespace, name)
        const expiry = job && expiryOf(job)
        if (!job || expiry === undefined) return
        const left_ms = expiry - clock.now()
        if (left_ms > 0) return { requeueAfter_ms: left_ms }
        const { uid, resourceVersion } = job.metadata
        try {
          // The version makes it a conflict when the time to live was prolonged meanwhile.
          await client.delete(jobKind, namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid, resourceVersion } })
        } catch (error) {
          if (!isNotFound(error) && !isConflict(error)) throw error
        }
      },
    })
  },
}

/** When a job may go, in milliseconds; undefined while it runs or stays for good. */
export function expiryOf({ metadata, spec, status }: Job): number | undefined {
  if (spec?.ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp) return undefined
  const end = status?.conditions?.find(one => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True')
  return end?.lastTransitionTime === undefined ? undefined : Date.parse(end.lastTransitionTime) + spec.ttlSecondsAfterFinished * 1000
}
