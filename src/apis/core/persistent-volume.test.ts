import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, created, defaultCases, defaulted, statusCases, updateCases } from '../testing/cases.ts'
import { type PersistentVolume, persistentVolumeKind } from './persistent-volume.ts'

const volume = {
  kind: persistentVolumeKind,
  valid: {
    metadata: { name: 'disk', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
  },
}
const { kind, valid } = volume

/** The volume with another source. */
const from = (source: object) => ({ spec: { hostPath: null, ...source } })
const secret = { name: 's', namespace: 'n' }
const anyNode = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }] } }

defaultCases(volume, [
  [{}, 'status.phase', 'Pending'],
  [{}, 'spec.persistentVolumeReclaimPolicy', 'Retain'],
  [{ spec: { persistentVolumeReclaimPolicy: 'Delete' } }, 'spec.persistentVolumeReclaimPolicy', 'Delete'],
  [{}, 'spec.volumeMode', 'Filesystem'],
  [{}, 'spec.hostPath.type', ''],
  [{ spec: { capacity: { storage: '1n' } } }, 'spec.capacity.storage', '1m'],
  [from({ iscsi: { targetPortal: 'a', iqn: 'iqn.2001-04.com.example:disk', lun: 1 } }), 'spec.iscsi.iscsiInterface', 'default'],
  [from({ rbd: { monitors: ['a'], image: 'i' } }), 'spec.rbd.pool', 'rbd'],
  [from({ scaleIO: { gateway: 'g', system: 's', secretRef: secret, volumeName: 'v' } }), 'spec.scaleIO.fsType', 'xfs'],
  [from({ azureDisk: { diskName: 'd', diskURI: 'https://d' } }), 'spec.azureDisk.cachingMode', 'ReadWrite'],
])

const manySources = 'may not specify more than 1 volume type'

createCases(volume, [
  ['without modes', { spec: { accessModes: [] } }, 'spec.accessModes: Required value'],
  [
    'an unknown mode',
    { spec: { accessModes: ['Write'] } },
    'spec.accessModes: Unsupported value: "Write": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ],
  [
    'one pod and others',
    { spec: { accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] } },
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
  ],
  [
    'without capacity',
    { spec: { capacity: null } },
    'spec.capacity: Required value',
    'spec.capacity: Unsupported value: {}: supported values: "storage"',
  ],
  [
    'another capacity',
    { spec: { capacity: { cpu: '1' } } },
    'spec.capacity: Unsupported value: {"storage":"1Gi","cpu":"1"}: supported values: "storage"',
  ],
  ['no capacity', { spec: { capacity: { storage: '0' } } }, 'spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
  [
    'negative capacity',
    { spec: { capacity: { storage: '-1Gi' } } },
    'spec.capacity[storage]: Invalid value: -1073741824: must be a valid resource quantity',
    'spec.capacity[storage]: Invalid value: "-1Gi": must be greater than zero',
  ],
  [
    'policy',
    { spec: { persistentVolumeReclaimPolicy: 'Burn' } },
    'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
  ],
  ['a path of many slashes', { spec: { persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: `${'/'.repeat(100)}x` } } }],
  [
    'recycling everything',
    { spec: { persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '/.' } } },
    "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
  ],
  ['affinity', { spec: { nodeAffinity: anyNode } }],
  [
    'affinity without nodes',
    { spec: { nodeAffinity: {} } },
    'spec.nodeAffinity.required: Required value: must specify required node constraints',
  ],
  [
    'affinity without terms',
    { spec: { nodeAffinity: { required: { nodeSelectorTerms: [] } } } },
    'spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  ['no source', from({}), 'spec: Required value: must specify a volume type'],
  ['two sources', { spec: { nfs: { server: 's', path: '/' } } }, `spec.nfs: Forbidden: ${manySources}`],
  ['a second one whose path differs', { spec: { cephfs: { monitors: ['m'] } } }, `spec.cephFS: Forbidden: ${manySources}`],
  [
    'class',
    { spec: { storageClassName: 'Fast!' } },
    "spec.storageClassName: Invalid value: \"Fast!\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ],
  ['mode', { spec: { volumeMode: 'Tape' } }, 'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
  [
    'attributes without CSI',
    { spec: { volumeAttributesClassName: 'gold' } },
    'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
  ],
  [
    'attributes without a name',
    from({ csi: { driver: 'd', volumeHandle: 'h' }, volumeAttributesClassName: '' }),
    'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
  ],
  // Sources, one by one.
  ['path', from({ hostPath: { path: '/a/../b' } }), 'spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
  ['disk of Google', from({ gcePersistentDisk: { pdName: '' } }), 'spec.persistentDisk.pdName: Required value'],
  ['disk of Amazon', from({ awsElasticBlockStore: { volumeID: '' } }), 'spec.awsElasticBlockStore.volumeID: Required value'],
  [
    'Gluster',
    from({ glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: '' } }),
    'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
  ],
  ['Ceph', from({ rbd: { monitors: [], image: '' } }), 'spec.rbd.monitors: Required value', 'spec.rbd.image: Required value'],
  ['Ceph files', from({ cephfs: { monitors: [] } }), 'spec.cephfs.monitors: Required value'],
  [
    'iSCSI',
    from({ iscsi: { targetPortal: 't', iqn: 'iqn.2001-04.com.example:disk', lun: 300, chapAuthSession: true } }),
    'spec.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive',
    'spec.iscsi.secretRef: Required value',
  ],
  ['Cinder', from({ cinder: { volumeID: 'v', secretRef: { name: 's' } } }), 'spec.cinder.secretRef.namespace: Required value'],
  [
    'flex',
    from({ flexVolume: { driver: 'd', options: { 'kubernetes.io/a': 'b' } } }),
    'spec.flexVolume.options[kubernetes.io/a]: Invalid value: "kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved',
  ],
  [
    'files of Azure',
    from({ azureFile: { secretName: 's', shareName: 'n', secretNamespace: '' } }),
    'spec.azureFile.secretNamespace: Required value',
  ],
  ['ScaleIO', from({ scaleIO: { gateway: 'g', system: 's', secretRef: secret } }), 'spec.scaleIO.volumeName: Required value'],
  ['StorageOS', from({ storageos: { volumeName: 'v', secretRef: { namespace: 'n' } } }), 'spec.storageos.secretRef.name: Required value'],
  ['local', from({ local: { path: '/disk' }, nodeAffinity: anyNode })],
  [
    'local anywhere',
    from({ local: { path: '' } }),
    'spec.local.path: Required value',
    'spec.nodeAffinity: Required value: Local volume requires node affinity',
  ],
  [
    'CSI',
    from({ csi: { driver: 'd', nodeExpandSecretRef: { name: 's' } } }),
    'spec.csi.volumeHandle: Required value',
    'spec.csi.nodeExpandSecretRef.namespace: Required value',
  ],
])

const renamed = (key: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }] },
})

updateCases(volume, [
  ['of size, class and policy', { spec: { capacity: { storage: '2Gi' }, storageClassName: 'x', persistentVolumeReclaimPolicy: 'Delete' } }],
  ['binding it', { spec: { claimRef: { namespace: 'default', name: 'claim' } } }],
  [
    'of the source',
    { spec: { hostPath: { path: '/other' } } },
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n-spec.hostPath.path: "/data"\n+spec.hostPath.path: "/other"',
  ],
  ['of the mode', { spec: { volumeMode: 'Block' } }, 'volumeMode: Invalid value: "Block": field is immutable'],
  ['adding affinity', { spec: { nodeAffinity: anyNode } }],
])

const driven = change(valid, from({ csi: { driver: 'd', volumeHandle: 'h' }, volumeAttributesClassName: 'gold' })) as typeof valid
updateCases({ kind, valid: driven }, [
  ['naming the Secret for growing', { spec: { csi: { controllerExpandSecretRef: secret } } }],
  ['of the attributes', { spec: { volumeAttributesClassName: 'silver' } }],
  [
    'of the attributes to none',
    { spec: { volumeAttributesClassName: null } },
    'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden',
  ],
])

const placed = change(valid, { spec: { nodeAffinity: renamed('failure-domain.beta.kubernetes.io/zone') } }) as typeof valid
updateCases({ kind, valid: placed }, [
  ['of a label to its new name', { spec: { nodeAffinity: renamed('topology.kubernetes.io/zone') } }],
  [
    'of the affinity',
    { spec: { nodeAffinity: renamed('zone') } },
    `nodeAffinity: Invalid value: ${JSON.stringify(renamed('zone'))}: field is immutable, except for updating from beta label to GA`,
  ],
])

statusCases(volume, [['any phase', { status: { phase: 'Failed', message: 'on fire' } }]])

test('PersistentVolume: the phase and when it changed', () => {
  const old = created(kind, change(valid, { status: { phase: 'Bound' } }))
  assert.deepEqual(old.status, { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' })
  const action = kind.subresources.status?.action
  assert.ok(action?.type === 'fields')
  const write = (status: object) =>
    action.prepare(defaulted(kind, change(old, { status })) as never, old as never, Date.parse('2026-02-01T00:00:00Z')) as PersistentVolume
  assert.equal(write({ phase: 'Bound' }).status?.lastPhaseTransitionTime, '2026-02-01T00:00:00Z')
  assert.equal(write({ reason: 'Because' }).status?.lastPhaseTransitionTime, '2026-01-01T00:00:00Z')
  const told = { phase: 'Bound', lastPhaseTransitionTime: '2026-01-15T00:00:00Z' }
  assert.equal(write(told).status?.lastPhaseTransitionTime, told.lastPhaseTransitionTime)
})

test('PersistentVolume: columns', () => {
  const one = change(valid, {
    spec: { accessModes: ['ReadWriteMany', 'ReadWriteOnce'], claimRef: { namespace: 'default', name: 'claim' }, storageClassName: 'fast' },
    status: { phase: 'Bound' },
  })
  const row = ['disk', '1Gi', 'RWO,RWX', 'Retain', 'Bound', 'default/claim', 'fast', '<unset>', '', '60m', 'Filesystem']
  assert.deepEqual(cells(kind, defaulted(kind, one)), row)
  const leaving = defaulted(kind, change(one, { metadata: { deletionTimestamp: '2026-01-01T00:30:00Z' } }))
  assert.equal(cells(kind, leaving)[4], 'Terminating')
})

test('PersistentVolume: warnings', () => {
  const one = change(valid, {
    metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x', 'volume.beta.kubernetes.io/mount-options': 'ro' } },
    spec: {
      hostPath: null,
      rbd: { monitors: ['m'], image: 'i' },
      persistentVolumeReclaimPolicy: 'Recycle',
      capacity: { storage: '100m' },
      nodeAffinity: renamed('beta.kubernetes.io/os'),
    },
  })
  assert.deepEqual(kind.strategy.warnings?.(defaulted(kind, one), undefined), [
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead',
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    'spec.capacity[storage]: fractional byte value "100m" is invalid, must be an integer',
  ])
})
