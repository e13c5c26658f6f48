import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, updateCases } from '../testing/cases.ts'
import { runtimeClassKind } from './runtime-class.ts'

const runtimeClass = { kind: runtimeClassKind, valid: { metadata: { name: 'sandboxed' }, handler: 'kata' } }

createCases(runtimeClass, [
  ['handler', { handler: 'a.b' }, 'handler: Invalid value: "a.b": must not contain dots'],
  ['overhead', { overhead: { podFixed: { cpu: '100m', memory: '64Mi' } } }],
  [
    'negative overhead',
    { overhead: { podFixed: { cpu: '-1' } } },
    'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    'overhead of what containers have none',
    { overhead: { podFixed: { disks: '1' } } },
    'overhead.limits[disks]: Invalid value: "disks": must be a standard resource type or fully qualified',
    'overhead.limits[disks]: Invalid value: "disks": must be a standard resource for containers',
  ],
  ['scheduling', { scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] } }],
  [
    'nodes',
    { scheduling: { nodeSelector: { a: 'no!' } } },
    "scheduling.nodeSelector: Invalid value: \"no!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ],
  [
    'tolerations',
    { scheduling: { tolerations: [{ key: 'a', operator: 'Maybe' }] } },
    'scheduling.tolerations[0].operator: Unsupported value: "Maybe": supported values: "Equal", "Exists"',
  ],
])
updateCases(runtimeClass, [
  ['of the overhead', { overhead: { podFixed: { cpu: '1' } } }],
  ['of the handler', { handler: 'other' }, 'handler: Invalid value: "other": field is immutable'],
])
test('RuntimeClass: columns', () => assert.deepEqual(cells(runtimeClassKind, runtimeClass.valid), ['sandboxed', 'kata', '<unknown>']))
