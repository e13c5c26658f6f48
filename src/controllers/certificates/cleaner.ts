import { X509Certificate } from 'node:crypto'
import { isNotFound } from '../../apimachinery/api-errors.ts'
import { type CertificateSigningRequest, certificateSigningRequestKind } from '../../apis/certificates/certificate-signing-request.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, ownKey } from '../controller.ts'

const hour_ms = 3_600_000
/** How long requests are kept after they were decided; those that nobody decides are kept for a day. */
const decidedFor_ms = hour_ms
const pendingFor_ms = 24 * hour_ms

/** Requests are questions: once answered, or left alone for a day, they go. */
export const certificateCleaner: Controller = {
  name: 'certificate-controller',
  start(context) {
    const { client, clock } = context
    const requests = client.informer(certificateSigningRequestKind)
    return runController({
      ...context,
      // Queues of one name would share their metrics.
      name: 'certificatesigningrequest-cleaner-controller',
      watches: [watchOf(requests, ownKey)],
      async reconcile(name) {
        const request = requests.get(undefined, name)
        const end_ms = request && endOf(request)
        if (!request || end_ms === undefined) return
        const left_ms = end_ms - clock.now()
        if (left_ms > 0) return { requeueAfter_ms: left_ms }
        try {
          await client.delete(certificateSigningRequestKind, undefined, name, { preconditions: { uid: request.metadata.uid } })
        } catch (error) {
          if (!isNotFound(error)) throw error
        }
      },
    })
  },
}

/** When a request has had its time; undefined while something is still to be done about it. */
export function endOf({ metadata, status }: CertificateSigningRequest): number | undefined {
  const decidedAt = (type: string) => {
    const time = status?.conditions?.find(condition => condition.type === type)?.lastUpdateTime
    return time === undefined ? undefined : Date.parse(time)
  }
  const ends: number[] = []
  if (status?.certificate) ends.push(expiryOf(status.certificate))
  for (const type of status?.certificate ? ['Approved', 'Denied', 'Failed'] : ['Denied', 'Failed']) {
    const at = decidedAt(type)
    if (at !== undefined) ends.push(at + decidedFor_ms)
  }
  if (decidedAt('Approved') === undefined && decidedAt('Denied') === undefined && metadata.creationTimestamp)
    ends.push(Date.parse(metadata.creationTimestamp) + pendingFor_ms)
  return ends.length === 0 ? undefined : Math.min(...ends)
}

function expiryOf(certificate: string): number {
  try {
    return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo)
  } catch {
    // Not readable: then its age decides.
    return Number.POSITIVE_INFINITY
  }
}
