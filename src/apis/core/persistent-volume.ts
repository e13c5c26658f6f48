import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, granular, type Infer, map, object, optional, quantity, text, time } from '../../apimachinery/schema.ts'
import { keepStatus, statusSubresource } from '../strategy.ts'
import { persistentVolumeColumns, volumeModeColumn } from './persistent-volume/columns.ts'
import { applyVolumeDefaults, prepareForCreate, prepareStatusUpdate } from './persistent-volume/strategy.ts'
import { persistentVolumeWarnings } from './persistent-volume/warnings.ts'
import {
  AzureFilePersistentVolumeSource,
  CephFSPersistentVolumeSource,
  CinderPersistentVolumeSource,
  CSIPersistentVolumeSource,
  FlexPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  RBDPersistentVolumeSource,
  ScaleIOPersistentVolumeSource,
  StorageOSPersistentVolumeSource,
} from './persistent-volume-source.ts'
import { ObjectReference } from './references.ts'
import { NodeSelector } from './scheduling-terms.ts'
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './validation/persistent-volume.ts'
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume.ts'

export const VolumeNodeAffinity = object('io.k8s.api.core.v1.VolumeNodeAffinity', 'From which nodes a volume can be reached.', {
  required: optional(1, NodeSelector, 'Nodes that can reach it; pods that use it run on no other.'),
})
export interface VolumeNodeAffinity extends Infer<typeof VolumeNodeAffinity> {}

export const PersistentVolumeSpec = object(
  'io.k8s.api.core.v1.PersistentVolumeSpec',
  'What a volume is, who may use it, and what becomes of it afterwards.',
  {
    capacity: optional(1, map(quantity), 'How much it holds.'),
    gcePersistentDisk: optional(
      [2, 1],
      GCEPersistentDiskVolumeSource,
      'A persistent disk of Google Compute Engine; CSI has taken its place.',
    ),
    awsElasticBlockStore: optional([2, 2], AWSElasticBlockStoreVolumeSource, 'A disk of AWS Elastic Block Store; CSI has taken its place.'),
    hostPath: optional([2, 3], HostPathVolumeSource, 'A directory of the node, for clusters with one node.'),
    glusterfs: optional([2, 4], GlusterfsPersistentVolumeSource, 'A volume of GlusterFS; not supported any more.'),
    nfs: optional([2, 5], NFSVolumeSource, 'A directory of an NFS server.'),
    rbd: optional([2, 6], RBDPersistentVolumeSource, 'A block device of Ceph; not supported any more.'),
    iscsi: optional([2, 7], ISCSIPersistentVolumeSource, 'A disk over iSCSI.'),
    cinder: optional([2, 8], CinderPersistentVolumeSource, 'A disk of OpenStack Cinder; CSI has taken its place.'),
    cephfs: optional([2, 9], CephFSPersistentVolumeSource, 'A Ceph file system; not supported any more.'),
    fc: optional([2, 10], FCVolumeSource, 'A disk over Fibre Channel.'),
    flocker: optional([2, 11], FlockerVolumeSource, 'A volume of Flocker; not supported any more.'),
    flexVolume: optional([2, 12], FlexPersistentVolumeSource, 'A volume by a driver on the node; CSI has taken its place.'),
    azureFile: optional([2, 13], AzureFilePersistentVolumeSource, 'A file share of Azure; CSI has taken its place.'),
    vsphereVolume: optional([2, 14], VsphereVirtualDiskVolumeSource, 'A virtual disk of vSphere; CSI has taken its place.'),
    quobyte: optional([2, 15], QuobyteVolumeSource, 'A volume of Quobyte; not supported any more.'),
    azureDisk: optional([2, 16], AzureDiskVolumeSource, 'A data disk of Azure; CSI has taken its place.'),
    photonPersistentDisk: optional([2, 17], PhotonPersistentDiskVolumeSource, 'A disk of the Photon Controller; not supported any more.'),
    portworxVolume: optional([2, 18], PortworxVolumeSource, 'A volume of Portworx; CSI has taken its place.'),
    scaleIO: optional([2, 19], ScaleIOPersistentVolumeSource, 'A volume of ScaleIO; not supported any more.'),
    local: optional([2, 20], LocalVolumeSource, 'A disk or directory of one node.'),
    storageos: optional([2, 21], StorageOSPersistentVolumeSource, 'A volume of StorageOS; not supported any more.'),
    csi: optional([2, 22], CSIPersistentVolumeSource, 'A volume that a CSI driver keeps.'),
    accessModes: optional(3, atomicList(text), 'How it can be mounted: by one pod, one node or many, to write or to read.', {
      enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
    }),
    claimRef: optional(4, granular(ObjectReference), 'The claim that it is bound to, or kept for.'),
    persistentVolumeReclaimPolicy: optional(5, text, 'What becomes of it when its claim is gone: Retain, Delete, or the old Recycle.', {
      enum: ['Delete', 'Recycle', 'Retain'],
    }),
    storageClassName: optional(6, text, 'StorageClass that it belongs to; empty for none.'),
    mountOptions: optional(7, atomicList(text), 'Options to mount it with, unchecked.'),
    volumeMode: optional(8, text, 'Filesystem, or Block for the bare device.', { enum: ['Block', 'Filesystem'] }),
    nodeAffinity: optional(9, VolumeNodeAffinity, 'From which nodes it can be reached.'),
    volumeAttributesClassName: optional(10, text, 'VolumeAttributesClass whose settings it has.'),
  },
)
export interface PersistentVolumeSpec extends Infer<typeof PersistentVolumeSpec> {}

export const PersistentVolumeStatus = object('io.k8s.api.core.v1.PersistentVolumeStatus', 'What has become of a volume.', {
  phase: optional(1, text, 'Pending, Available, Bound, Released (its claim is gone) or Failed.', {
    enum: ['Available', 'Bound', 'Failed', 'Pending', 'Released'],
  }),
  message: optional(2, text, 'Why it is so, in a sentence.'),
  reason: optional(3, text, 'Why it is so, in one word.'),
  lastPhaseTransitionTime: optional(4, time, 'When the phase last changed.'),
})
export interface PersistentVolumeStatus extends Infer<typeof PersistentVolumeStatus> {}

export const PersistentVolume = topLevel(
  'io.k8s.api.core.v1.PersistentVolume',
  'Storage of the cluster that outlives pods; claims are bound to it.',
  {
    spec: optional(2, PersistentVolumeSpec, 'What the volume is.'),
    status: optional(3, PersistentVolumeStatus, 'What has become of it; written by the system.'),
  },
)
export interface PersistentVolume extends Infer<typeof PersistentVolume> {}

export const persistentVolumeKind: Kind<PersistentVolume> = defineKind({
  kind: 'PersistentVolume',
  resource: 'persistentvolumes',
  group: '',
  version: 'v1',
  schema: PersistentVolume,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  shortNames: ['pv'],
  columns: [nameColumn, ...persistentVolumeColumns, ageColumn, volumeModeColumn],
  strategy: {
    applyDefaults: applyVolumeDefaults,
    prepareForCreate,
    prepareForUpdate: keepStatus,
    validate: validatePersistentVolume,
    validateUpdate: validatePersistentVolumeUpdate,
    warnings: persistentVolumeWarnings,
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('PersistentVolume', undefined, prepareStatusUpdate) },
})
