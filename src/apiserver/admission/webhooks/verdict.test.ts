import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { statusText } from '../../outgoing/status-text.ts'
import { rejectedBy } from './rejection.ts'
import { readVerdict } from './review.ts'

const answer = (response: object, more: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid: 'u', allowed: true, ...response },
  ...more,
})

describe('an answer counts', () => {
  const accepted = { allowed: true, status: {}, patch: undefined, auditAnnotations: {}, warnings: [] }
  const cases: readonly [string, unknown, boolean, object | string][] = [
    ['that allows', answer({}), false, accepted],
    ['not without a response', { ...answer({}), response: undefined }, false, 'webhook response was absent'],
    ['not as something else', 'yes', false, 'webhook response was absent'],
    ['not for another question', answer({ uid: 'v' }), false, 'expected response.uid="u", got "v"'],
    [
      'not of another kind',
      answer({}, { kind: 'Review' }),
      false,
      'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1, Kind=Review',
    ],
    [
      'not without its kind',
      answer({}, { kind: undefined, apiVersion: undefined }),
      false,
      'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=',
    ],
    ['with a patch', answer({ patch: 'W10=', patchType: 'JSONPatch' }), true, { ...accepted, patch: 'W10=' }],
    ['not with a patch of no type', answer({ patch: 'W10=' }), true, 'webhook returned response.patch but not response.patchType'],
    ['not with a type of no patch', answer({ patchType: 'JSONPatch' }), true, 'webhook returned response.patchType but not response.patch'],
    ['not with a patch of another type', answer({ patch: 'W10=', patchType: 'Merge' }), true, 'unsupported patch type "Merge"'],
    ['not with a patch, if it only judges', answer({ patch: 'W10=' }), false, 'validating webhook may not return response.patch'],
    [
      'not with a type, if it only judges',
      answer({ patchType: 'JSONPatch' }),
      false,
      'validating webhook may not return response.patchType',
    ],
    [
      'with notes and warnings, as far as they are texts',
      answer({ auditAnnotations: { a: 'b', c: 1 }, warnings: ['w', 1] }),
      false,
      { ...accepted, auditAnnotations: { a: 'b' }, warnings: ['w'] },
    ],
  ]
  for (const [name, given, mutating, wanted] of cases) {
    it(name, () => {
      if (typeof wanted === 'string') assert.throws(() => readVerdict(given, 'v1', 'u', mutating), { message: wanted })
      else assert.deepEqual(readVerdict(given, 'v1', 'u', mutating), wanted)
    })
  }
  it('in the older version without its kind and uid', () => {
    assert.deepEqual(readVerdict({ response: { allowed: true, patch: 'W10=' } }, 'v1beta1', 'u', true).patch, 'W10=')
  })
})

describe('a refusal', () => {
  const denied = 'admission webhook "a.b.c" denied the request'
  const cases: readonly [string, object, object][] = [
    ['says its message', { message: 'no', code: 403, reason: 'Forbidden' }, { message: `${denied}: no`, code: 403, reason: 'Forbidden' }],
    ['says its reason', { reason: 'Forbidden' }, { message: `${denied}: Forbidden`, code: 400, reason: 'Forbidden' }],
    ['says nothing', {}, { message: `${denied} without explanation`, code: 400 }],
    ['is never a success', { code: 200, status: 'Success', message: 'yes' }, { message: `${denied}: yes`, code: 400 }],
    ['has a code that HTTP knows', { code: 4711 }, { message: `${denied} without explanation`, code: 400 }],
    ['keeps its details', { details: { causes: [] } }, { message: `${denied} without explanation`, code: 400, details: { causes: [] } }],
  ]
  for (const [name, given, wanted] of cases) {
    it(name, () => {
      const { status } = rejectedBy('a.b.c', given as never)
      assert.deepEqual(status, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...wanted })
    })
  }
})

describe('an answer that is none', () => {
  const cases: readonly [number, string, string][] = [
    [404, 'no such page', 'the server could not find the requested resource'],
    [500, 'oh no\n', 'an error on the server ("oh no") has prevented the request from succeeding'],
    [503, '', 'the server is currently unable to handle the request'],
    [418, '', 'the server responded with the status code 418 but did not return more information'],
    [403, '{"kind":"Status","message":"not you"}', 'not you'],
  ]
  for (const [code, body, wanted] of cases) it(`with ${code}`, () => assert.equal(statusText(code, body), wanted))
})
