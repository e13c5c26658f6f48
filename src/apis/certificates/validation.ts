import { X509Certificate } from 'node:crypto'
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
} from '../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { semanticEqual } from '../core/sharing.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './certificate-signing-request.ts'
import { keyUsages } from './key-usages.ts'
import { pemBlocks } from './pem.ts'
import { parseCertificateRequest } from './pkcs10.ts'

const shortest_s = 600
const decisions = ['Approved', 'Denied', 'Failed']
/** No signer of the present API has this name; it signed whatever it was asked. */
const legacySigner = 'kubernetes.io/legacy-unknown'

export function validateRequest({ spec, status }: CertificateSigningRequest): FieldError[] {
  // Required by the schema, which nothing enforces before this.
  const { request = '', usages = [], signerName = '', expirationSeconds } = (spec ?? {}) as Partial<CertificateSigningRequest['spec']>
  const errors: FieldError[] = []
  try {
    parseCertificateRequest(Buffer.from(request, 'base64').toString('latin1'))
  } catch (error) {
    errors.push(invalidField('spec.request', request, (error as Error).message))
  }
  if (usages.length === 0) errors.push(requiredField('spec.usages'))
  const seen = new Set<string>()
  for (const [index, usage] of usages.entries()) {
    if (!(keyUsages as readonly string[]).includes(usage)) errors.push(unsupportedField(`spec.usages[${index}]`, usage, keyUsages))
    if (seen.has(usage)) errors.push(duplicateField(`spec.usages[${index}]`, usage))
    seen.add(usage)
  }
  errors.push(...validateSignerName(signerName, 'spec.signerName'))
  if (signerName === legacySigner)
    errors.push(invalidField('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'))
  if (expirationSeconds !== undefined && expirationSeconds < shortest_s)
    errors.push(
      invalidField('spec.expirationSeconds', expirationSeconds, `may not specify a duration less than ${shortest_s} seconds (10 minutes)`),
    )
  return [...errors, ...validateConditions(status?.conditions ?? []), ...validateCertificate(status?.certificate)]
}

function validateSignerName(name: string, path: string): FieldError[] {
  if (name === '') return [requiredField(path)]
  const slash = name.indexOf('/')
  if (slash < 0 || name.indexOf('/', slash + 1) >= 0)
    return [invalidField(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  const [domain = '', signer = ''] = name.split('/')
  const errors = [...validateDnsSubdomain(domain), ...validateDnsSubdomain(signer)].map(problem =>
    invalidField(path, name, `validating label ${JSON.stringify(name)}: ${problem}`),
  )
  if (domain.split('.').length < 2)
    errors.push(invalidField(path, domain, 'should be a domain with at least two segments separated by dots'))
  return errors
}

function validateConditions(conditions: readonly CertificateSigningRequestCondition[]): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, { type, status }] of conditions.entries()) {
    const path = `status.conditions[${index}]`
    if (!type) errors.push(requiredField(`${path}.type`))
    const statuses = decisions.includes(type) ? ['True'] : ['True', 'False', 'Unknown']
    if (!status) errors.push(requiredField(`${path}.status`))
    else if (!statuses.includes(status)) errors.push(unsupportedField(`${path}.status`, status, statuses))
    const earlier = conditions.slice(0, index).map(one => one.type)
    if (earlier.includes(type)) errors.push(duplicateField(`${path}.type`, type))
    if ((type === 'Approved' && earlier.includes('Denied')) || (type === 'Denied' && earlier.includes('Approved')))
      errors.push(invalidField(`${path}.type`, type, 'Approved and Denied conditions are mutually exclusive'))
  }
  return errors
}

function validateCertificate(certificate: string | undefined): FieldError[] {
  if (!certificate) return []
  const trouble = troubleOf(Buffer.from(certificate, 'base64').toString('latin1'))
  return trouble === undefined ? [] : [invalidField('status.certificate', '<certificate data>', trouble)]
}

function troubleOf(pem: string): string | undefined {
  const blocks = [...pemBlocks(pem)]
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  for (const { whole, type } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    try {
      new X509Certificate(whole)
    } catch (error) {
      return (error as Error).message
    }
  }
  return undefined
}

export interface UpdateRights {
  readonly mayDecide?: boolean
  readonly maySetCertificate?: boolean
}

/** A decision stands; a certificate is written once, and by its signer alone. */
export function validateRequestUpdate(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  { mayDecide = false, maySetCertificate = false }: UpdateRights,
): FieldError[] {
  const errors: FieldError[] = []
  for (const type of decisions) {
    const before = (old.status?.conditions ?? []).filter(condition => condition.type === type)
    const after = (request.status?.conditions ?? []).filter(condition => condition.type === type)
    const mayAdd = type === 'Failed' ? maySetCertificate || mayDecide : mayDecide
    const [what, refused] =
      after.length < before.length
        ? ['remove', true]
        : after.length > before.length
          ? ['add', !mayAdd]
          : ['modify', !mayAdd && !semanticEqual(after, before)]
    if (refused) errors.push(forbiddenField('status.conditions', `updates may not ${what} a condition of type ${JSON.stringify(type)}`))
  }
  const was = old.status?.certificate ?? ''
  if ((request.status?.certificate ?? '') !== was) {
    if (!maySetCertificate) errors.push(forbiddenField('status.certificate', 'updates may not set certificate content'))
    else if (was !== '') errors.push(forbiddenField('status.certificate', 'updates may not modify existing certificate content'))
  }
  return errors
}
