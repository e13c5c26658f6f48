import { atomicList, boolean, type Infer, int32, map, object, optional, required, text } from '../../apimachinery/schema.ts'
import { ObjectReference } from './references.ts'

/** Sources of PersistentVolumes that differ from those of pods: mostly, their Secrets may be in any namespace. */

export const SecretReference = object(
  'io.k8s.api.core.v1.SecretReference',
  'A reference to a Secret in any namespace.',
  {
    name: optional(1, text, 'Name of the Secret.'),
    namespace: optional(2, text, 'Namespace of the Secret.'),
  },
  { mapType: 'atomic' },
)
export interface SecretReference extends Infer<typeof SecretReference> {}

export const AzureFilePersistentVolumeSource = object('io.k8s.api.core.v1.AzureFilePersistentVolumeSource', 'A file share of Azure.', {
  secretName: required(1, text, "Secret with the account's name and key."),
  shareName: required(2, text, 'Name of the share.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
  secretNamespace: optional(4, text, "Namespace of that Secret; the claim's by default."),
})
export interface AzureFilePersistentVolumeSource extends Infer<typeof AzureFilePersistentVolumeSource> {}

export const CephFSPersistentVolumeSource = object('io.k8s.api.core.v1.CephFSPersistentVolumeSource', 'A Ceph file system.', {
  monitors: required(1, atomicList(text), 'Addresses of Ceph monitors.'),
  path: optional(2, text, 'Directory to mount, / by default.'),
  user: optional(3, text, 'User to log in as, admin by default.'),
  secretFile: optional(4, text, 'File with the key on the node.'),
  secretRef: optional(5, SecretReference, 'Secret with the key.'),
  readOnly: optional(6, boolean, 'Mounts it read-only.'),
})
export interface CephFSPersistentVolumeSource extends Infer<typeof CephFSPersistentVolumeSource> {}

export const CinderPersistentVolumeSource = object('io.k8s.api.core.v1.CinderPersistentVolumeSource', 'A disk of OpenStack Cinder.', {
  volumeID: required(1, text, 'Id of the disk.'),
  fsType: optional(2, text, 'File system on it, ext4 by default.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
  secretRef: optional(4, SecretReference, 'Secret with the credentials for OpenStack.'),
})
export interface CinderPersistentVolumeSource extends Infer<typeof CinderPersistentVolumeSource> {}

export const CSIPersistentVolumeSource = object('io.k8s.api.core.v1.CSIPersistentVolumeSource', 'A volume that a CSI driver keeps.', {
  driver: required(1, text, 'Name of the driver.'),
  volumeHandle: required(2, text, 'Name that the driver gave the volume; it is handed over in every call.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
  fsType: optional(4, text, 'File system; the driver chooses by default.'),
  volumeAttributes: optional(5, map(text), 'Settings for the driver, as it gave them when it made the volume.'),
  controllerPublishSecretRef: optional(6, SecretReference, 'Secret that the driver gets for attaching and detaching.'),
  nodeStageSecretRef: optional(7, SecretReference, 'Secret that the driver gets for mounting on a node.'),
  nodePublishSecretRef: optional(8, SecretReference, 'Secret that the driver gets for mounting into a pod.'),
  controllerExpandSecretRef: optional(9, SecretReference, 'Secret that the driver gets for making the volume larger.'),
  nodeExpandSecretRef: optional(10, SecretReference, 'Secret that the driver gets for making the volume larger on a node.'),
})
export interface CSIPersistentVolumeSource extends Infer<typeof CSIPersistentVolumeSource> {}

export const FlexPersistentVolumeSource = object(
  'io.k8s.api.core.v1.FlexPersistentVolumeSource',
  'A volume by a driver that is a program on the node; CSI has taken its place.',
  {
    driver: required(1, text, 'Name of the driver.'),
    fsType: optional(2, text, 'File system; the driver chooses by default.'),
    secretRef: optional(3, SecretReference, 'Secret that the driver gets.'),
    readOnly: optional(4, boolean, 'Mounts it read-only.'),
    options: optional(5, map(text), 'Settings for the driver.'),
  },
)
export interface FlexPersistentVolumeSource extends Infer<typeof FlexPersistentVolumeSource> {}

export const GlusterfsPersistentVolumeSource = object('io.k8s.api.core.v1.GlusterfsPersistentVolumeSource', 'A volume of GlusterFS.', {
  endpoints: required(1, text, 'Endpoints object with the servers.'),
  path: required(2, text, 'Name of the volume there.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
  endpointsNamespace: optional(4, text, "Namespace of that object; the claim's by default."),
})
export interface GlusterfsPersistentVolumeSource extends Infer<typeof GlusterfsPersistentVolumeSource> {}

export const ISCSIPersistentVolumeSource = object('io.k8s.api.core.v1.ISCSIPersistentVolumeSource', 'A disk over iSCSI.', {
  targetPortal: required(1, text, 'Address of the target, with its port if not 3260.'),
  iqn: required(2, text, 'Qualified name of the target.'),
  lun: required(3, int32, 'Number of the unit on the target.', { default: 0 }),
  iscsiInterface: optional(4, text, 'Interface to use, default by default.', { default: 'default' }),
  fsType: optional(5, text, 'File system on it, ext4 by default.'),
  readOnly: optional(6, boolean, 'Mounts it read-only.'),
  portals: optional(7, atomicList(text), 'Further addresses of the target.'),
  chapAuthDiscovery: optional(8, boolean, 'Whether discovery logs in by CHAP.'),
  secretRef: optional(10, SecretReference, 'Secret with the CHAP credentials.'),
  chapAuthSession: optional(11, boolean, 'Whether sessions log in by CHAP.'),
  initiatorName: optional(12, text, 'Name to connect as.'),
})
export interface ISCSIPersistentVolumeSource extends Infer<typeof ISCSIPersistentVolumeSource> {}

export const LocalVolumeSource = object(
  'io.k8s.api.core.v1.LocalVolumeSource',
  "A disk or directory of one node, found by the volume's node affinity.",
  {
    path: required(1, text, 'Path on the node, of a directory or a block device.'),
    fsType: optional(2, text, 'File system to make on a device, guessed by default.'),
  },
)
export interface LocalVolumeSource extends Infer<typeof LocalVolumeSource> {}

export const RBDPersistentVolumeSource = object('io.k8s.api.core.v1.RBDPersistentVolumeSource', 'A block device of Ceph.', {
  monitors: required(1, atomicList(text), 'Addresses of Ceph monitors.'),
  image: required(2, text, "Name of the device's image."),
  fsType: optional(3, text, 'File system on it, ext4 by default.'),
  pool: optional(4, text, 'Pool that holds the image, rbd by default.', { default: 'rbd' }),
  user: optional(5, text, 'User to log in as, admin by default.', { default: 'admin' }),
  keyring: optional(6, text, 'File with the key on the node.', { default: '/etc/ceph/keyring' }),
  secretRef: optional(7, SecretReference, 'Secret with the key.'),
  readOnly: optional(8, boolean, 'Mounts it read-only.'),
})
export interface RBDPersistentVolumeSource extends Infer<typeof RBDPersistentVolumeSource> {}

export const ScaleIOPersistentVolumeSource = object('io.k8s.api.core.v1.ScaleIOPersistentVolumeSource', 'A volume of ScaleIO.', {
  gateway: required(1, text, 'Address of the gateway.'),
  system: required(2, text, 'Name of the storage system.'),
  secretRef: required(3, SecretReference, 'Secret with the credentials.'),
  sslEnabled: optional(4, boolean, 'Whether to speak TLS with the gateway.'),
  protectionDomain: optional(5, text, 'Protection domain of the storage.'),
  storagePool: optional(6, text, 'Storage pool of the volume.'),
  storageMode: optional(7, text, 'ThickProvisioned or ThinProvisioned.', { default: 'ThinProvisioned' }),
  volumeName: optional(8, text, 'Name of the volume.'),
  fsType: optional(9, text, 'File system on it, xfs by default.', { default: 'xfs' }),
  readOnly: optional(10, boolean, 'Mounts it read-only.'),
})
export interface ScaleIOPersistentVolumeSource extends Infer<typeof ScaleIOPersistentVolumeSource> {}

export const StorageOSPersistentVolumeSource = object('io.k8s.api.core.v1.StorageOSPersistentVolumeSource', 'A volume of StorageOS.', {
  volumeName: optional(1, text, 'Name of the volume.'),
  volumeNamespace: optional(2, text, 'Namespace of the volume in StorageOS.'),
  fsType: optional(3, text, 'File system on it, ext4 by default.'),
  readOnly: optional(4, boolean, 'Mounts it read-only.'),
  secretRef: optional(5, ObjectReference, 'Secret with the credentials.'),
})
export interface StorageOSPersistentVolumeSource extends Infer<typeof StorageOSPersistentVolumeSource> {}
