import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { podTemplateKind } from './pod-template.ts'
import { replicationControllerKind } from './replication-controller.ts'

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } }
const valid = { metadata: { name: 'web' }, spec: { template } }
const controller = { kind: replicationControllerKind, valid }
const spec = (by: object) => ({ spec: by })
const pod = (by: object) => spec({ template: { spec: by } })
const notNegative = 'must be greater than or equal to 0'

defaultCases(controller, [
  [{}, 'spec.replicas', 1],
  [spec({ replicas: 0 }), 'spec.replicas', 0],
  [{}, 'spec.selector', { app: 'web' }],
  [spec({ selector: { app: 'other' } }), 'spec.selector', { app: 'other' }],
  [{}, 'metadata.labels', { app: 'web' }],
  [{ metadata: { labels: { own: 'yes' } } }, 'metadata.labels', { own: 'yes' }],
  [{}, 'spec.template.spec.dnsPolicy', 'ClusterFirst'],
])

createCases(controller, [
  ['replicas', spec({ replicas: -1 }), `spec.replicas: Invalid value: -1: ${notNegative}`],
  ['minReadySeconds', spec({ minReadySeconds: -1 }), `spec.minReadySeconds: Invalid value: -1: ${notNegative}`],
  ['neither selector nor labels', spec({ template: { metadata: null } }), 'spec.selector: Required value'],
  ['no template', spec({ selector: { app: 'web' }, template: null }), 'spec.template: Required value'],
  [
    'selector of other pods',
    spec({ selector: { app: 'api' } }),
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  ['template', pod({ containers: [] }), 'spec.template.spec.containers: Required value'],
  [
    'pods that end',
    pod({ restartPolicy: 'Never' }),
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    'pods with a deadline',
    pod({ activeDeadlineSeconds: 5 }),
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
  ],
])

updateCases(controller, [['of the selector', spec({ selector: { tier: 'front' }, template: { metadata: { labels: { tier: 'front' } } } })]])

statusCases(controller, [
  ['counts', { status: { replicas: 2, readyReplicas: 1 } }],
  ['negative', { status: { observedGeneration: -1 } }, `status.observedGeneration: Invalid value: -1: ${notNegative}`],
  ...['fullyLabeledReplicas', 'readyReplicas'].map(
    field => [field, { status: { [field]: 1 } }, `status.${field}: Invalid value: 1: cannot be greater than status.replicas`] as const,
  ),
  [
    'more available than ready',
    { status: { replicas: 1, availableReplicas: 1 } },
    'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
  ],
])

test('ReplicationController: its generation, its scale and its columns', () => {
  const old = created(replicationControllerKind, valid)
  assert.deepEqual([old.metadata.generation, old.status], [1, { replicas: 0 }])
  const write = (by: object) => updated(replicationControllerKind, change(old, by), old)
  assert.equal(write({ metadata: { labels: { a: 'b' } }, status: { replicas: 5 } }).metadata.generation, 1)
  assert.equal(write(spec({ replicas: 2 })).metadata.generation, 2)
  const scale = replicationControllerKind.subresources.scale?.action
  assert.ok(scale?.type === 'view')
  assert.deepEqual((scale.read(old as never) as { status?: unknown }).status, { replicas: 0, selector: 'app=web' })
  const object = change(old, { status: { replicas: 3, readyReplicas: 2 } })
  assert.deepEqual(cells(replicationControllerKind, object), ['web', 1, 3, 2, '<unknown>', 'web', 'nginx:1', 'app=web'])
})

const kept = { kind: podTemplateKind, valid: { metadata: { name: 'kept' }, template } }

defaultCases(kept, [[{}, 'template.spec.restartPolicy', 'Always']])
createCases(kept, [
  ['containers', { template: { spec: { containers: [] } } }, 'template.spec.containers: Required value'],
  ['pods that end', { template: { spec: { restartPolicy: 'Never' } } }],
])

test('PodTemplate: its generation, its warnings and its columns', () => {
  const old = created(podTemplateKind, kept.valid)
  const write = (by: object) => updated(podTemplateKind, change(old, by), old).metadata.generation
  assert.deepEqual([old.metadata.generation, write({ metadata: { labels: { a: 'b' } } })], [1, 1])
  assert.equal(write({ template: { spec: { hostNetwork: true } } }), 2)
  const beta = change(kept.valid, { template: { spec: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } } })
  assert.deepEqual(podTemplateKind.strategy.warnings?.(created(podTemplateKind, beta), undefined), [
    'template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ])
  assert.deepEqual(cells(podTemplateKind, kept.valid), ['kept', 'web', 'nginx:1', 'app=web'])
})
