import type { CertificateRequest } from '../../apis/certificates/pkcs10.ts'

/** What kubelets may ask for: undefined, or what is wrong in upstream's words. */

const nodePrefix = 'system:node:'

export function troubleOfClientRequest(request: CertificateRequest, usages: readonly string[]): string | undefined {
  return (
    troubleOfSubject(request) ??
    (request.dnsNames.length > 0 ? 'DNS subjectAltNames are not allowed' : undefined) ??
    (request.emailAddresses.length > 0 ? 'Email subjectAltNames are not allowed' : undefined) ??
    (request.ipAddresses.length > 0 ? 'IP subjectAltNames are not allowed' : undefined) ??
    (request.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined) ??
    troubleOfUsages(usages, 'client auth')
  )
}

export function troubleOfServingRequest(request: CertificateRequest, usages: readonly string[]): string | undefined {
  return (
    troubleOfSubject(request) ??
    (request.dnsNames.length + request.ipAddresses.length === 0 ? 'DNS or IP subjectAltName is required' : undefined) ??
    (request.emailAddresses.length > 0 ? 'Email subjectAltNames are not allowed' : undefined) ??
    (request.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined) ??
    troubleOfUsages(usages, 'server auth')
  )
}

/** Of any client: only what a client's key is for. */
export function troubleOfApiClientRequest(usages: readonly string[]): string | undefined {
  const allowed = ['digital signature', 'key encipherment', 'client auth']
  const others = usages.filter(usage => !allowed.includes(usage))
  if (others.length > 0) return `invalid usages for client certificate: ${others.join(', ')}`
  return usages.includes('client auth') ? undefined : 'usages must include "client auth"'
}

function troubleOfSubject({ commonName, organizations }: CertificateRequest): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes'
  return commonName.startsWith(nodePrefix) ? undefined : 'subject common name does not begin with system:node: '
}

// Keys that only sign have no use for encipherment.
function troubleOfUsages(usages: readonly string[], purpose: string): string | undefined {
  const given = [...usages].sort()
  const isOneOf = [
    ['digital signature', 'key encipherment', purpose],
    ['digital signature', purpose],
  ].some(wanted => JSON.stringify(wanted.sort()) === JSON.stringify(given))
  return isOneOf ? undefined : `usages did not match ["digital signature" "key encipherment" ${JSON.stringify(purpose)}]`
}
