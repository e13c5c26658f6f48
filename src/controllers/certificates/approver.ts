import { subjectAccessReviewKind } from '../../apis/authorization/subject-access-review.ts'
import {
  type CertificateSigningRequest,
  certificateSigningRequestKind,
  hasCondition,
} from '../../apis/certificates/certificate-signing-request.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../apis/certificates/pkcs10.ts'
import { type Client, runController, watchOf } from '../../client/index.ts'
import { type Controller, ownKey } from '../controller.ts'
import { troubleOfClientRequest } from './kubelet-requests.ts'

/** Approves what kubelets ask for as clients, where RBAC says that their asker may have it. */
export const certificateApprover: Controller = {
  name: 'certificate-controller',
  start(context) {
    const { client } = context
    const requests = client.informer(certificateSigningRequestKind)
    return runController({
      ...context,
      // Queues of one name would share their metrics.
      name: 'certificatesigningrequest-approving-controller',
      watches: [watchOf(requests, ownKey)],
      async reconcile(name) {
        const request = requests.get(undefined, name)
        if (!request || request.status?.certificate || hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return
        const parsed = ofKubelet(request)
        if (!parsed) return
        for (const { subresource, message, fits } of grounds) {
          if (!fits(request, parsed) || !(await isAllowed(client, request, subresource))) continue
          const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message }
          const status = { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] }
          await client.updateSubresource(certificateSigningRequestKind, { ...request, status }, 'approval')
          return
        }
      },
    })
  },
}

/** The first ground that holds is the message. */
const grounds = [
  {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    fits: ({ spec }: CertificateSigningRequest, { commonName }: CertificateRequest) => spec.username === commonName,
  },
  {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    fits: () => true,
  },
]

function ofKubelet({ spec }: CertificateSigningRequest): CertificateRequest | undefined {
  if (spec.signerName !== 'kubernetes.io/kube-apiserver-client-kubelet') return undefined
  const parsed = parseCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1'))
  return troubleOfClientRequest(parsed, spec.usages ?? []) === undefined ? parsed : undefined
}

async function isAllowed(client: Client, { spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
  const { username, uid, groups, extra } = spec
  const resourceAttributes = {
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    verb: 'create',
    subresource,
    version: '*',
  }
  const { status } = await client.create(subjectAccessReviewKind, {
    metadata: {},
    spec: { user: username, uid, groups, extra, resourceAttributes },
  })
  return status?.allowed === true
}
