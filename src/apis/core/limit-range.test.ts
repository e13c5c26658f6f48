import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, created, defaultCases, updateCases } from '../testing/cases.ts'
import { limitRangeKind } from './limit-range.ts'

const container = (fields: object) => ({ spec: { limits: [{ type: 'Container', ...fields }] } })
const limitRange = { kind: limitRangeKind, valid: { metadata: { name: 'limits' }, ...container({ max: { cpu: '2' } }) } }

defaultCases(limitRange, [
  [container({ max: { cpu: '2' } }), 'spec.limits.0.default.cpu', '2'],
  [container({ max: { cpu: '2' } }), 'spec.limits.0.defaultRequest.cpu', '2'],
  [container({ max: { cpu: '2' }, default: { cpu: '1' } }), 'spec.limits.0.default.cpu', '1'],
  [container({ default: { cpu: '1' } }), 'spec.limits.0.defaultRequest.cpu', '1'],
  [container({ default: { cpu: '1' }, defaultRequest: { cpu: '500m' } }), 'spec.limits.0.defaultRequest.cpu', '500m'],
  [container({ min: { cpu: '100m' } }), 'spec.limits.0.defaultRequest.cpu', '100m'],
  [container({ min: { cpu: '100m' } }), 'spec.limits.0.default', undefined],
  [{ spec: { limits: [{ type: 'Pod', max: { cpu: '2' } }] } }, 'spec.limits.0.default', undefined],
])

const at = 'spec.limits[0]'
createCases(limitRange, [
  ['no limits', { spec: { limits: [] } }],
  ['pod', { spec: { limits: [{ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '2' } }] } }],
  [
    'unknown type',
    { spec: { limits: [{ type: 'Thing' }] } },
    `${at}.type: Invalid value: "Thing": must be a standard limit type or fully qualified`,
  ],
  ['type of a domain', { spec: { limits: [{ type: 'example.com/Thing' }] } }],
  ['a type twice', { spec: { limits: [{ type: 'Pod' }, { type: 'Pod' }] } }, 'spec.limits[1].type: Duplicate value: "Pod"'],
  [
    'defaults of pods',
    { spec: { limits: [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] } },
    `${at}.default: Forbidden: may not be specified when \`type\` is 'Pod'`,
    `${at}.defaultRequest: Forbidden: may not be specified when \`type\` is 'Pod'`,
  ],
  [
    'a resource that containers do not have',
    container({ max: { pods: '2' }, default: {}, defaultRequest: {} }),
    `${at}.max[pods]: Invalid value: "pods": must be a standard resource for containers`,
    `${at}.default[pods]: Invalid value: "pods": must be a standard resource for containers`,
    `${at}.defaultRequest[pods]: Invalid value: "pods": must be a standard resource for containers`,
  ],
  ['storage of claims', { spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '2Gi' } }] } }],
  [
    'claims without storage',
    { spec: { limits: [{ type: 'PersistentVolumeClaim', max: { cpu: '2' } }] } },
    `${at}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`,
  ],
  [
    'a minimum above the maximum',
    { spec: { limits: [{ type: 'Pod', min: { cpu: '3' }, max: { cpu: '2' } }] } },
    `${at}.min[cpu]: Invalid value: "3": min value 3 is greater than max value 2`,
  ],
  [
    'a default request below the minimum',
    container({ max: { cpu: '4' }, min: { cpu: '2' }, defaultRequest: { cpu: '1' } }),
    `${at}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1`,
  ],
  [
    'a default request above maximum and default limit',
    container({ max: { cpu: '2' }, defaultRequest: { cpu: '3' } }),
    `${at}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 2`,
    `${at}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2`,
  ],
  [
    'a default below the minimum',
    container({ max: { cpu: '4' }, min: { cpu: '2' }, default: { cpu: '1' }, defaultRequest: { cpu: '2' } }),
    `${at}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1`,
    `${at}.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1`,
  ],
  [
    'a default above the maximum',
    container({ max: { cpu: '2' }, default: { cpu: '3' }, defaultRequest: { cpu: '1' } }),
    `${at}.default[cpu]: Invalid value: "2": default value 3 is greater than max value 2`,
  ],
  [
    'a ratio below one',
    container({ max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '900m' } }),
    `${at}.maxLimitRequestRatio[cpu]: Invalid value: "900m": ratio 900m is less than 1`,
  ],
  [
    'a ratio that nothing can have',
    container({ min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }),
    `${at}.maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000`,
  ],
  [
    'devices that are asked for less than they are limited',
    container({ max: null, default: { 'example.com/gpu': '2' }, defaultRequest: { 'example.com/gpu': '1' } }),
    `${at}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
  ],
])

updateCases(limitRange, [['of everything', container({ max: { memory: '1Gi' }, default: null, defaultRequest: null })]])

test('LimitRange: columns', () => {
  const object = { ...created(limitRangeKind, limitRange.valid), metadata: { name: 'limits', creationTimestamp: '2026-01-01T00:59:00Z' } }
  assert.deepEqual(cells(limitRangeKind, object), ['limits', '2026-01-01T00:59:00Z'])
})
