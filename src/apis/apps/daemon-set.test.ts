import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { daemonSetKind } from './daemon-set.ts'

const valid = {
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: 'agent:1' }] } },
  },
}
const daemonSet = { kind: daemonSetKind, valid }
const spec = (by: object) => ({ spec: by })
const pod = (by: object) => spec({ template: { spec: by } })
const rolling = (by: object) => spec({ updateStrategy: { rollingUpdate: by } })
const notNegative = 'must be greater than or equal to 0'
const path = 'spec.updateStrategy.rollingUpdate'

defaultCases(daemonSet, [
  [{}, 'spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }],
  [rolling({ maxUnavailable: '10%' }), path, { maxUnavailable: '10%', maxSurge: 0 }],
  [spec({ updateStrategy: { type: 'OnDelete' } }), 'spec.updateStrategy', { type: 'OnDelete' }],
  [{}, 'spec.revisionHistoryLimit', 10],
  [{}, 'spec.template.spec.restartPolicy', 'Always'],
])

const disk = { name: 'data', gcePersistentDisk: { pdName: 'disk' } }
const otherPods = 'spec.template.metadata.labels: Invalid value: {"app":"agent"}: `selector` does not match template `labels`'
createCases(daemonSet, [
  ['no selector', spec({ selector: null }), otherPods],
  [
    'empty selector',
    spec({ selector: { matchLabels: null } }),
    'spec.selector: Invalid value: {}: empty selector is invalid for daemonset',
  ],
  ['selector of other pods', spec({ selector: { matchLabels: { app: 'web' } } }), otherPods],
  [
    'selector that is none',
    spec({ selector: { matchExpressions: [{ key: 'app', operator: 'Like' }] } }),
    'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
  ],
  ['template', pod({ containers: [] }), 'spec.template.spec.containers: Required value'],
  [
    'pods that end',
    pod({ restartPolicy: 'OnFailure' }),
    'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
  ],
  [
    'pods with a deadline',
    pod({ activeDeadlineSeconds: 5 }),
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
  ],
  [
    'a disk that one node can write to',
    pod({ volumes: [disk] }),
    'spec.template.spec.volumes[0].gcePersistentDisk.readOnly: Invalid value: false: must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it is read-only',
  ],
  ['minReadySeconds', spec({ minReadySeconds: -1 }), `spec.minReadySeconds: Invalid value: -1: ${notNegative}`],
  ['history', spec({ revisionHistoryLimit: -1 }), `spec.revisionHistoryLimit: Invalid value: -1: ${notNegative}`],
  [
    'strategy',
    spec({ updateStrategy: { type: 'Blue' } }),
    'spec.updateStrategy: Unsupported value: {"Type":"Blue","RollingUpdate":null}: supported values: "OnDelete", "RollingUpdate"',
  ],
  ['negative', rolling({ maxUnavailable: -1 }), `${path}.maxUnavailable: Invalid value: -1: ${notNegative}`],
  ['more than all', rolling({ maxUnavailable: '101%' }), `${path}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`],
  ['no room', rolling({ maxUnavailable: '0%' }), `${path}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`],
  ['both', rolling({ maxSurge: 1 }), `${path}.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero`],
  ['surge', rolling({ maxUnavailable: 0, maxSurge: '50%' })],
])

updateCases(daemonSet, [
  ['of the template', pod({ hostNetwork: true })],
  [
    'of the selector',
    spec({ selector: { matchLabels: { tier: 'node' } }, template: { metadata: { labels: { tier: 'node' } } } }),
    'spec.selector: Invalid value: {"matchLabels":{"app":"agent","tier":"node"}}: field is immutable',
  ],
])

statusCases(daemonSet, [
  ['counts', { status: { desiredNumberScheduled: 2, numberReady: 1 } }],
  ...['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration'].map(
    field => [field, { status: { [field]: -1 } }, `status.${field}: Invalid value: -1: ${notNegative}`] as const,
  ),
  ...['updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'].map(
    field => [field, { status: { [field]: -1 } }, `status.${field}: Invalid value: -1: ${notNegative}`] as const,
  ),
  [
    'collisions',
    { status: { collisionCount: -1 } },
    `status.collisionCount: Invalid value: -1: ${notNegative}`,
    'status.collisionCount: Invalid value: -1: cannot be decremented',
  ],
])

test('DaemonSet: the generation counts changes of the spec, and an annotation those of the template', () => {
  const counted = ({ metadata }: ReturnType<typeof created>) => [
    metadata.generation,
    metadata.annotations?.['deprecated.daemonset.template.generation'],
  ]
  const old = created(daemonSetKind, change(valid, { status: { numberReady: 3 } }))
  assert.deepEqual(counted(old), [1, '1'])
  assert.equal(old.status?.numberReady, 0)
  const write = (by: object) => updated(daemonSetKind, change(old, by), old)
  assert.deepEqual(counted(write({ metadata: { labels: { a: 'b' }, annotations: null } })), [1, '1'])
  assert.deepEqual(counted(write(spec({ minReadySeconds: 5 }))), [2, '1'])
  assert.deepEqual(counted(write(pod({ hostNetwork: true }))), [2, '2'])
  const restored = change(valid, { metadata: { annotations: { 'deprecated.daemonset.template.generation': '7' } } })
  assert.deepEqual(counted(created(daemonSetKind, restored)), [1, '7'])
})

test('DaemonSet: columns', () => {
  const status = { desiredNumberScheduled: 4, currentNumberScheduled: 3, numberReady: 2, updatedNumberScheduled: 1 }
  const object = change(valid, { status, ...pod({ nodeSelector: { disk: 'ssd', arch: 'arm' } }) })
  assert.deepEqual(cells(daemonSetKind, object), [
    'agent',
    4,
    3,
    2,
    1,
    0,
    'arch=arm,disk=ssd',
    '<unknown>',
    'agent',
    'agent:1',
    'app=agent',
  ])
  assert.equal(cells(daemonSetKind, valid)[6], '<none>')
})
