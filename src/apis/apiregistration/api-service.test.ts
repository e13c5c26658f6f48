import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, created, defaultCases, statusCases } from '../testing/cases.ts'
import { apiServiceKind } from './api-service.ts'

const spec = {
  group: 'wardle.example.com',
  version: 'v1alpha1',
  service: { namespace: 'shop', name: 'api' },
  groupPriorityMinimum: 2000,
  versionPriority: 200,
}
const remote = { kind: apiServiceKind, valid: { metadata: { name: 'v1alpha1.wardle.example.com' }, spec } }
const changed = (by: object) => ({ spec: by })

createCases(remote, [
  ['a local one', changed({ service: null })],
  [
    'another name',
    { metadata: { name: 'v1.wardle.example.com' } },
    'metadata.name: Invalid value: "v1.wardle.example.com": must be `spec.version+"."+spec.group`: "v1alpha1.wardle.example.com"',
  ],
  [
    'no group',
    { metadata: { name: 'v1alpha1.' }, spec: { group: '' } },
    'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
  ],
  ['the core group', { metadata: { name: 'v1.' }, spec: { group: '', version: 'v1' } }],
  [
    'priorities',
    changed({ groupPriorityMinimum: 20_001, versionPriority: 0 }),
    'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
    'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
  ],
  [
    'trust of a local one',
    changed({ service: null, caBundle: 'QUJD', insecureSkipTLSVerify: true }),
    'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
    'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
  ],
  [
    'a service without names',
    changed({ service: { namespace: '', name: '', port: 0 } }),
    'spec.service.namespace: Required value',
    'spec.service.name: Required value',
    'spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
  ],
  [
    'two kinds of trust',
    changed({ caBundle: 'QUJD', insecureSkipTLSVerify: true }),
    'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
  ],
])
defaultCases(remote, [[{}, 'spec.service.port', 443]])
statusCases(remote, [
  ['available', { status: { conditions: [{ type: 'Available', status: 'True' }] } }],
  [
    'odd',
    { status: { conditions: [{ type: 'Available', status: 'Maybe' }] } },
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
  ],
])

test('rows say who answers and whether it does', () => {
  const shown = (status: object, by: object = {}) =>
    cells(apiServiceKind, { ...remote.valid, spec: { ...spec, ...by }, status }).slice(1, 3)
  const condition = (status: string, reason?: string) => ({ conditions: [{ type: 'Available', status, reason }] })
  assert.deepEqual(shown(condition('True', 'Passed')), ['shop/api', 'True'])
  assert.deepEqual(shown(condition('False', 'MissingEndpoints')), ['shop/api', 'False (MissingEndpoints)'])
  assert.deepEqual(shown({}, { service: undefined }), ['Local', 'Unknown'])
})

test('a client does not say whether it is available', () => {
  const given = { ...remote.valid, status: { conditions: [{ type: 'Available', status: 'True' }] } }
  assert.deepEqual(created(apiServiceKind, given).status, {})
})
