import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../../apimachinery/field-error.ts'
import { applyTokenRequestDefaults, validateTokenRequest } from '../authentication/token-request.ts'
import { cells, created, updated } from '../testing/cases.ts'
import { serviceAccountKind } from './service-account.ts'

const written = { metadata: { name: 'robot' }, secrets: [{ name: 'one', namespace: 'other', kind: 'Secret' }] }

test('ServiceAccount: of secrets only the names are kept', () => {
  const old = created(serviceAccountKind, written)
  assert.deepEqual(old.secrets, [{ name: 'one' }])
  assert.deepEqual(updated(serviceAccountKind, written, old).secrets, [{ name: 'one' }])
})

test('ServiceAccount: columns', () => {
  assert.deepEqual(cells(serviceAccountKind, written), ['robot', 1, '<unknown>'])
  assert.deepEqual(cells(serviceAccountKind, { metadata: { name: 'robot' } }), ['robot', 0, '<unknown>'])
})

test('TokenRequest: tokens last an hour by default', () => {
  assert.equal(applyTokenRequestDefaults({ metadata: {} }).spec?.expirationSeconds, 3600)
  assert.equal(applyTokenRequestDefaults({ metadata: {}, spec: { expirationSeconds: 700 } }).spec?.expirationSeconds, 700)
})

for (const [seconds, ...errors] of [
  [600],
  [2 ** 32],
  [599, 'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes'],
  [2 ** 32 + 1, 'spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds'],
] as const) {
  test(`TokenRequest: ${seconds} seconds`, () => {
    assert.deepEqual(validateTokenRequest({ metadata: {}, spec: { expirationSeconds: seconds } }).map(formatFieldError), errors)
  })
}
