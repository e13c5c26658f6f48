import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, created, defaultCases, statusCases, updateCases, updated } from '../testing/cases.ts'
import { statefulSetKind } from './stateful-set.ts'

const container = { name: 'db', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }
const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const valid = {
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [container] } },
    volumeClaimTemplates: [claim],
  },
}
const statefulSet = { kind: statefulSetKind, valid }
const spec = (by: object) => ({ spec: by })
const pod = (by: object) => spec({ template: { spec: by } })
const rolling = (by: object) => spec({ updateStrategy: { rollingUpdate: by } })
const notNegative = 'must be greater than or equal to 0'
const path = 'spec.updateStrategy.rollingUpdate'

defaultCases(statefulSet, [
  [{}, 'spec.podManagementPolicy', 'OrderedReady'],
  [{}, 'spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } }],
  [rolling({ partition: 2 }), path, { partition: 2, maxUnavailable: 1 }],
  [spec({ updateStrategy: { type: 'OnDelete' } }), 'spec.updateStrategy', { type: 'OnDelete' }],
  [{}, 'spec.persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Retain', whenScaled: 'Retain' }],
  [{}, 'spec.replicas', 1],
  [spec({ replicas: 0 }), 'spec.replicas', 0],
  [{}, 'spec.revisionHistoryLimit', 10],
  [{}, 'spec.template.spec.restartPolicy', 'Always'],
  [{}, 'spec.volumeClaimTemplates.0.kind', 'PersistentVolumeClaim'],
  [{}, 'spec.volumeClaimTemplates.0.apiVersion', 'v1'],
  [{}, 'spec.volumeClaimTemplates.0.spec.volumeMode', 'Filesystem'],
  [{}, 'spec.volumeClaimTemplates.0.status.phase', 'Pending'],
])

const otherPods = 'spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not match template `labels`'
createCases(statefulSet, [
  [
    'management',
    spec({ podManagementPolicy: 'Some' }),
    `spec.podManagementPolicy: Invalid value: "Some": must be 'OrderedReady' or 'Parallel'`,
  ],
  [
    'strategy',
    spec({ updateStrategy: { type: 'Blue' } }),
    `spec.updateStrategy: Invalid value: {"Type":"Blue","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
  ],
  [
    'rolling update of OnDelete',
    spec({ updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } }),
    `${path}: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
  ],
  ['partition', rolling({ partition: -1 }), `${path}.partition: Invalid value: -1: ${notNegative}`],
  ['no progress', rolling({ maxUnavailable: 0 }), `${path}.maxUnavailable: Invalid value: 0: cannot be 0`],
  ['negative', rolling({ maxUnavailable: -1 }), `${path}.maxUnavailable: Invalid value: -1: ${notNegative}`],
  ['more than all', rolling({ maxUnavailable: '101%' }), `${path}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`],
  [
    'claims that are kept',
    spec({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep', whenScaled: 'Never' } }),
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Delete", "Retain"',
    'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Never": supported values: "Delete", "Retain"',
  ],
  ['replicas', spec({ replicas: -1 }), `spec.replicas: Invalid value: -1: ${notNegative}`],
  ['minReadySeconds', spec({ minReadySeconds: -1 }), `spec.minReadySeconds: Invalid value: -1: ${notNegative}`],
  ['ordinals', spec({ ordinals: { start: -1 } }), `spec.ordinals.start: Invalid value: -1: ${notNegative}`],
  ['history without end', spec({ revisionHistoryLimit: -1 })],
  ['no service', spec({ serviceName: null })],
  ['service', spec({ serviceName: 'a.b' }), 'spec.serviceName: Invalid value: "a.b": must not contain dots'],
  ['no selector', spec({ selector: null }), 'spec.selector: Required value', otherPods],
  [
    'empty selector',
    spec({ selector: { matchLabels: null } }),
    'spec.selector: Invalid value: {}: empty selector is invalid for statefulset',
  ],
  ['selector of other pods', spec({ selector: { matchLabels: { app: 'web' } } }), otherPods],
  [
    'selector that is none',
    spec({ selector: { matchExpressions: [{ key: 'app', operator: 'Like' }] } }),
    'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
    'spec.selector: Invalid value: {"matchLabels":{"app":"db"},"matchExpressions":[{"key":"app","operator":"Like"}]}',
  ],
  ['template', pod({ containers: [] }), 'spec.template.spec.containers: Required value'],
  ['a volume and a claim of one name', pod({ volumes: [{ name: 'data', emptyDir: {} }] })],
  ['no volume for a mount', spec({ volumeClaimTemplates: [] }), 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
  [
    'pods that end',
    pod({ restartPolicy: 'Never' }),
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    'pods with a deadline',
    pod({ activeDeadlineSeconds: 5 }),
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
  ],
  [
    'claims',
    spec({ volumeClaimTemplates: [change(claim, { spec: { accessModes: [] } })] }),
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
  ],
])

const forbidden =
  "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
updateCases(statefulSet, [
  ['of what may change', spec({ replicas: 3, ordinals: { start: 1 }, minReadySeconds: 5, revisionHistoryLimit: 2 })],
  ['of the template', pod({ hostNetwork: true })],
  ['of the strategy', spec({ updateStrategy: { type: 'OnDelete', rollingUpdate: null } })],
  ['of the retention', spec({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } })],
  ['of the service', spec({ serviceName: 'other' }), forbidden],
  ['of the management', spec({ podManagementPolicy: 'Parallel' }), forbidden],
  ['of the claims', spec({ volumeClaimTemplates: [change(claim, { spec: { storageClassName: 'fast' } })] }), forbidden],
  [
    'of the selector',
    spec({ selector: { matchLabels: { tier: 'back' } }, template: { metadata: { labels: { tier: 'back' } } } }),
    forbidden,
  ],
])

const status = (by: object) => ({ status: by })
const tooMany = (field: string) => `status.${field}: Invalid value: 1: cannot be greater than status.replicas`
statusCases(statefulSet, [
  ['counts', status({ replicas: 2, readyReplicas: 2, availableReplicas: 1, currentReplicas: 1, updatedReplicas: 1 })],
  ['negative', status({ observedGeneration: -1 }), `status.observedGeneration: Invalid value: -1: ${notNegative}`],
  ['ready', status({ readyReplicas: 1 }), tooMany('readyReplicas')],
  ['current', status({ currentReplicas: 1 }), tooMany('currentReplicas')],
  ['updated', status({ updatedReplicas: 1 }), tooMany('updatedReplicas')],
  [
    'available',
    status({ availableReplicas: 1 }),
    tooMany('availableReplicas'),
    'status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas',
  ],
  [
    'collisions',
    status({ collisionCount: -1 }),
    `status.collisionCount: Invalid value: -1: ${notNegative}`,
    'status.collisionCount: Invalid value: -1: cannot be decremented',
  ],
])

test('StatefulSet: its name, its generation, its warnings and its columns', () => {
  const { strategy } = statefulSetKind
  assert.deepEqual(strategy.validateName?.('a.b', false), ['must not contain dots'])
  assert.deepEqual(strategy.validateName?.('db-', true), [])
  const old = created(statefulSetKind, change(valid, status({ replicas: 7 })))
  assert.deepEqual([old.metadata.generation, old.status], [1, { replicas: 0, availableReplicas: 0 }])
  const write = (by: object) => updated(statefulSetKind, change(old, by), old)
  assert.equal(write({ metadata: { labels: { a: 'b' } } }).metadata.generation, 1)
  assert.equal(write(spec({ replicas: 2 })).metadata.generation, 2)
  assert.deepEqual(strategy.warnings?.(write(spec({ revisionHistoryLimit: -1 })), old), [
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ])
  const row = cells(statefulSetKind, change(old, { spec: { replicas: 3 }, status: { readyReplicas: 2 } }))
  assert.deepEqual(row, ['db', '2/3', '<unknown>', 'db', 'db:1'])
})
