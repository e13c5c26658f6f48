import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases } from '../testing/cases.ts'
import { leaseKind } from './lease.ts'

const lease = { kind: leaseKind, valid: { metadata: { name: 'a' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } } }

createCases(lease, [
  ['no spec', { spec: null }],
  ['duration', { spec: { leaseDurationSeconds: 0 } }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  ['transitions', { spec: { leaseTransitions: -1 } }, 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
  [
    'preferred holder',
    { spec: { preferredHolder: 'you' } },
    'spec.preferredHolder: Forbidden: may only be specified when `strategy` is defined',
  ],
  ['strategy', { spec: { strategy: 'Any' } }, 'spec.strategy: Unsupported value: "Any": supported values: "OldestEmulationVersion"'],
  ['coordinated election', { spec: { strategy: 'OldestEmulationVersion', preferredHolder: 'you' } }],
  ['strategy of a domain', { spec: { strategy: 'example.com/oldest' } }],
])

test('Lease: columns', () => {
  assert.deepEqual(cells(leaseKind, lease.valid), ['a', 'me', '<unknown>'])
})
