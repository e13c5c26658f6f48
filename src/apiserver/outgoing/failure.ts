/** A call that brought no answer. The message names the attempt; `detail` is what happened, without it. */
export class CallError extends Error {
  readonly detail: string
  /** Whether the call's own time was over. */
  readonly timedOut: boolean
  constructor(attempt: string, detail: string, options: ErrorOptions & { readonly timedOut?: boolean } = {}) {
    super(`${attempt}: ${detail}`, options)
    this.name = 'CallError'
    this.detail = detail
    this.timedOut = options.timedOut === true
  }
}

export interface SystemError extends Error {
  readonly code?: string
  readonly cert?: { readonly subjectaltname?: string }
}

/** The texts that people know from upstream and search for. */
const dialErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

/** What kept a connection from coming about, where it is one of the usual things. */
function dialText(error: SystemError, address: string): string | undefined {
  const text = dialErrors[error.code ?? '']
  return text === undefined ? undefined : `dial tcp ${address}: ${text}`
}

const unknownAuthorities = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
])

export function failureText(error: SystemError, address: string, host: string): string {
  const { code = '' } = error
  const dialed = dialText(error, address)
  if (dialed !== undefined) return dialed
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${host}: no such host`
  if (unknownAuthorities.has(code)) return verification('certificate signed by unknown authority')
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return verification('certificate has expired or is not yet valid')
  if (code === 'INVALID_PURPOSE') return verification('certificate specifies an incompatible key usage')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return verification(otherNames(error.cert?.subjectaltname ?? '', host))
  if (code === 'EPROTO' && /wrong version number|packet length too long|http request/i.test(error.message))
    return 'http: server gave HTTP response to HTTPS client'
  if (code === 'ECONNRESET') return error.message === 'socket hang up' ? 'EOF' : `read tcp ${address}: read: connection reset by peer`
  return error.message
}

const verification = (text: string): string => `tls: failed to verify certificate: x509: ${text}`

function otherNames(alternativeNames: string, host: string): string {
  const names = alternativeNames.split(', ').flatMap(name => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? [])
  if (names.length === 0) return `certificate is not valid for any names, but wanted to match ${host}`
  return `certificate is valid for ${names.join(', ')}, not ${host}`
}
