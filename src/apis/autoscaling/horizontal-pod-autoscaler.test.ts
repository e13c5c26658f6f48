import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { cells, change, createCases, created, defaultCases, statusCases, updated } from '../testing/cases.ts'
import { autoscalerV1 } from './horizontal-pod-autoscaler/version-1.ts'
import { horizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts'

const valid = {
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 },
}
const autoscaler = { kind: horizontalPodAutoscalerKind, valid }
const spec = (by: object) => ({ spec: by })
const metric = (...metrics: readonly object[]) => spec({ metrics })
const up = (by: object) => spec({ behavior: { scaleUp: by } })
const path = 'spec.metrics[0]'
const rules = 'spec.behavior.scaleUp'
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }
const policies = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
]

defaultCases(autoscaler, [
  [{}, 'spec.minReplicas', 1],
  [{}, 'spec.metrics', [cpu]],
  [metric({ ...cpu, resource: { ...cpu.resource, name: 'memory' } }), 'spec.metrics.0.resource.name', 'memory'],
  [{}, 'spec.behavior', undefined],
  [spec({ behavior: {} }), 'spec.behavior.scaleUp', { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies }],
  [up({ selectPolicy: 'Min' }), 'spec.behavior.scaleUp.selectPolicy', 'Min'],
  [up({}), 'spec.behavior.scaleDown', { selectPolicy: 'Max', policies: [policies[1]] }],
])

const object = (by: object = {}) => ({
  type: 'Object',
  object: { describedObject: { kind: 'Service', name: 'web' }, metric: { name: 'hits' }, target: { type: 'Value', value: '10' }, ...by },
})
const pods = (by: object = {}) => ({
  type: 'Pods',
  pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '5' }, ...by },
})
const external = (by: object = {}) => ({
  type: 'External',
  external: { metric: { name: 'queue' }, target: { type: 'Value', value: '10' }, ...by },
})
const resource = (target: object, name = 'cpu') => ({ type: 'Resource', resource: { name, target } })
const container = (by: object = {}) => ({ type: 'ContainerResource', containerResource: { ...cpu.resource, container: 'main', ...by } })

createCases(autoscaler, [
  ['minReplicas', spec({ minReplicas: 0 }), 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1'],
  [
    'maxReplicas',
    spec({ maxReplicas: 0 }),
    'spec.maxReplicas: Invalid value: 0: must be greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
  ],
  ['no room', spec({ minReplicas: 5 }), 'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
  ['no kind', spec({ scaleTargetRef: { kind: '' } }), 'spec.scaleTargetRef.kind: Required value'],
  ['name', spec({ scaleTargetRef: { name: 'a/b' } }), `spec.scaleTargetRef.name: Invalid value: "a/b": may not contain '/'`],
  [
    'version',
    spec({ scaleTargetRef: { apiVersion: 'a/b/c' } }),
    'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
  ],
  ['every source', metric(object(), pods(), external(), resource(cpu.resource.target), container())],
  [
    'no type',
    metric({ resource: cpu.resource }),
    `${path}.type: Required value: must specify a metric source type`,
    `${path}.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
    `${path}.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
  ],
  ['no source', metric({ type: 'Resource' }), `${path}.resource: Required value: must populate information for the given metric source`],
  ['two sources', metric({ ...pods(), ...cpu }), `${path}.pods: Forbidden: must populate the given metric source only`],
  ['object', metric(object({ describedObject: { kind: 'Service' } })), `${path}.object.describedObject.name: Required value`],
  ['metric', metric(object({ metric: {} })), `${path}.object.metric.name: Required value: must specify a metric name`],
  [
    'target of an object',
    metric(object({ target: { type: 'Value' } })),
    `${path}.object.target.averageValue: Required value: must set either a target value or averageValue`,
  ],
  [
    'target of nothing',
    metric(external({ target: { type: 'Value' } })),
    `${path}.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target`,
  ],
  [
    'two targets',
    metric(external({ target: { type: 'Value', value: '1', averageValue: '1' } })),
    `${path}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`,
  ],
  [
    'target of pods',
    metric(pods({ target: { type: 'AverageValue' } })),
    `${path}.pods.target.averageValue: Required value: must specify a positive target averageValue`,
  ],
  ['no resource', metric(resource(cpu.resource.target, '')), `${path}.resource.name: Required value: must specify a resource name`],
  [
    'target of a resource',
    metric(resource({ type: 'Utilization' })),
    `${path}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
  ],
  [
    'two targets of a resource',
    metric(resource({ type: 'Utilization', averageUtilization: 5, averageValue: '1' })),
    `${path}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization`,
  ],
  [
    'utilization',
    metric(resource({ type: 'Utilization', averageUtilization: 0 })),
    `${path}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`,
  ],
  ['value', metric(object({ target: { type: 'Value', value: '0' } })), `${path}.object.target.value: Invalid value: "0": must be positive`],
  [
    'type of target',
    metric(resource({ type: 'Most', averageUtilization: 5 })),
    `${path}.resource.target.type: Invalid value: "Most": must be either Utilization, Value, or AverageValue`,
  ],
  ['no container', metric(container({ container: '' })), `${path}.containerResource.container: Required value: must specify a container`],
  [
    'window before now',
    up({ stabilizationWindowSeconds: -1 }),
    `${rules}.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero`,
  ],
  [
    'window too long',
    up({ stabilizationWindowSeconds: 3601 }),
    `${rules}.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600`,
  ],
  ['choice', up({ selectPolicy: 'Any' }), `${rules}.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min"`],
  [
    'policy',
    up({ policies: [{ type: 'Nodes', value: 0, periodSeconds: 1801 }] }),
    `${rules}.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"`,
    `${rules}.policies[0].value: Invalid value: 0: must be greater than zero`,
    `${rules}.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800`,
  ],
  ['tolerance', up({ tolerance: '-1' }), `${rules}.tolerance: Invalid value: "-1": must be greater than or equal to 0`],
])

statusCases(autoscaler, [
  ['counts', { status: { currentReplicas: 1, desiredReplicas: 2 } }],
  ['current', { status: { currentReplicas: -1 } }, 'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0'],
  ['desired', { status: { desiredReplicas: -1 } }, 'status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0'],
])

test('HorizontalPodAutoscaler: the status is not written, and nothing counts generations', () => {
  const old = created(horizontalPodAutoscalerKind, change(valid, { status: { desiredReplicas: 7 } }))
  assert.deepEqual([old.status, old.metadata.generation], [{ desiredReplicas: 0 }, undefined])
  const now = updated(horizontalPodAutoscalerKind, change(old, { spec: { maxReplicas: 9 }, status: { desiredReplicas: 7 } }), old)
  assert.deepEqual([now.status, now.metadata.generation], [old.status, undefined])
})

const full = {
  metadata: { name: 'web', annotations: { own: 'kept' } },
  spec: {
    ...valid.spec,
    minReplicas: 1,
    metrics: [object(), pods(), external({ target: { type: 'AverageValue', averageValue: '7' } }), container(), cpu],
    behavior: { scaleUp: { policies, tolerance: '50m' } },
  },
  status: {
    currentReplicas: 2,
    desiredReplicas: 3,
    currentMetrics: [
      { type: 'Object', object: { describedObject: { kind: 'Service', name: 'web' }, metric: { name: 'hits' }, current: { value: '8' } } },
      { type: 'Pods', pods: { metric: { name: 'hits' }, current: { averageValue: '4' } } },
      { type: 'External', external: { metric: { name: 'queue' }, current: { value: '0', averageValue: '6' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'main', current: { averageUtilization: 20, averageValue: '1' } },
      },
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '2' } } },
    ],
    conditions: [{ type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale' }],
  },
}

test('HorizontalPodAutoscaler: v1 carries everything, one CPU metric in fields and the rest in annotations', () => {
  const served = autoscalerV1.fromStored?.(full as KubernetesObject) as unknown as typeof full & Record<string, unknown>
  assert.deepEqual(served.spec, { ...valid.spec, minReplicas: 1, targetCPUUtilizationPercentage: 80 })
  assert.deepEqual(served.status, { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 40 })
  const annotation = (name: string) =>
    JSON.parse((served.metadata.annotations as Record<string, string>)[`autoscaling.alpha.kubernetes.io/${name}`] as string)
  assert.deepEqual(annotation('metrics'), [
    { type: 'Object', object: { target: { kind: 'Service', name: 'web' }, metricName: 'hits', targetValue: '10' } },
    { type: 'Pods', pods: { metricName: 'hits', targetAverageValue: '5' } },
    { type: 'External', external: { metricName: 'queue', targetAverageValue: '7' } },
    { type: 'ContainerResource', containerResource: { name: 'cpu', targetAverageUtilization: 80, container: 'main' } },
  ])
  assert.deepEqual(annotation('current-metrics').at(-1), {
    type: 'Resource',
    resource: { name: 'cpu', currentAverageUtilization: 40, currentAverageValue: '2' },
  })
  assert.equal(annotation('behavior').ScaleUp.Policies[0].PeriodSeconds, 15)
  assert.deepEqual(annotation('conditions'), full.status.conditions)
  assert.deepEqual(autoscalerV1.toStored?.(served as KubernetesObject), full)
})

test('HorizontalPodAutoscaler: annotations of v1 that nobody can read are dropped', () => {
  const annotations = {
    own: 'kept',
    'autoscaling.alpha.kubernetes.io/metrics': '[{"type":3}]',
    'autoscaling.alpha.kubernetes.io/behavior': 'none',
    'autoscaling.alpha.kubernetes.io/conditions': '{}',
  }
  const stored = autoscalerV1.toStored?.({ ...valid, metadata: { name: 'web', annotations } } as KubernetesObject)
  assert.deepEqual(stored, { ...valid, metadata: { name: 'web', annotations: { own: 'kept' } } })
})

test('HorizontalPodAutoscaler: columns, the same in both versions', () => {
  const row = ['web', 'Deployment/web', '8/10, 4/5 + 3 more...', '1', '3', '2', '<unknown>']
  assert.deepEqual(cells(horizontalPodAutoscalerKind, full), row)
  const served = autoscalerV1.fromStored?.(full as KubernetesObject)
  assert.deepEqual(
    autoscalerV1.columns.map(column => column.cell(served as never)),
    row,
  )
  const plain = change(full, metric(cpu, external()))
  assert.equal(cells(horizontalPodAutoscalerKind, change(plain, { status: null }))[2], 'cpu: <unknown>/80%, <unknown>/10')
})
