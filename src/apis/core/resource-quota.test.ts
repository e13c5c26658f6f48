import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, createCases, created, statusCases, updateCases, updated } from '../testing/cases.ts'
import { resourceQuotaKind } from './resource-quota.ts'

const quota = { kind: resourceQuotaKind, valid: { metadata: { name: 'quota' }, spec: { hard: { pods: '5' } } } }
const selector = (...matchExpressions: object[]) => ({ spec: { scopeSelector: { matchExpressions } } })
const expressions = 'spec.scopeSelector.matchExpressions'

createCases(quota, [
  ['nothing', { spec: {} }],
  [
    'every standard resource',
    { spec: { hard: { cpu: '1', 'limits.memory': '1Gi', 'requests.storage': '1Gi', 'services.nodeports': '2', 'hugepages-2Mi': '4Mi' } } },
  ],
  ['counts and devices', { spec: { hard: { 'count/deployments.apps': '2', 'requests.nvidia.com/gpu': '1' } } }],
  [
    'an unknown resource',
    { spec: { hard: { pods: null, things: '5' } } },
    'spec.hard[things]: Invalid value: "things": must be a standard resource type or fully qualified',
    'spec.hard[things]: Invalid value: "things": must be a standard resource for quota',
  ],
  [
    'storage as such',
    { spec: { hard: { storage: '5' } } },
    'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
  ],
  ['less than nothing', { spec: { hard: { pods: '-1' } } }, 'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
  ['half a pod', { spec: { hard: { pods: '500m' } } }, 'spec.hard[pods]: Invalid value: "500m": must be an integer'],
  ['scopes', { spec: { hard: { cpu: '1' }, scopes: ['Terminating', 'NotBestEffort'] } }],
  ['unknown scope', { spec: { scopes: ['Nice'] } }, 'spec.scopes: Invalid value: ["Nice"]: unsupported scope'],
  [
    'a scope that does not fit',
    { spec: { hard: { cpu: '1' }, scopes: ['BestEffort'] } },
    'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
  ],
  [
    'scopes of claims for pods',
    { spec: { scopes: ['VolumeAttributesClass'] } },
    'spec.scopes: Invalid value: ["VolumeAttributesClass"]: unsupported scope applied to resource',
  ],
  [
    'scopes that exclude each other',
    { spec: { scopes: ['Terminating', 'NotTerminating'] } },
    'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
  ],
  ['a selector', selector({ scopeName: 'PriorityClass', operator: 'In', values: ['high'] })],
  [
    'a selector of an unknown scope',
    selector({ scopeName: 'Nice', operator: 'Exists' }),
    `${expressions}.scopeName: Invalid value: "Nice": unsupported scope`,
  ],
  [
    'a selector without values',
    selector({ scopeName: 'PriorityClass', operator: 'NotIn' }),
    `${expressions}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
  ],
  [
    'a selector with values that mean nothing',
    selector({ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }),
    `${expressions}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
  ],
  [
    'a selector with an unknown operator',
    selector({ scopeName: 'PriorityClass', operator: 'Like' }),
    `${expressions}.operator: Invalid value: "Like": not a valid selector operator`,
  ],
  [
    'a selector of values where there is only existence',
    selector({ scopeName: 'Terminating', operator: 'DoesNotExist' }),
    `${expressions}.operator: Invalid value: "DoesNotExist": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
  ],
  [
    'selectors that exclude each other',
    selector({ scopeName: 'BestEffort', operator: 'Exists' }, { scopeName: 'NotBestEffort', operator: 'Exists' }),
    `${expressions}: Invalid value: []: conflicting scopes`,
  ],
])

updateCases(quota, [
  ['of what is allowed', { spec: { hard: { pods: '9', services: '2' } } }],
  ['of scopes', { spec: { scopes: ['Terminating'] } }, 'spec.scopes: Invalid value: ["Terminating"]: field is immutable'],
])

statusCases(quota, [
  ['usage', { status: { hard: { pods: '5' }, used: { pods: '1' } } }],
  [
    'usage of unknown resources',
    { status: { used: { things: '1' } } },
    'status.used[things]: Invalid value: "things": must be a standard resource type or fully qualified',
    'status.used[things]: Invalid value: "things": must be a standard resource for quota',
  ],
])

test('ResourceQuota: only the status subresource writes the status', () => {
  const status = { hard: { pods: '5' }, used: { pods: '1' } }
  const old = { ...created(resourceQuotaKind, { ...quota.valid, status }), status }
  assert.deepEqual(created(resourceQuotaKind, { ...quota.valid, status }).status, {})
  assert.deepEqual(updated(resourceQuotaKind, { ...quota.valid, status: {} }, old).status, status)
})

test('ResourceQuota: columns', () => {
  const hard = { pods: '5', 'limits.cpu': '2', 'requests.cpu': '1', 'limits.memory': '1Gi' }
  const used = { pods: '1', 'limits.cpu': '200m', 'requests.cpu': '100m' }
  assert.deepEqual(cells(resourceQuotaKind, { metadata: { name: 'quota' }, status: { hard, used } }), [
    'quota',
    'pods: 1/5, requests.cpu: 100m/1',
    'limits.cpu: 200m/2, limits.memory: 0/1Gi',
    '<unknown>',
  ])
})
