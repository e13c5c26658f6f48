import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFieldError } from '../../apimachinery/field-error.ts'
import { at, cells, change, createCases, created, defaultCases, defaulted, statusCases, updateCases, updated } from '../testing/cases.ts'
import { persistentVolumeClaimKind } from './persistent-volume-claim.ts'

const claim = {
  kind: persistentVolumeClaimKind,
  valid: {
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
}
const { kind, valid } = claim
const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'before' }

defaultCases(claim, [
  [{}, 'status.phase', 'Pending'],
  [{}, 'spec.volumeMode', 'Filesystem'],
  [{ spec: { resources: { requests: { storage: '1n' } } } }, 'spec.resources.requests.storage', '1m'],
])

createCases(claim, [
  ['without modes', { spec: { accessModes: [] } }, 'spec.accessModes: Required value: at least 1 access mode is required'],
  [
    'one pod and others',
    { spec: { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] } },
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
  ],
  ['without size', { spec: { resources: null } }, 'spec.resources[storage]: Required value'],
  [
    'no size',
    { spec: { resources: { requests: { storage: '0' } } } },
    'spec.resources[storage]: Invalid value: "0": must be greater than zero',
  ],
  [
    'selector',
    { spec: { selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } } },
    'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
  ],
  ['no class', { spec: { storageClassName: '' } }],
  ['mode', { spec: { volumeMode: 'Tape' } }, 'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
  ['snapshot', { spec: { dataSource: snapshot } }],
  ['what is no claim', { spec: { dataSourceRef: { apiGroup: 'example.com', kind: 'Fountain', name: 'old' } } }],
  [
    'a source of the core group',
    { spec: { dataSourceRef: { kind: 'Pod', name: 'p' } } },
    'spec.dataSource: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
  ],
  [
    'a source without a name',
    { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: '' } } },
    'spec.dataSource.name: Required value',
    'spec.dataSourceRef.name: Required value',
  ],
  [
    'two sources',
    { spec: { dataSource: snapshot, dataSourceRef: { ...snapshot, name: 'after' } } },
    'spec: Invalid value: "spec.dataSource": must match dataSourceRef',
  ],
])

const immutableSpec =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n'
const growth = '-spec.resources.requests.storage: "1Gi"\n+spec.resources.requests.storage: "2Gi"'

updateCases(claim, [
  ['binding it', { spec: { volumeName: 'disk' } }],
  ['filling in a class', { spec: { storageClassName: 'fast' } }],
  [
    'of the modes',
    { spec: { accessModes: ['ReadOnlyMany'] } },
    `${immutableSpec}-spec.accessModes[0]: "ReadWriteOnce"\n+spec.accessModes[0]: "ReadOnlyMany"`,
  ],
  ['of the size before it is bound', { spec: { resources: { requests: { storage: '2Gi' } } } }, immutableSpec + growth],
  [
    'of the mode',
    { spec: { volumeMode: 'Block' } },
    `${immutableSpec}-spec.volumeMode: "Filesystem"\n+spec.volumeMode: "Block"`,
    'volumeMode: Invalid value: "Block": field is immutable',
  ],
  [
    'of the annotation',
    { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } } },
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: Invalid value: "x": field is immutable',
  ],
])

function updateOfBound(by: object, before: object = {}): string[] {
  const bound = { spec: { volumeName: 'disk' }, status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
  const old = defaulted(kind, change(change(valid, bound), before))
  const object = updated(kind, change(old, by), old)
  return [...kind.strategy.validate(object), ...(kind.strategy.validateUpdate?.(object, old) ?? [])].map(formatFieldError)
}

test('PersistentVolumeClaim: a bound claim may ask for more, and for other settings', () => {
  assert.deepEqual(updateOfBound({ spec: { resources: { requests: { storage: '2Gi' } }, volumeAttributesClassName: 'gold' } }), [])
  const gold = { spec: { volumeAttributesClassName: 'gold' } }
  assert.deepEqual(updateOfBound({ spec: { volumeAttributesClassName: 'silver' } }, gold), [])
  const forbidden = 'spec.volumeAttributesClassName: Forbidden: update from non-nil value to'
  assert.deepEqual(updateOfBound({ spec: { volumeAttributesClassName: '' } }, gold), [`${forbidden} an empty string is forbidden`])
  assert.equal(updateOfBound({ spec: { volumeAttributesClassName: null } }, gold).at(-1), `${forbidden} nil is forbidden`)
})

test('PersistentVolumeClaim: whoever asked for too much may ask for less, but not for less than there is', () => {
  const more = { spec: { resources: { requests: { storage: '5Gi' } } } }
  assert.deepEqual(updateOfBound({ spec: { resources: { requests: { storage: '2Gi' } } } }, more), [])
  assert.deepEqual(updateOfBound({ spec: { resources: { requests: { storage: '1Gi' } } } }, more), [
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ])
})

test('PersistentVolumeClaim: the volume of a bound claim stays', () => {
  assert.deepEqual(updateOfBound({ spec: { volumeName: 'other' } }), [
    `${immutableSpec}-spec.volumeName: "disk"\n+spec.volumeName: "other"`,
  ])
})

test('PersistentVolumeClaim: the annotation of old may become the field', () => {
  const old = created(kind, change(valid, { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } } }))
  const moved = updated(kind, change(old, { metadata: { annotations: null }, spec: { storageClassName: 'x' } }), old)
  assert.deepEqual(kind.strategy.validateUpdate?.(moved, old), [])
})

test('PersistentVolumeClaim: the two fields for a data source are filled in from one another', () => {
  const sources = (spec: object) => {
    const object = created(kind, change(valid, { spec }))
    return [at(object, 'spec.dataSource'), at(object, 'spec.dataSourceRef')]
  }
  assert.deepEqual(sources({ dataSource: snapshot }), [snapshot, snapshot])
  assert.deepEqual(sources({ dataSourceRef: snapshot }), [snapshot, snapshot])
  const fountain = { apiGroup: 'example.com', kind: 'Fountain', name: 'old' }
  assert.deepEqual(sources({ dataSource: fountain }), [undefined, undefined], 'the older field knows claims and snapshots only')
  assert.deepEqual(sources({ dataSourceRef: fountain }), [fountain, fountain])
  assert.deepEqual(sources({ dataSourceRef: { ...fountain, namespace: 'other' } })[1], fountain, 'no other namespace')
})

statusCases(claim, [
  ['bound', { status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } } }],
  [
    'negative',
    { status: { capacity: { storage: '-1' } } },
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
  ],
  [
    'resizing what is no storage',
    { status: { allocatedResources: { cpu: '1' } } },
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
  ],
  ['resizing', { status: { allocatedResourceStatuses: { storage: 'NodeResizePending' } } }],
  [
    'an unknown state',
    { status: { allocatedResourceStatuses: { storage: 'Yawning' } } },
    'status.allocatedResourceStatus: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
  ],
])

test('PersistentVolumeClaim: columns', () => {
  const pending = created(kind, valid)
  assert.deepEqual(cells(kind, pending), ['data', 'Pending', '', '', '', '', '<unset>', '<unknown>', 'Filesystem'])
  const bound = {
    spec: { volumeName: 'disk', storageClassName: 'fast', volumeAttributesClassName: 'gold' },
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } },
  }
  const row = ['data', 'Bound', 'disk', '2Gi', 'RWO', 'fast', 'gold', '<unknown>', 'Filesystem']
  assert.deepEqual(cells(kind, defaulted(kind, change(valid, bound))), row)
})

test('PersistentVolumeClaim: warnings', () => {
  const one = change(valid, {
    metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } },
    spec: { resources: { requests: { storage: '1500m' } } },
  })
  assert.deepEqual(kind.strategy.warnings?.(defaulted(kind, one), undefined), [
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ])
})
