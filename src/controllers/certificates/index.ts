/** Certificate requests: kubelets' are approved, what is approved is signed, what is answered goes after a while. */
export { certificateApprover } from './approver.ts'
export { certificateCleaner } from './cleaner.ts'
export { BadCertificateRequest, type CertificateSigner, type CertificateToSign, certificateSigner } from './signer.ts'
