import {
  type CertificateSigningRequest,
  certificateSigningRequestKind,
  hasCondition,
} from '../../apis/certificates/certificate-signing-request.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../apis/certificates/pkcs10.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, ownKey } from '../controller.ts'
import { troubleOfApiClientRequest, troubleOfClientRequest, troubleOfServingRequest } from './kubelet-requests.ts'

/** What is to be certified: everything of the request that its signer allows. */
export interface CertificateToSign {
  readonly request: CertificateRequest
  readonly usages: readonly string[]
  readonly lifetime_s: number
}

/** Signs with the cluster's authority, after checking that the request was signed with its own key; answers PEM. */
export type CertificateSigner = (certificate: CertificateToSign) => Promise<string>

const longest_s = 365 * 24 * 3600
const shortest_s = 600

type Check = (request: CertificateRequest, usages: readonly string[]) => string | undefined

/** Upstream's signers that the control plane runs itself. */
const signers: Readonly<Record<string, Check>> = {
  'kubernetes.io/kube-apiserver-client': (_request, usages) => troubleOfApiClientRequest(usages),
  'kubernetes.io/kube-apiserver-client-kubelet': troubleOfClientRequest,
  'kubernetes.io/kubelet-serving': troubleOfServingRequest,
}

/** Issues what was approved. */
export const certificateSigner: Controller = {
  name: 'certificate-controller',
  start(context) {
    const { client, signCertificate } = context
    const requests = client.informer(certificateSigningRequestKind)
    return runController({
      ...context,
      // Queues of one name would share their metrics.
      name: 'certificatesigningrequest-signing-controller',
      watches: [watchOf(requests, ownKey)],
      async reconcile(name) {
        const request = requests.get(undefined, name)
        const check = request && signers[request.spec.signerName]
        if (!request || !check || !signCertificate || !isWaiting(request)) return
        const { spec } = request
        const usages = spec.usages ?? []
        try {
          const parsed = parseCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1'))
          const trouble = check(parsed, usages)
          if (trouble !== undefined) return void (await client.updateStatus(certificateSigningRequestKind, failed(request, trouble)))
          const lifetime_s = Math.max(shortest_s, Math.min(longest_s, spec.expirationSeconds ?? longest_s))
          const pem = await signCertificate({ request: parsed, usages, lifetime_s })
          const certificate = Buffer.from(pem).toString('base64')
          await client.updateStatus(certificateSigningRequestKind, { ...request, status: { ...request.status, certificate } })
        } catch (error) {
          if (!(error instanceof BadCertificateRequest)) throw error
          await client.updateStatus(certificateSigningRequestKind, failed(request, error.message))
        }
      },
    })
  },
}

/** A request that no try will ever make good. */
export class BadCertificateRequest extends Error {
  override readonly name = 'BadCertificateRequest'
}

const isWaiting = (request: CertificateSigningRequest): boolean =>
  hasCondition(request, 'Approved') && !hasCondition(request, 'Denied') && !hasCondition(request, 'Failed') && !request.status?.certificate

function failed(request: CertificateSigningRequest, message: string): CertificateSigningRequest {
  const condition = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message }
  return { ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] } }
}
