import type { RequestAttributes } from '../../apimachinery/request.ts'
import type { CertificateSigningRequest } from '../../apis/certificates/certificate-signing-request.ts'
import { parseCertificateRequest } from '../../apis/certificates/pkcs10.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import type { AdmissionRequest, AdmissionStep, Authorizer } from '../types.ts'
import { refuse } from './refuse.ts'

/** Who may approve certificate requests, who may sign them, and what nobody gets by asking. */
export const certificateSteps = (authorizer: Authorizer): readonly AdmissionStep[] => [
  approval(authorizer),
  signing(authorizer),
  subjectRestriction,
]

const isRequest = ({ kind }: AdmissionRequest): boolean =>
  kind.resource === 'certificatesigningrequests' && kind.group === 'certificates.k8s.io'

const approval = (authorizer: Authorizer): AdmissionStep => ({
  name: 'CertificateApproval',
  handles: request => isRequest(request) && request.subresource === 'approval' && request.operation === 'UPDATE',
  async validate(request) {
    // The signer is the stored object's: an update can't change it.
    const { signerName } = (request.old as CertificateSigningRequest).spec
    if (await isGranted(authorizer, request, 'approve', signerName)) return
    throw refuse(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`)
  },
})

const signing = (authorizer: Authorizer): AdmissionStep => ({
  name: 'CertificateSigning',
  handles: request => isRequest(request) && request.subresource === 'status' && request.operation === 'UPDATE',
  async validate(request) {
    const old = request.old as CertificateSigningRequest
    const { status } = request.object as CertificateSigningRequest
    if (status?.certificate === old.status?.certificate && semanticEqual(status?.conditions, old.status?.conditions)) return
    const { signerName } = old.spec
    if (await isGranted(authorizer, request, 'sign', signerName)) return
    throw refuse(request, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`)
  },
})

/** A right to one signer, or to all of its domain. */
async function isGranted(authorizer: Authorizer, { context }: AdmissionRequest, verb: string, signerName: string): Promise<boolean> {
  const [domain = ''] = signerName.split('/')
  for (const name of [signerName, `${domain}/*`]) {
    const attributes: RequestAttributes = {
      verb,
      path: '',
      isResourceRequest: true,
      group: 'certificates.k8s.io',
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
    }
    const { allowed } = await authorizer.authorize(context.user, attributes)
    if (allowed) return true
  }
  return false
}

const apiClient = 'kubernetes.io/kube-apiserver-client'

const subjectRestriction: AdmissionStep = {
  name: 'CertificateSubjectRestriction',
  handles: request => isRequest(request) && request.subresource === '' && request.operation === 'CREATE',
  validate(request) {
    const { signerName, request: pem } = (request.object as CertificateSigningRequest).spec
    if (signerName !== apiClient) return
    const { organizations } = parseCertificateRequest(Buffer.from(pem, 'base64').toString('latin1'))
    if (organizations.includes('system:masters'))
      throw refuse(request, `use of ${apiClient} signer with system:masters group is not allowed`)
  },
}
