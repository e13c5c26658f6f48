import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cells, change, createCases, created, defaultCases, defaulted, statusCases, updateCases, updated } from '../testing/cases.ts'
import { csiDriverKind } from './csi-driver.ts'
import { csiNodeKind } from './csi-node.ts'
import { csiStorageCapacityKind } from './csi-storage-capacity.ts'
import { storageClassKind } from './storage-class.ts'
import { volumeAttachmentKind } from './volume-attachment.ts'
import { volumeAttributesClassKind } from './volume-attributes-class.ts'

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const namePart =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const many = Object.fromEntries(Array.from({ length: 513 }, (_, index) => [`p${index}`, 'v']))
const large = { a: 'v'.repeat(256 * 1024) }

const storageClass = { kind: storageClassKind, valid: { metadata: { name: 'fast' }, provisioner: 'example.com/disk' } }

defaultCases(storageClass, [
  [{}, 'reclaimPolicy', 'Delete'],
  [{}, 'volumeBindingMode', 'Immediate'],
  [{ volumeBindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Retain' }, 'volumeBindingMode', 'WaitForFirstConsumer'],
])

const topology = (key: string, ...values: string[]) => ({ matchLabelExpressions: [{ key, values }] })

createCases(storageClass, [
  ['without a provisioner', { provisioner: '' }, 'provisioner: Required value'],
  ['provisioner', { provisioner: 'no!' }, `provisioner: Invalid value: "no!": ${namePart}`],
  ['provisioner in capitals', { provisioner: 'Example.com/Disk' }],
  ['too many parameters', { parameters: many }, 'parameters: Too long: may not be more than 512 bytes'],
  ['large parameters', { parameters: large }, 'parameters: Too long: may not be more than 262144 bytes'],
  ['a parameter without a name', { parameters: { '': 'x' } }, 'parameters: Invalid value: "": field can not be empty.'],
  ['recycling', { reclaimPolicy: 'Recycle' }, 'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  [
    'mode',
    { volumeBindingMode: 'Later' },
    'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
  ],
  ['topologies', { allowedTopologies: [topology('zone', 'a', 'b'), topology('zone', 'c')] }],
  [
    'equal topologies',
    { allowedTopologies: [topology('zone', 'a', 'b'), topology('zone', 'b', 'a')] },
    'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
  ],
  [
    'topology without values',
    { allowedTopologies: [topology('zone')] },
    'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
  ],
  [
    'a value twice',
    { allowedTopologies: [topology('zone', 'a', 'a')] },
    'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
  ],
  [
    'a key twice',
    { allowedTopologies: [{ matchLabelExpressions: [...topology('zone', 'a').matchLabelExpressions, { key: 'zone', values: ['b'] }] }] },
    'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
  ],
])

updateCases(storageClass, [
  ['of expansion and mount options', { allowVolumeExpansion: true, mountOptions: ['ro'] }],
  ['of parameters', { parameters: { a: 'b' } }, 'parameters: Forbidden: updates to parameters are forbidden.'],
  ['of the provisioner', { provisioner: 'other' }, 'provisioner: Forbidden: updates to provisioner are forbidden.'],
  ['of the policy', { reclaimPolicy: 'Retain' }, 'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.'],
  [
    'of the mode',
    { volumeBindingMode: 'WaitForFirstConsumer' },
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ],
])

test('StorageClass: columns', () => {
  assert.deepEqual(cells(storageClassKind, defaulted(storageClassKind, storageClass.valid)), [
    'fast',
    'example.com/disk',
    'Delete',
    'Immediate',
    false,
    '<unknown>',
  ])
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  const one = defaulted(storageClassKind, change(storageClass.valid, { metadata: { annotations }, allowVolumeExpansion: true }))
  assert.deepEqual([cells(storageClassKind, one)[0], cells(storageClassKind, one)[4]], ['fast (default)', true])
})

const attributesClass = {
  kind: volumeAttributesClassKind,
  valid: { metadata: { name: 'gold' }, driverName: 'example.com', parameters: { iops: '1000' } },
}

createCases(attributesClass, [
  ['without a driver', { driverName: '' }, 'driverName: Required value'],
  ['without parameters', { parameters: null }, 'parameters: Required value: must contain at least one key/value pair'],
  ['too many parameters', { parameters: many }, 'parameters: Too long: may not be more than 512 bytes'],
])
updateCases(attributesClass, [
  ['of the driver', { driverName: 'other' }, 'driverName: Forbidden: updates to driverName are forbidden.'],
  ['of the parameters', { parameters: { iops: '5' } }, 'parameters: Forbidden: updates to parameters are forbidden.'],
])
test('VolumeAttributesClass: columns', () => {
  assert.deepEqual(cells(volumeAttributesClassKind, attributesClass.valid), ['gold', 'example.com', '<unknown>'])
})

const driver = { kind: csiDriverKind, valid: { metadata: { name: 'disk.example.com' }, spec: {} } }

defaultCases(driver, [
  [{}, 'spec.attachRequired', true],
  [{ spec: { attachRequired: false } }, 'spec.attachRequired', false],
  [{}, 'spec.podInfoOnMount', false],
  [{}, 'spec.storageCapacity', false],
  [{}, 'spec.fsGroupPolicy', 'ReadWriteOnceWithFSType'],
  [{}, 'spec.volumeLifecycleModes', ['Persistent']],
  [{}, 'spec.requiresRepublish', false],
  [{}, 'spec.seLinuxMount', false],
])

createCases(driver, [
  [
    'group policy',
    { spec: { fsGroupPolicy: 'All' } },
    'spec.fsGroupPolicy: Unsupported value: "All": supported values: "File", "None", "ReadWriteOnceWithFSType"',
  ],
  [
    'modes',
    { spec: { volumeLifecycleModes: ['Ephemeral', 'Eternal'] } },
    'spec.volumeLifecycleModes: Unsupported value: "Eternal": supported values: "Ephemeral", "Persistent"',
  ],
  ['tokens', { spec: { tokenRequests: [{ audience: '' }, { audience: 'a', expirationSeconds: 600 }] } }],
  [
    'an audience twice',
    { spec: { tokenRequests: [{ audience: 'a' }, { audience: 'a' }] } },
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
  ],
  [
    'a short token',
    { spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 599 }] } },
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
  ],
  [
    'a long token',
    { spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 4294967297 }] } },
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  ],
  [
    'a period',
    { spec: { nodeAllocatableUpdatePeriodSeconds: 9 } },
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
  ],
])

updateCases(driver, [
  ['of the policy', { spec: { fsGroupPolicy: 'File', storageCapacity: true, podInfoOnMount: true } }],
  ['of attaching', { spec: { attachRequired: false } }, 'spec.attachedRequired: Invalid value: false: field is immutable'],
  [
    'of the modes',
    { spec: { volumeLifecycleModes: ['Ephemeral'] } },
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ],
])

test('CSIDriver: generation, and a feature that is off', () => {
  const old = created(csiDriverKind, change(driver.valid, { spec: { preventPodSchedulingIfMissing: true } }))
  assert.deepEqual([old.metadata.generation, 'preventPodSchedulingIfMissing' in old.spec], [1, false])
  assert.equal(updated(csiDriverKind, change(old, { spec: { requiresRepublish: true } }), old).metadata.generation, 2)
  assert.equal(updated(csiDriverKind, change(old, { metadata: { labels: { a: 'b' } } }), old).metadata.generation, 1)
})

test('CSIDriver: columns', () => {
  assert.deepEqual(cells(csiDriverKind, created(csiDriverKind, driver.valid)), [
    'disk.example.com',
    true,
    false,
    false,
    '<unset>',
    false,
    'Persistent',
    '<unknown>',
  ])
  const one = change(driver.valid, { spec: { tokenRequests: [{ audience: 'a' }, { audience: 'b' }] } })
  assert.equal(cells(csiDriverKind, created(csiDriverKind, one))[4], 'a,b')
})

const nodeDriver = { name: 'disk.example.com', nodeID: 'n1', topologyKeys: ['zone'] }
const csiNode = { kind: csiNodeKind, valid: { metadata: { name: 'n1' }, spec: { drivers: [nodeDriver] } } }

createCases(csiNode, [
  [
    'without a name',
    { spec: { drivers: [{ ...nodeDriver, name: '' }] } },
    'spec.drivers[0].name: Required value',
    `spec.drivers[0].name: Invalid value: "": ${subdomain}`,
  ],
  ['without an id', { spec: { drivers: [{ ...nodeDriver, nodeID: '' }] } }, 'spec.drivers[0].nodeID: Required value'],
  [
    'long id',
    { spec: { drivers: [{ ...nodeDriver, nodeID: 'x'.repeat(193) }] } },
    `spec.drivers[0].nodeID: Invalid value: "${'x'.repeat(193)}": must be 192 characters or less`,
  ],
  [
    'negative count',
    { spec: { drivers: [{ ...nodeDriver, allocatable: { count: -1 } }] } },
    'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
  ],
  ['twice', { spec: { drivers: [nodeDriver, nodeDriver] } }, 'spec.drivers[1].name: Duplicate value: "disk.example.com"'],
  [
    'topology keys',
    { spec: { drivers: [{ ...nodeDriver, topologyKeys: ['zone', 'zone', 'no!'] }] } },
    'spec.drivers[0]: Duplicate value: "zone"',
    `spec.drivers[0]: Invalid value: "no!": ${namePart}`,
  ],
])

updateCases(csiNode, [
  ['of the count', { spec: { drivers: [{ ...nodeDriver, allocatable: { count: 5 } }] } }],
  ['without the driver', { spec: { drivers: [] } }],
  [
    'of the id',
    { spec: { drivers: [{ ...nodeDriver, nodeID: 'n2' }] } },
    'spec.drivers: Invalid value: {"name":"disk.example.com","nodeID":"n2","topologyKeys":["zone"]}: field is immutable',
  ],
])
test('CSINode: columns', () => assert.deepEqual(cells(csiNodeKind, csiNode.valid), ['n1', 1, '<unknown>']))

const capacity = {
  kind: csiStorageCapacityKind,
  valid: { metadata: { name: 'c', namespace: 'default' }, storageClassName: 'fast', capacity: '1Gi' },
}
createCases(capacity, [
  ['class', { storageClassName: '' }, `storageClassName: Invalid value: "": ${subdomain}`],
  ['negative', { capacity: '-1' }, 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
  [
    'topology',
    { nodeTopology: { matchExpressions: [{ key: 'a', operator: 'Near' }] } },
    'nodeTopology.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
  ],
])
updateCases(capacity, [
  ['of the amounts', { capacity: '2Gi', maximumVolumeSize: '1Gi' }],
  ['of the class', { storageClassName: 'slow' }, 'storageClassName: Invalid value: "slow": field is immutable'],
  [
    'of the topology',
    { nodeTopology: { matchLabels: { a: 'b' } } },
    'nodeTopology: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable',
  ],
])
test('CSIStorageCapacity: columns', () => {
  assert.deepEqual(cells(csiStorageCapacityKind, capacity.valid), ['c', 'fast', '1Gi'])
  assert.equal(cells(csiStorageCapacityKind, change(capacity.valid, { capacity: null }))[2], '<unset>')
})

const attachment = {
  kind: volumeAttachmentKind,
  valid: { metadata: { name: 'a' }, spec: { attacher: 'disk.example.com', nodeName: 'n1', source: { persistentVolumeName: 'disk' } } },
}
const inline = { accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'h' } }
const inlineOf = (spec: object) => ({ spec: { source: { persistentVolumeName: null, inlineVolumeSpec: spec } } })
const notInline = 'may not be specified in the context of inline volumes'
const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
const at = 'spec.source.inlineVolumeSpec'

defaultCases(attachment, [[inlineOf(inline), `${at}.persistentVolumeReclaimPolicy`, 'Retain']])

createCases(attachment, [
  ['inline', inlineOf(inline)],
  ['no source', { spec: { source: { persistentVolumeName: null } } }, `spec.source: Required value: ${exactlyOne}`],
  ['two sources', { spec: { source: { inlineVolumeSpec: inline } } }, `spec.source: Forbidden: ${exactlyOne}`],
  [
    'an empty name',
    { spec: { source: { persistentVolumeName: '' } } },
    'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
    `spec.source.persistentVolumeName: Invalid value: "": ${subdomain}`,
  ],
  [
    'attacher',
    { spec: { attacher: '' } },
    'spec.attacher: Required value',
    'spec.attacher: Required value',
    `spec.attacher: Invalid value: "": ${subdomain}`,
  ],
  ['node', { spec: { nodeName: 'No!' } }, `spec.nodeName: Invalid value: "No!": ${subdomain}`],
  [
    'inline with what is not for it',
    inlineOf({
      ...inline,
      claimRef: { name: 'c' },
      capacity: { storage: '1' },
      persistentVolumeReclaimPolicy: 'Delete',
      nodeAffinity: {},
      storageClassName: 'fast',
      volumeMode: 'Block',
    }),
    `${at}.claimRef: Forbidden: ${notInline}`,
    `${at}.capacity: Forbidden: ${notInline}`,
    `${at}.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes`,
    `${at}.nodeAffinity: Forbidden: ${notInline}`,
    `${at}.storageClassName: Forbidden: ${notInline}`,
    `${at}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes`,
  ],
  [
    'inline without CSI',
    inlineOf({ accessModes: ['ReadWriteOnce'] }),
    `${at}.csi: Required value: has to be specified in the context of inline volumes`,
    `${at}: Required value: must specify a volume type`,
  ],
])

updateCases(attachment, [
  ['of labels', { metadata: { labels: { a: 'b' } } }],
  [
    'of the node',
    { spec: { nodeName: 'n2' } },
    'spec: Invalid value: {"attacher":"disk.example.com","nodeName":"n2","source":{"persistentVolumeName":"disk"}}: field is immutable',
  ],
])

statusCases(attachment, [
  ['attached', { status: { attached: true, attachmentMetadata: { a: 'b' } } }],
  [
    'much metadata',
    { status: { attached: true, attachmentMetadata: large } },
    'status.attachmentMetadata: Too long: may not be more than 262144 bytes',
  ],
  [
    'errors',
    { status: { attached: false, attachError: { message: 'x'.repeat(1025) }, detachError: { errorCode: -1 } } },
    'status.attachError.message: Too long: may not be more than 262144 bytes',
    'status.detachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
])

test('VolumeAttachment: a write to status changes nothing else', () => {
  const action = volumeAttachmentKind.subresources.status?.action
  assert.ok(action?.type === 'fields')
  const old = created(volumeAttachmentKind, change(attachment.valid, { metadata: { labels: { a: '1' } }, status: { attached: true } }))
  assert.deepEqual(old.status, { attached: false }, 'a new one is not attached')
  const written = { metadata: { labels: { a: '2' }, finalizers: ['x/y'] }, spec: { nodeName: 'n2' }, status: { attached: true } }
  assert.deepEqual(action.prepare(change(old, written) as never, old as never, 0), { ...old, status: { attached: true } })
})

test('VolumeAttachment: columns', () => {
  assert.deepEqual(cells(volumeAttachmentKind, attachment.valid), ['a', 'disk.example.com', 'disk', 'n1', false, '<unknown>'])
})
