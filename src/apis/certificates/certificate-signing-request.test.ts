import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../../apimachinery/field-error.ts'
import { cells, change, context, createCases, created, statusCases, updated } from '../testing/cases.ts'
import { certificateSigningRequestKind } from './certificate-signing-request.ts'
import { parseCertificateRequest } from './pkcs10.ts'

/** O=dev, O=ops, CN=jane */
const request =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIbU1JR05BZ0VBTUNzeEREQUtCZ05WQkFvTUEyUmxkakVNTUFvR0ExVUVDZ3dEYjNCek1RMHdDd1lEVlFRRApEQVJxWVc1bE1Ga3dFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRXFpWUFFRjNvNlNsUHJhTXpRQWJKCkE0SW5BNURxRnJHYzNITEd5SXEwOHRWSnlmbnZnd2hWaDJnZEN6dDduNGw1MElZZmxnNjQwNG1JcjJTTzdWREIKYXFBQU1Bb0dDQ3FHU000OUJBTUNBMGdBTUVVQ0lRRDBrd01OeU9Obk1CYUZFVEVGaG1KZm9kZTNJWWhoUjM5SwovMjR4cGtaUzFnSWdHL01KMTdBck5wUFhMUXZMbGhGN2Erc0I3ZmhxQ0I3T2pHa2tiZmRSWVNFPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'
/** O=system:nodes, CN=system:node:n1, with a name of every kind */
const node =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQk1UQ0IyQUlCQURBd01SVXdFd1lEVlFRS0RBeHplWE4wWlcwNmJtOWtaWE14RnpBVkJnTlZCQU1NRG5ONQpjM1JsYlRwdWIyUmxPbTR4TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFSGpEM3lVcjhsUWdvCnViUTZidThzYmM5R2oyWG1QdjNTK3BTbUZtMTlBT29OYzNtQ01aYWFQREtiRng2aHZDZ3NyUmZ1R3NLRlYwNDQKUkRJMUgyWXRoS0JHTUVRR0NTcUdTSWIzRFFFSkRqRTNNRFV3TXdZRFZSMFJCQ3d3S29JQ2JqR0hCQW9BQUFHSApFQUFBQUFBQUFBQUFBQUFBQUFBQUFBR0JCV0ZBWWk1amhnVjFjbTQ2ZURBS0JnZ3Foa2pPUFFRREFnTklBREJGCkFpRUE0d01DTFM2b0NVcFpDamlxTGF1MGtqYmxjSyt6NHIzblRXNFhMU2ZjRmtBQ0lGNVZYVk1HYUR4elByM24KMzViZDgrSHVGM0NFc3JiZUkxNnAvdzA0bzJCNwotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'

const kind = certificateSigningRequestKind
const valid = { metadata: { name: 'jane' }, spec: { request, usages: ['client auth'], signerName: 'kubernetes.io/kube-apiserver-client' } }
const cases = { kind, valid }
const pem = (text: string) => Buffer.from(text).toString('base64')
const spec = (fields: object) => ({ spec: fields })

createCases(cases, [
  ['an hour', spec({ expirationSeconds: 3600 })],
  [
    'too short',
    spec({ expirationSeconds: 599 }),
    'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
  ],
  ['no usages', spec({ usages: [] }), 'spec.usages: Required value'],
  ['usages twice', spec({ usages: ['client auth', 'client auth'] }), 'spec.usages[1]: Duplicate value: "client auth"'],
  ['no signer', spec({ signerName: '' }), 'spec.signerName: Required value'],
  [
    'signer without a path',
    spec({ signerName: 'example.com' }),
    'spec.signerName: Invalid value: "example.com": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
  ],
  [
    'signer without a domain',
    spec({ signerName: 'example/a' }),
    'spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots',
  ],
  [
    'the legacy signer',
    spec({ signerName: 'kubernetes.io/legacy-unknown' }),
    'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
  ],
  [
    'another kind of PEM',
    spec({ request: pem('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') }),
    `spec.request: Invalid value: "${pem('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')}": PEM block type must be CERTIFICATE REQUEST`,
  ],
])

test('CertificateSigningRequest: rubbish in PEM is refused, whatever it is', () => {
  const bytes = Buffer.from(
    Buffer.from(request, 'base64')
      .toString()
      .replace(/-----.*-----|\s/g, ''),
    'base64',
  )
  for (let length = 0; length < bytes.length; length++) {
    const cut = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.subarray(0, length).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    assert.throws(() => parseCertificateRequest(cut), /asn1|PEM/)
  }
})

test('CertificateSigningRequest: an unknown usage is refused with the list of those that are known', () => {
  const [error, ...others] = kind.strategy.validate(created(kind, change(valid, spec({ usages: ['reading'] }))))
  assert.equal(others.length, 0)
  assert.match(
    error ? formatFieldError(error) : '',
    /^spec\.usages\[0\]: Unsupported value: "reading": supported values: "any", "cert sign"/,
  )
})

test('CertificateSigningRequest: the request is read as it was written', () => {
  const { commonName, organizations } = parseCertificateRequest(Buffer.from(request, 'base64').toString())
  assert.deepEqual([commonName, organizations], ['jane', ['dev', 'ops']])
  const {
    publicKey: _key,
    signed: _signed,
    signature: _signature,
    ...names
  } = parseCertificateRequest(Buffer.from(node, 'base64').toString())
  assert.deepEqual(names, {
    commonName: 'system:node:n1',
    organizations: ['system:nodes'],
    dnsNames: ['n1'],
    emailAddresses: ['a@b.c'],
    ipAddresses: ['10.0.0.1', '0:0:0:0:0:0:0:1'],
    uris: ['urn:x'],
    signatureAlgorithm: '1.2.840.10045.4.3.2',
  })
})

test('CertificateSigningRequest: its creator is who sent it, whatever the body says', () => {
  const forged = { ...valid, spec: { ...valid.spec, username: 'admin', groups: ['system:masters'] }, status: { certificate: 'AAAA' } }
  const { spec: stored, status } = created(kind, forged)
  assert.deepEqual([stored.username, stored.groups], [context.user.name, context.user.groups])
  assert.deepEqual(status, {})
})

test('CertificateSigningRequest: an update changes neither spec nor status', () => {
  const old = created(kind, valid)
  const next = updated(kind, change(old, { spec: { signerName: 'example.com/a' }, status: { certificate: 'AAAA' } }), old)
  assert.deepEqual([next.spec, next.status], [old.spec, old.status])
})

const condition = (type: string, status = 'True') => ({ type, status })

statusCases(cases, [
  ['an approval by the way is dropped', { status: { conditions: [condition('Approved')] } }],
  ['a failure', { status: { conditions: [condition('Failed')] } }],
  [
    'a failure that is none',
    { status: { conditions: [condition('Failed', 'False')] } },
    'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
  ],
  [
    'what is no certificate',
    { status: { certificate: pem('x') } },
    'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
  ],
])

function approve(old: object, by: object): readonly [object: ReturnType<typeof created<never>>, errors: string[]] {
  const action = kind.subresources.approval?.action
  if (action?.type !== 'fields') throw new Error('no approval')
  const object = action.prepare(change(old, by) as never, old as never, Date.parse('2026-01-01T01:00:00Z'))
  return [object as never, (action.validate?.(object as never, old as never) ?? []).map(formatFieldError)]
}

test('CertificateSigningRequest: approval and denial exclude each other, and stand', () => {
  const old = created(kind, valid)
  const [approved, errors] = approve(old, { status: { conditions: [condition('Approved')], certificate: 'AAAA' } })
  assert.deepEqual(errors, [])
  assert.deepEqual((approved as unknown as { status: object }).status, {
    conditions: [{ ...condition('Approved'), lastUpdateTime: '2026-01-01T01:00:00Z', lastTransitionTime: '2026-01-01T01:00:00Z' }],
  })
  assert.deepEqual(cells(kind, approved).slice(2), ['kubernetes.io/kube-apiserver-client', 'tester', '<none>', 'Approved'])
  assert.deepEqual(approve(old, { status: { conditions: [condition('Approved'), condition('Denied')] } })[1], [
    'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
  ])
  assert.deepEqual(approve(approved as object, { status: { conditions: [] } })[1], [
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ])
})

test('CertificateSigningRequest: a text of nothing but beginnings is read once', () => {
  // A pattern for whole blocks takes a minute for this.
  assert.throws(() => parseCertificateRequest('-----BEGIN X-----\n'.repeat(60_000)), /PEM block type must be CERTIFICATE REQUEST/)
})
