import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, updateCases } from '../testing/cases.ts'
import { controllerRevisionKind } from './controller-revision.ts'

const valid = { metadata: { name: 'web-1' }, data: { spec: { template: {} } }, revision: 3 }
const revision = { kind: controllerRevisionKind, valid }

createCases(revision, [
  ['no data', { data: null }, 'data: Required value: data is mandatory'],
  ['negative', { revision: -1 }, 'revision: Invalid value: -1: must be greater than or equal to 0'],
])
updateCases(revision, [
  ['of the revision', { revision: 4 }],
  ['of the data', { data: { spec: { a: 1 } } }, 'data: Invalid value: {"spec":{"template":{},"a":1}}: field is immutable'],
])

test('ControllerRevision: columns', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }
  assert.deepEqual(cells(controllerRevisionKind, change(valid, { metadata: { ownerReferences: [owner] } })), [
    'web-1',
    'statefulset.apps/web',
    3,
    '<unknown>',
  ])
  assert.equal(cells(controllerRevisionKind, valid)[1], '<none>')
})
