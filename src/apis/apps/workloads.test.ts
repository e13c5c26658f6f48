import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scaleSubresource } from '../autoscaling/scale.ts'
import { type Case, cells, change, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { deploymentKind } from './deployment.ts'
import { replicaSetKind } from './replica-set.ts'

const valid = {
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } },
  },
}
const deployment = { kind: deploymentKind, valid }
const replicaSet = { kind: replicaSetKind, valid }
const spec = (by: object) => ({ spec: by })
const selector = (by: object) => spec({ selector: { matchLabels: null, ...by } })
const notNegative = 'must be greater than or equal to 0'
const empty = 'empty selector is invalid for deployment'

const common: readonly Case[] = [
  ['replicas', spec({ replicas: -1 }), `spec.replicas: Invalid value: -1: ${notNegative}`],
  ['no selector', spec({ selector: null }), 'spec.selector: Required value'],
  ['empty selector', selector({}), `spec.selector: Invalid value: {}: ${empty}`],
  [
    'selector of other pods',
    selector({ matchLabels: { app: 'api' } }),
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    'selector that is none',
    selector({ matchExpressions: [{ key: 'app', operator: 'Like' }] }),
    'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Like"}]}: invalid label selector',
  ],
  [
    'pods that end',
    spec({ template: { spec: { restartPolicy: 'Never' } } }),
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    'pods with a deadline',
    spec({ template: { spec: { activeDeadlineSeconds: 5 } } }),
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
  ],
  ['template', spec({ template: { spec: { containers: [] } } }), 'spec.template.spec.containers: Required value'],
]

const rolling = (by: object) => spec({ strategy: { rollingUpdate: by } })
const path = 'spec.strategy.rollingUpdate'
const percentage =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

defaultCases(deployment, [
  [{}, 'spec.replicas', 1],
  [spec({ replicas: 0 }), 'spec.replicas', 0],
  [{}, 'spec.strategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } }],
  [rolling({ maxSurge: 0 }), 'spec.strategy.rollingUpdate', { maxUnavailable: '25%', maxSurge: 0 }],
  [spec({ strategy: { type: 'Recreate' } }), 'spec.strategy', { type: 'Recreate' }],
  [{}, 'spec.revisionHistoryLimit', 10],
  [{}, 'spec.progressDeadlineSeconds', 600],
  [{}, 'spec.template.spec.restartPolicy', 'Always'],
])

createCases(deployment, [
  ...common,
  ['minReadySeconds', spec({ minReadySeconds: -1 }), `spec.minReadySeconds: Invalid value: -1: ${notNegative}`],
  ['history', spec({ revisionHistoryLimit: -1 }), `spec.revisionHistoryLimit: Invalid value: -1: ${notNegative}`],
  [
    'deadline',
    spec({ progressDeadlineSeconds: -1 }),
    `spec.progressDeadlineSeconds: Invalid value: -1: ${notNegative}`,
    'spec.progressDeadlineSeconds: Invalid value: -1: must be greater than minReadySeconds',
  ],
  [
    'deadline before pods are available',
    spec({ minReadySeconds: 600 }),
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
  [
    'strategy',
    spec({ strategy: { type: 'Blue' } }),
    'spec.strategy.type: Unsupported value: "Blue": supported values: "Recreate", "RollingUpdate"',
  ],
  [
    'rolling update of Recreate',
    spec({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
    `${path}: Forbidden: may not be specified when strategy \`type\` is 'Recreate'`,
  ],
  [
    'no room',
    rolling({ maxUnavailable: 0, maxSurge: '0%' }),
    `${path}.maxUnavailable: Invalid value: 0: may not be 0 when \`maxSurge\` is 0`,
  ],
  ['no percentage', rolling({ maxSurge: 'many' }), `${path}.maxSurge: Invalid value: "many": ${percentage}`],
  ['negative', rolling({ maxUnavailable: -1 }), `${path}.maxUnavailable: Invalid value: -1: ${notNegative}`],
  ['more than all', rolling({ maxUnavailable: '101%' }), `${path}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`],
  ['twice as many', rolling({ maxSurge: '200%' })],
])

defaultCases(replicaSet, [
  [{}, 'spec.replicas', 1],
  [{}, 'spec.template.spec.dnsPolicy', 'ClusterFirst'],
])

createCases(replicaSet, [
  ...common,
  ['minReadySeconds', spec({ minReadySeconds: -1 }), `spec.minReadySeconds: Invalid value: -1: ${notNegative}`],
  ['no template', spec({ template: null }), 'spec.template: Required value'],
])

const other = { matchLabels: { app: 'web', tier: 'front' } }
const relabelled = spec({ selector: other, template: { metadata: { labels: { tier: 'front' } } } })
const immutable = 'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"front"}}: field is immutable'
updateCases(deployment, [
  ['of replicas', spec({ replicas: 3 })],
  ['of the selector', relabelled, immutable],
])
updateCases(replicaSet, [
  ['of the template', spec({ template: { metadata: { labels: { tier: 'front' } } } })],
  ['of the selector', relabelled, immutable],
])

const status = (by: object) => ({ status: by })
const tooMany = (field: string) => `status.${field}: Invalid value: 2: cannot be greater than status.replicas`
statusCases(deployment, [
  ['counts', status({ replicas: 2, readyReplicas: 2, availableReplicas: 1 })],
  ['negative', status({ unavailableReplicas: -1 }), `status.unavailableReplicas: Invalid value: -1: ${notNegative}`],
  ['more updated than there are', status({ updatedReplicas: 2 }), tooMany('updatedReplicas')],
  ['more ready than there are', status({ replicas: 1, readyReplicas: 2 }), tooMany('readyReplicas')],
  [
    'more available than ready',
    status({ replicas: 2, availableReplicas: 2 }),
    'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
  ],
])
statusCases(replicaSet, [
  ['more labelled than there are', status({ fullyLabeledReplicas: 2 }), tooMany('fullyLabeledReplicas')],
  ['negative', status({ observedGeneration: -1 }), `status.observedGeneration: Invalid value: -1: ${notNegative}`],
])

test('Deployment: collisions are never uncounted', () => {
  const action = deploymentKind.subresources.status?.action
  assert.ok(action?.type === 'fields')
  const old = { ...created(deploymentKind, valid), status: { collisionCount: 2 } }
  const errors = action.validate?.({ ...old, status: { collisionCount: 1 } } as never, old as never)
  assert.deepEqual(
    errors?.map(error => `${error.field}: ${error.message}`),
    ['status.collisionCount: Invalid value: 1: cannot be decremented'],
  )
})

for (const kind of [deploymentKind, replicaSetKind]) {
  test(`${kind.kind}: the generation counts changes of the spec, and the status is not written`, () => {
    const old = created<never>(kind as never, {
      ...valid,
      metadata: { name: 'web', generation: 7 },
      status: { replicas: 3 },
    }) as typeof valid & { metadata: { generation: number }; status: object }
    assert.equal(old.metadata.generation, 1)
    assert.equal('readyReplicas' in old.status, false)
    const write = (by: object) => updated<never>(kind as never, change(old, by), old as never) as unknown as typeof old
    assert.equal(write({ metadata: { generation: 9, labels: { a: 'b' } } }).metadata.generation, 1)
    assert.equal(write(spec({ replicas: 2 })).metadata.generation, 2)
    assert.deepEqual(write({ status: { replicas: 9 } }).status, old.status)
  })
}

test('Deployment: annotations count for the generation', () => {
  const old = created(deploymentKind, valid)
  assert.equal(updated(deploymentKind, change(old, { metadata: { annotations: { a: 'b' } } }), old).metadata.generation, 2)
})

test('Deployment: a write to status keeps spec and labels', () => {
  const action = deploymentKind.subresources.status?.action
  assert.ok(action?.type === 'fields')
  const old = created(deploymentKind, change(valid, { metadata: { labels: { a: '1' } } }))
  const object = action.prepare(
    change(old, { metadata: { labels: { a: '2' } }, spec: { replicas: 5 }, status: { replicas: 4 } }) as never,
    old as never,
    0,
  )
  assert.deepEqual(object, { ...old, status: { replicas: 4 } })
})

test('Scale: the replicas of a workload, seen and written', () => {
  const { action } = scaleSubresource
  assert.ok(action.type === 'view')
  const object = {
    ...created(deploymentKind, change(valid, { metadata: { namespace: 'default', uid: 'u', resourceVersion: '5' } })),
    status: { replicas: 3 },
  }
  const scale = action.read(object as never)
  assert.deepEqual(scale, {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '5', creationTimestamp: undefined },
    spec: { replicas: 1 },
    status: { replicas: 3, selector: 'app=web' },
  })
  const scaled = action.write(object as never, change(scale, { metadata: { resourceVersion: '4' }, spec: { replicas: 4 } }) as never)
  assert.deepEqual(scaled, change(object, { metadata: { generation: 2, resourceVersion: '4' }, spec: { replicas: 4 } }))
  const errors = action.validate?.(change(scale, { spec: { replicas: -1 } }) as never)
  assert.deepEqual(
    errors?.map(error => `${error.field}: ${error.message}`),
    [`spec.replicas: Invalid value: -1: ${notNegative}`],
  )
})

test('Deployment and ReplicaSet: columns', () => {
  const object = {
    ...valid,
    spec: { ...valid.spec, replicas: 3 },
    status: { replicas: 2, readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 },
  }
  assert.deepEqual(cells(deploymentKind, object), ['web', '1/3', 2, 1, '<unknown>', 'web', 'nginx:1', 'app=web'])
  assert.deepEqual(cells(replicaSetKind, object), ['web', 3, 2, 1, '<unknown>', 'web', 'nginx:1', 'app=web'])
})
