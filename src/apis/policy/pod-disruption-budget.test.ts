import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyStrategicMergePatch } from '../../apimachinery/patch/index.ts'
import { cells, change, createCases, created, statusCases, updateCases, updated } from '../testing/cases.ts'
import { podDisruptionBudgetKind } from './pod-disruption-budget.ts'

const valid = { metadata: { name: 'web' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } }
const budget = { kind: podDisruptionBudgetKind, valid }
const spec = (by: object) => ({ spec: by })
const notNegative = 'must be greater than or equal to 0'
const percentage =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

createCases(budget, [
  ['all pods', spec({ selector: {} })],
  ['no pods', spec({ selector: null })],
  ['share', spec({ minAvailable: null, maxUnavailable: '50%' })],
  [
    'both bounds',
    spec({ maxUnavailable: '50%', selector: null }),
    'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"50%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
  ],
  ['minAvailable', spec({ minAvailable: -1 }), `spec.minAvailable: Invalid value: -1: ${notNegative}`],
  ['no percentage', spec({ minAvailable: 'most' }), `spec.minAvailable: Invalid value: "most": ${percentage}`],
  ['more than all', spec({ minAvailable: '101%' }), 'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
  [
    'maxUnavailable',
    spec({ minAvailable: null, maxUnavailable: '101%' }),
    'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ],
  [
    'selector',
    spec({ selector: { matchExpressions: [{ key: 'app', operator: 'Like' }] } }),
    'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
  ],
  [
    'policy for unhealthy pods',
    spec({ unhealthyPodEvictionPolicy: 'Never' }),
    'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
  ],
])

updateCases(budget, [['of everything', spec({ minAvailable: null, maxUnavailable: 1, selector: { matchLabels: { app: 'api' } } })]])

const condition = {
  type: 'DisruptionAllowed',
  status: 'True',
  reason: 'SufficientPods',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
}
const conditions = (...by: readonly object[]) => ({ status: { conditions: by.map(one => ({ ...condition, ...one })) } })
const path = 'status.conditions'
statusCases(budget, [
  ['good', { status: { disruptionsAllowed: 1, ...conditions({}).status } }],
  ...['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'].map(
    field => [field, { status: { [field]: -1 } }, `status.${field}: Invalid value: -1: ${notNegative}`] as const,
  ),
  ['condition twice', conditions({}, {}), `${path}[1].type: Duplicate value: "DisruptionAllowed"`],
  ['condition without type', conditions({ type: '' }), `${path}[0].type: Required value: must be set`],
  [
    'status of a condition',
    conditions({ status: 'Maybe' }),
    `${path}[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
  ],
  ['time of a condition', conditions({ lastTransitionTime: undefined }), `${path}[0].lastTransitionTime: Required value: must be set`],
  ['reason of a condition', conditions({ reason: '' }), `${path}[0].reason: Required value: must be set`],
  [
    'reason in words',
    conditions({ reason: 'not so' }),
    `${path}[0].reason: Invalid value: "not so": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')`,
  ],
  [
    'generation of a condition',
    conditions({ observedGeneration: -1 }),
    `${path}[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero`,
  ],
])

test('PodDisruptionBudget: generation, status and columns', () => {
  const old = created(podDisruptionBudgetKind, change(valid, { status: { disruptionsAllowed: 7 } }))
  assert.deepEqual([old.metadata.generation, old.status?.disruptionsAllowed], [1, 0])
  assert.equal(updated(podDisruptionBudgetKind, change(old, { metadata: { labels: { a: 'b' } } }), old).metadata.generation, 1)
  assert.equal(updated(podDisruptionBudgetKind, change(old, spec({ minAvailable: 2 })), old).metadata.generation, 2)
  assert.equal(podDisruptionBudgetKind.strategy.allowUnconditionalUpdate, undefined)
  assert.deepEqual(cells(podDisruptionBudgetKind, old), ['web', '1', 'N/A', 0, '<unknown>'])
})

test('PodDisruptionBudget: a strategic merge patch replaces the selector as a whole', () => {
  const patch = { spec: { selector: { matchLabels: { tier: 'front' } } } }
  assert.deepEqual(applyStrategicMergePatch(podDisruptionBudgetKind.schema, valid, patch), {
    ...valid,
    spec: { minAvailable: 1, selector: { matchLabels: { tier: 'front' } } },
  })
})
