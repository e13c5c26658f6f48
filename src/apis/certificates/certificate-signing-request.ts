import { formatShortDuration } from '../../apimachinery/cell.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { asNameRule, validatePathSegmentName } from '../../apimachinery/names.ts'
import {
  atomicList,
  bytes,
  type Infer,
  int32,
  keyedList,
  list,
  map,
  object,
  optional,
  required,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { formatTime } from '../../base/clock.ts'
import { readAndWriteVerbs } from '../strategy.ts'
import { keyUsages } from './key-usages.ts'
import { validateRequest, validateRequestUpdate } from './validation.ts'

export const CertificateSigningRequestCondition = object(
  'io.k8s.api.certificates.v1.CertificateSigningRequestCondition',
  'A decision about a certificate request.',
  {
    type: required(1, text, 'Approved, Denied or Failed, or a type of its own with a domain.'),
    reason: optional(2, text, 'Why, in one word.'),
    message: optional(3, text, 'Why, for people.'),
    lastUpdateTime: optional(4, time, 'When the condition was written last.'),
    lastTransitionTime: optional(5, time, 'When its status changed last.'),
    status: required(6, text, 'True, False or Unknown; Approved, Denied and Failed are always True.'),
  },
)
export interface CertificateSigningRequestCondition extends Infer<typeof CertificateSigningRequestCondition> {}

export const CertificateSigningRequestSpec = object(
  'io.k8s.api.certificates.v1.CertificateSigningRequestSpec',
  'What certificate is asked for, and by whom.',
  {
    request: required(1, bytes, 'The PKCS #10 request in PEM.'),
    username: optional(2, text, 'Who created the object; written by the system.'),
    uid: optional(3, text, 'UID of the creator; written by the system.'),
    groups: optional(4, atomicList(text), 'Groups of the creator; written by the system.'),
    usages: optional(5, atomicList(text), 'What the key may be used for, such as client auth and digital signature.', { enum: keyUsages }),
    extra: optional(6, map(list(text, { wrapped: true })), 'Further data about the creator; written by the system.'),
    signerName: required(7, text, 'Who should sign, as DOMAIN/PATH; kubernetes.io/ has signers of its own.'),
    expirationSeconds: optional(8, int32, 'How long the certificate should be valid, at least 600; the signer may choose less.'),
  },
)
export interface CertificateSigningRequestSpec extends Infer<typeof CertificateSigningRequestSpec> {}

export const CertificateSigningRequestStatus = object(
  'io.k8s.api.certificates.v1.CertificateSigningRequestStatus',
  'What was decided, and the certificate.',
  {
    conditions: optional(1, keyedList(CertificateSigningRequestCondition, 'type'), 'Whether it was approved, denied or failed.'),
    certificate: optional(2, bytes, 'The certificate in PEM, with those of its issuers behind it; written by the signer, once.'),
  },
)
export interface CertificateSigningRequestStatus extends Infer<typeof CertificateSigningRequestStatus> {}

export const CertificateSigningRequest = topLevel(
  'io.k8s.api.certificates.v1.CertificateSigningRequest',
  'Asks a signer for a certificate, once somebody has approved it.',
  {
    spec: required(2, CertificateSigningRequestSpec, 'What certificate is asked for; never changes.'),
    status: optional(3, CertificateSigningRequestStatus, 'What was decided, and the certificate.'),
  },
)
export interface CertificateSigningRequest extends Infer<typeof CertificateSigningRequest> {}

export const hasCondition = ({ status }: CertificateSigningRequest, type: 'Approved' | 'Denied' | 'Failed'): boolean =>
  status?.conditions?.some(condition => condition.type === type) === true

export const certificateSigningRequestKind: Kind<CertificateSigningRequest> = defineKind({
  kind: 'CertificateSigningRequest',
  resource: 'certificatesigningrequests',
  group: 'certificates.k8s.io',
  version: 'v1',
  schema: CertificateSigningRequest,
  scope: 'Cluster',
  shortNames: ['csr'],
  columns: [
    nameColumn,
    ageColumn,
    {
      name: 'SignerName',
      type: 'string',
      description: 'Who should sign.',
      priority: 0,
      cell: ({ spec }: CertificateSigningRequest) => spec?.signerName || '<none>',
    },
    {
      name: 'Requestor',
      type: 'string',
      description: 'Who asked.',
      priority: 0,
      cell: ({ spec }: CertificateSigningRequest) => spec?.username ?? '',
    },
    {
      name: 'RequestedDuration',
      type: 'string',
      description: 'How long the certificate should be valid.',
      priority: 0,
      cell: ({ spec }: CertificateSigningRequest) =>
        spec?.expirationSeconds === undefined ? '<none>' : formatShortDuration(spec.expirationSeconds * 1000),
    },
    {
      name: 'Condition',
      type: 'string',
      description: 'What was decided.',
      priority: 0,
      cell: formatCondition,
    },
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec?.signerName ?? '' },
  strategy: {
    prepareForCreate: (request, { user }) => {
      const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...spec } = request.spec ?? {}
      const { name, uid, groups, extra } = user
      return {
        ...request,
        spec: { ...spec, username: name, ...(uid && { uid }), groups: [...groups], ...(extra && { extra }) },
        status: {},
      }
    },
    prepareForUpdate: (request, old) => ({ ...request, spec: old.spec, status: old.status }),
    validate: request => validateRequest(request),
    validateUpdate: (request, old) => validateRequestUpdate(request, old, {}),
    validateName: asNameRule(validatePathSegmentName),
    allowUnconditionalUpdate: false,
  },
  subresources: {
    status: {
      kind: 'CertificateSigningRequest',
      verbs: readAndWriteVerbs,
      action: {
        type: 'fields',
        prepare: (request: CertificateSigningRequest, old: CertificateSigningRequest, now) =>
          withTimes({ ...request, spec: old.spec, status: { ...request.status, conditions: decidedAsBefore(request, old) } }, old, now),
        validate: (request: CertificateSigningRequest, old: CertificateSigningRequest) => [
          ...validateRequest(request),
          ...validateRequestUpdate(request, old, { maySetCertificate: true }),
        ],
      },
    },
    approval: {
      kind: 'CertificateSigningRequest',
      verbs: readAndWriteVerbs,
      action: {
        type: 'fields',
        prepare: (request: CertificateSigningRequest, old: CertificateSigningRequest, now) =>
          withTimes({ ...request, spec: old.spec, status: withCertificateOf(old, request) }, old, now),
        validate: (request: CertificateSigningRequest, old: CertificateSigningRequest) => [
          ...validateRequest(request),
          ...validateRequestUpdate(request, old, { mayDecide: true }),
        ],
      },
    },
  },
})

function formatCondition(request: CertificateSigningRequest): string {
  const words = [
    ...(hasCondition(request, 'Denied') ? ['Denied'] : hasCondition(request, 'Approved') ? ['Approved'] : ['Pending']),
    ...(hasCondition(request, 'Failed') ? ['Failed'] : []),
    ...(request.status?.certificate ? ['Issued'] : []),
  ]
  return words.join(',')
}

const isDecision = ({ type }: CertificateSigningRequestCondition): boolean => type === 'Approved' || type === 'Denied'

/** Who writes `status` does not decide: approvals and denials stay as they were. */
function decidedAsBefore(
  { status }: CertificateSigningRequest,
  old: CertificateSigningRequest,
): readonly CertificateSigningRequestCondition[] {
  const before = (old.status?.conditions ?? []).filter(isDecision)
  return [...before, ...(status?.conditions ?? []).filter(condition => !isDecision(condition))]
}

function withCertificateOf(
  { status: old }: CertificateSigningRequest,
  { status }: CertificateSigningRequest,
): CertificateSigningRequestStatus {
  const { certificate: _certificate, ...rest } = status ?? {}
  return old?.certificate === undefined ? rest : { ...rest, certificate: old.certificate }
}

function withTimes(request: CertificateSigningRequest, old: CertificateSigningRequest, now: number): CertificateSigningRequest {
  const { conditions } = request.status ?? {}
  if (!conditions?.length) return request
  const timed = conditions.map(condition => {
    const before = old.status?.conditions?.find(({ type, status }) => type === condition.type && status === condition.status)
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? formatTime(now),
      lastTransitionTime: condition.lastTransitionTime ?? before?.lastTransitionTime ?? formatTime(now),
    }
  })
  return { ...request, status: { ...request.status, conditions: timed } }
}
