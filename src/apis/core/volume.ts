import { LabelSelector, ObjectMeta } from '../../apimachinery/meta.ts'
import {
  atomicList,
  boolean,
  type Infer,
  int32,
  int64,
  map,
  object,
  optional,
  quantity,
  required,
  text,
} from '../../apimachinery/schema.ts'
import { LocalObjectReference, ObjectFieldSelector, ResourceFieldSelector, TypedLocalObjectReference } from './references.ts'

export const AWSElasticBlockStoreVolumeSource = object(
  'io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource',
  'A disk of AWS Elastic Block Store.',
  {
    volumeID: required(1, text, 'Id of the disk.'),
    fsType: optional(2, text, 'File system on it, ext4 by default.'),
    partition: optional(3, int32, 'Number of the partition; 0 for the whole disk.'),
    readOnly: optional(4, boolean, 'Mounts it read-only.'),
  },
)
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof AWSElasticBlockStoreVolumeSource> {}

export const AzureDiskVolumeSource = object('io.k8s.api.core.v1.AzureDiskVolumeSource', 'A data disk of Azure.', {
  diskName: required(1, text, 'Name of the disk.'),
  diskURI: required(2, text, 'URI of the disk.'),
  cachingMode: optional(3, text, 'How the host caches it: None, ReadOnly or ReadWrite.', {
    default: 'ReadWrite',
    enum: ['None', 'ReadOnly', 'ReadWrite'],
  }),
  fsType: optional(4, text, 'File system on it, ext4 by default.', { default: 'ext4' }),
  readOnly: optional(5, boolean, 'Mounts it read-only.', { default: false }),
  kind: optional(6, text, 'Shared, Dedicated or Managed.', { default: 'Shared', enum: ['Dedicated', 'Managed', 'Shared'] }),
})
export interface AzureDiskVolumeSource extends Infer<typeof AzureDiskVolumeSource> {}

export const AzureFileVolumeSource = object('io.k8s.api.core.v1.AzureFileVolumeSource', 'A file share of Azure.', {
  secretName: required(1, text, "Secret with the account's name and key."),
  shareName: required(2, text, 'Name of the share.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
})
export interface AzureFileVolumeSource extends Infer<typeof AzureFileVolumeSource> {}

export const CSIVolumeSource = object(
  'io.k8s.api.core.v1.CSIVolumeSource',
  'A volume that a CSI driver makes for the pod and removes with it.',
  {
    driver: required(1, text, 'Name of the driver.'),
    readOnly: optional(2, boolean, 'Mounts it read-only.'),
    fsType: optional(3, text, 'File system; the driver chooses by default.'),
    volumeAttributes: optional(4, map(text), 'Settings for the driver.'),
    nodePublishSecretRef: optional(5, LocalObjectReference, 'Secret that the driver gets for mounting.'),
  },
)
export interface CSIVolumeSource extends Infer<typeof CSIVolumeSource> {}

export const CephFSVolumeSource = object('io.k8s.api.core.v1.CephFSVolumeSource', 'A Ceph file system.', {
  monitors: required(1, atomicList(text), 'Addresses of Ceph monitors.'),
  path: optional(2, text, 'Directory to mount, / by default.'),
  user: optional(3, text, 'User to log in as, admin by default.'),
  secretFile: optional(4, text, 'File with the key on the node.'),
  secretRef: optional(5, LocalObjectReference, 'Secret with the key.'),
  readOnly: optional(6, boolean, 'Mounts it read-only.'),
})
export interface CephFSVolumeSource extends Infer<typeof CephFSVolumeSource> {}

export const CinderVolumeSource = object('io.k8s.api.core.v1.CinderVolumeSource', 'A disk of OpenStack Cinder.', {
  volumeID: required(1, text, 'Id of the disk.'),
  fsType: optional(2, text, 'File system on it, ext4 by default.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
  secretRef: optional(4, LocalObjectReference, 'Secret with the credentials for OpenStack.'),
})
export interface CinderVolumeSource extends Infer<typeof CinderVolumeSource> {}

export const ClusterTrustBundleProjection = object(
  'io.k8s.api.core.v1.ClusterTrustBundleProjection',
  'Certificates that the cluster offers as trustworthy, in one file.',
  {
    name: optional(1, text, 'Name of one bundle.'),
    signerName: optional(2, text, 'Signer whose bundles are taken.'),
    labelSelector: optional(3, LabelSelector, "Which of the signer's bundles are taken."),
    path: required(4, text, 'Path of the file in the volume.'),
    optional: optional(5, boolean, 'Whether the bundle may be missing.'),
  },
)
export interface ClusterTrustBundleProjection extends Infer<typeof ClusterTrustBundleProjection> {}

export const KeyToPath = object('io.k8s.api.core.v1.KeyToPath', 'An entry and the file that it becomes.', {
  key: required(1, text, 'Key of the entry.'),
  path: required(2, text, 'Path of the file in the volume, relative.'),
  mode: optional(3, int32, "Permissions of the file; the volume's by default."),
})
export interface KeyToPath extends Infer<typeof KeyToPath> {}

export const ConfigMapProjection = object('io.k8s.api.core.v1.ConfigMapProjection', 'Entries of a ConfigMap as files.', {
  name: optional([1, 1], text, 'Name of the ConfigMap.'),
  items: optional(2, atomicList(KeyToPath), 'Entries to take and their files; all, named by key, by default.'),
  optional: optional(4, boolean, 'Whether the ConfigMap or an entry may be missing.'),
})
export interface ConfigMapProjection extends Infer<typeof ConfigMapProjection> {}

export const ConfigMapVolumeSource = object(
  'io.k8s.api.core.v1.ConfigMapVolumeSource',
  'The entries of a ConfigMap as files, kept up to date.',
  {
    name: optional([1, 1], text, 'Name of the ConfigMap.'),
    items: optional(2, atomicList(KeyToPath), 'Entries to take and their files; all, named by key, by default.'),
    defaultMode: optional(3, int32, 'Permissions of the files, 0644 by default.'),
    optional: optional(4, boolean, 'Whether the ConfigMap or an entry may be missing.'),
  },
)
export interface ConfigMapVolumeSource extends Infer<typeof ConfigMapVolumeSource> {}

export const DownwardAPIVolumeFile = object(
  'io.k8s.api.core.v1.DownwardAPIVolumeFile',
  'A file that shows a field of the pod or a resource of a container.',
  {
    path: required(1, text, 'Path of the file in the volume, relative.'),
    fieldRef: optional(2, ObjectFieldSelector, 'Field of the pod to show.'),
    resourceFieldRef: optional(3, ResourceFieldSelector, 'Request or limit of a container to show.'),
    mode: optional(4, int32, "Permissions of the file; the volume's by default."),
  },
)
export interface DownwardAPIVolumeFile extends Infer<typeof DownwardAPIVolumeFile> {}

export const DownwardAPIProjection = object('io.k8s.api.core.v1.DownwardAPIProjection', 'Fields of the pod as files.', {
  items: optional(1, atomicList(DownwardAPIVolumeFile), 'Files to write.'),
})
export interface DownwardAPIProjection extends Infer<typeof DownwardAPIProjection> {}

export const DownwardAPIVolumeSource = object(
  'io.k8s.api.core.v1.DownwardAPIVolumeSource',
  'Fields of the pod as files, kept up to date.',
  {
    items: optional(1, atomicList(DownwardAPIVolumeFile), 'Files to write.'),
    defaultMode: optional(2, int32, 'Permissions of the files, 0644 by default.'),
  },
)
export interface DownwardAPIVolumeSource extends Infer<typeof DownwardAPIVolumeSource> {}

export const EmptyDirVolumeSource = object(
  'io.k8s.api.core.v1.EmptyDirVolumeSource',
  'A directory that starts empty and goes with the pod.',
  {
    medium: optional(1, text, "Empty for the node's disk, Memory for a tmpfs, HugePages for huge pages."),
    sizeLimit: optional(2, quantity, 'How much it may hold before the pod is evicted.'),
  },
)
export interface EmptyDirVolumeSource extends Infer<typeof EmptyDirVolumeSource> {}

export const TypedObjectReference = object(
  'io.k8s.api.core.v1.TypedObjectReference',
  'A reference to an object of any kind, in any namespace.',
  {
    apiGroup: optional(1, text, 'Group of its kind; empty for the core group.'),
    kind: required(2, text, 'Kind of the object.'),
    name: required(3, text, 'Name of the object.'),
    namespace: optional(4, text, 'Namespace of the object; the referring one by default.'),
  },
)
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}

export const VolumeResourceRequirements = object(
  'io.k8s.api.core.v1.VolumeResourceRequirements',
  'How large a volume must be and may become.',
  {
    limits: optional(1, map(quantity), 'Most that it may have.'),
    requests: optional(2, map(quantity), 'Least that it must have.'),
  },
)
export interface VolumeResourceRequirements extends Infer<typeof VolumeResourceRequirements> {}

export const PersistentVolumeClaimSpec = object('io.k8s.api.core.v1.PersistentVolumeClaimSpec', 'What kind of storage is asked for.', {
  accessModes: optional(1, atomicList(text), 'How it is to be mounted: by one pod, one node or many, to write or to read.', {
    enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
  }),
  resources: optional(2, VolumeResourceRequirements, 'How large it must be.'),
  volumeName: optional(3, text, 'PersistentVolume that it is bound to.'),
  selector: optional(4, LabelSelector, 'Labels that volumes must have to be taken.'),
  storageClassName: optional(5, text, 'StorageClass that makes the volume; empty for none.'),
  volumeMode: optional(6, text, 'Filesystem, or Block for the bare device.', { enum: ['Block', 'Filesystem'] }),
  dataSource: optional(7, TypedLocalObjectReference, 'Snapshot or claim to start from.'),
  dataSourceRef: optional(8, TypedObjectReference, 'Object of any kind to start from.'),
  volumeAttributesClassName: optional(9, text, 'VolumeAttributesClass with settings that may change later.'),
})
export interface PersistentVolumeClaimSpec extends Infer<typeof PersistentVolumeClaimSpec> {}

export const PersistentVolumeClaimTemplate = object(
  'io.k8s.api.core.v1.PersistentVolumeClaimTemplate',
  'The claim that is made for a pod.',
  {
    metadata: optional(1, ObjectMeta, 'Labels and annotations of the claim.'),
    spec: required(2, PersistentVolumeClaimSpec, 'What the claim asks for.'),
  },
)
export interface PersistentVolumeClaimTemplate extends Infer<typeof PersistentVolumeClaimTemplate> {}

export const EphemeralVolumeSource = object(
  'io.k8s.api.core.v1.EphemeralVolumeSource',
  'A volume by a claim that is made for the pod and goes with it.',
  {
    volumeClaimTemplate: optional(1, PersistentVolumeClaimTemplate, 'The claim to make, named after the pod and the volume.'),
  },
)
export interface EphemeralVolumeSource extends Infer<typeof EphemeralVolumeSource> {}

export const FCVolumeSource = object('io.k8s.api.core.v1.FCVolumeSource', 'A disk over Fibre Channel.', {
  targetWWNs: optional(1, atomicList(text), 'World wide names of the targets.'),
  lun: optional(2, int32, 'Number of the unit on the target.'),
  fsType: optional(3, text, 'File system on it, ext4 by default.'),
  readOnly: optional(4, boolean, 'Mounts it read-only.'),
  wwids: optional(5, atomicList(text), 'World wide ids of the disk, instead of targets and unit.'),
})
export interface FCVolumeSource extends Infer<typeof FCVolumeSource> {}

export const FlexVolumeSource = object(
  'io.k8s.api.core.v1.FlexVolumeSource',
  'A volume by a driver that is a program on the node; CSI has taken its place.',
  {
    driver: required(1, text, 'Name of the driver.'),
    fsType: optional(2, text, 'File system; the driver chooses by default.'),
    secretRef: optional(3, LocalObjectReference, 'Secret that the driver gets.'),
    readOnly: optional(4, boolean, 'Mounts it read-only.'),
    options: optional(5, map(text), 'Settings for the driver.'),
  },
)
export interface FlexVolumeSource extends Infer<typeof FlexVolumeSource> {}

export const FlockerVolumeSource = object('io.k8s.api.core.v1.FlockerVolumeSource', 'A volume of the Flocker service.', {
  datasetName: optional(1, text, 'Name of the data set.'),
  datasetUUID: optional(2, text, 'Id of the data set.'),
})
export interface FlockerVolumeSource extends Infer<typeof FlockerVolumeSource> {}

export const GCEPersistentDiskVolumeSource = object(
  'io.k8s.api.core.v1.GCEPersistentDiskVolumeSource',
  'A persistent disk of Google Compute Engine.',
  {
    pdName: required(1, text, 'Name of the disk.'),
    fsType: optional(2, text, 'File system on it, ext4 by default.'),
    partition: optional(3, int32, 'Number of the partition; 0 for the whole disk.'),
    readOnly: optional(4, boolean, 'Mounts it read-only.'),
  },
)
export interface GCEPersistentDiskVolumeSource extends Infer<typeof GCEPersistentDiskVolumeSource> {}

export const GitRepoVolumeSource = object(
  'io.k8s.api.core.v1.GitRepoVolumeSource',
  'A clone of a git repository; an init container does it better.',
  {
    repository: required(1, text, 'URL of the repository.'),
    revision: optional(2, text, 'Commit to check out.'),
    directory: optional(3, text, 'Directory of the volume to clone into.'),
  },
)
export interface GitRepoVolumeSource extends Infer<typeof GitRepoVolumeSource> {}

export const GlusterfsVolumeSource = object('io.k8s.api.core.v1.GlusterfsVolumeSource', 'A volume of GlusterFS.', {
  endpoints: required(1, text, 'Endpoints object with the servers.'),
  path: required(2, text, 'Name of the volume there.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
})
export interface GlusterfsVolumeSource extends Infer<typeof GlusterfsVolumeSource> {}

export const HostPathVolumeSource = object('io.k8s.api.core.v1.HostPathVolumeSource', 'A file or directory of the node.', {
  path: required(1, text, 'Path on the node.'),
  type: optional(2, text, 'What must be there, or is made; empty for no check.', {
    enum: ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'],
  }),
})
export interface HostPathVolumeSource extends Infer<typeof HostPathVolumeSource> {}

export const ISCSIVolumeSource = object('io.k8s.api.core.v1.ISCSIVolumeSource', 'A disk over iSCSI.', {
  targetPortal: required(1, text, 'Address of the target, with its port if not 3260.'),
  iqn: required(2, text, 'Qualified name of the target.'),
  lun: required(3, int32, 'Number of the unit on the target.', { default: 0 }),
  iscsiInterface: optional(4, text, 'Interface to use, default by default.', { default: 'default' }),
  fsType: optional(5, text, 'File system on it, ext4 by default.'),
  readOnly: optional(6, boolean, 'Mounts it read-only.'),
  portals: optional(7, atomicList(text), 'Further addresses of the target.'),
  chapAuthDiscovery: optional(8, boolean, 'Whether discovery logs in by CHAP.'),
  secretRef: optional(10, LocalObjectReference, 'Secret with the CHAP credentials.'),
  chapAuthSession: optional(11, boolean, 'Whether sessions log in by CHAP.'),
  initiatorName: optional(12, text, 'Name to connect as.'),
})
export interface ISCSIVolumeSource extends Infer<typeof ISCSIVolumeSource> {}

export const ImageVolumeSource = object('io.k8s.api.core.v1.ImageVolumeSource', 'The contents of an image, read-only.', {
  reference: optional(1, text, 'Image to mount.'),
  pullPolicy: optional(2, text, 'When to pull it: Always, IfNotPresent or Never.', { enum: ['Always', 'IfNotPresent', 'Never'] }),
})
export interface ImageVolumeSource extends Infer<typeof ImageVolumeSource> {}

export const NFSVolumeSource = object('io.k8s.api.core.v1.NFSVolumeSource', 'A directory of an NFS server.', {
  server: required(1, text, 'Name or address of the server.'),
  path: required(2, text, 'Exported path.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
})
export interface NFSVolumeSource extends Infer<typeof NFSVolumeSource> {}

export const PersistentVolumeClaimVolumeSource = object(
  'io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource',
  "The volume of a claim in the pod's namespace.",
  {
    claimName: required(1, text, 'Name of the claim.'),
    readOnly: optional(2, boolean, 'Mounts it read-only.'),
  },
)
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof PersistentVolumeClaimVolumeSource> {}

export const PhotonPersistentDiskVolumeSource = object(
  'io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource',
  'A disk of the Photon Controller.',
  {
    pdID: required(1, text, 'Id of the disk.'),
    fsType: optional(2, text, 'File system on it, ext4 by default.'),
  },
)
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof PhotonPersistentDiskVolumeSource> {}

export const PodCertificateProjection = object(
  'io.k8s.api.core.v1.PodCertificateProjection',
  'A key made for the pod and a certificate for it, as files.',
  {
    signerName: required(1, text, 'Signer that is asked for the certificate.'),
    keyType: required(2, text, 'Kind of key to make.'),
    maxExpirationSeconds: optional(3, int32, 'Longest time that the certificate may live.'),
    credentialBundlePath: optional(4, text, 'File for key and certificates together.'),
    keyPath: optional(5, text, 'File for the key.'),
    certificateChainPath: optional(6, text, 'File for the certificates.'),
    userAnnotations: optional(7, map(text), 'Notes that are passed on to the signer.'),
  },
)
export interface PodCertificateProjection extends Infer<typeof PodCertificateProjection> {}

export const PortworxVolumeSource = object('io.k8s.api.core.v1.PortworxVolumeSource', 'A volume of Portworx.', {
  volumeID: required(1, text, 'Id of the volume.'),
  fsType: optional(2, text, 'File system on it, ext4 by default.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
})
export interface PortworxVolumeSource extends Infer<typeof PortworxVolumeSource> {}

export const SecretProjection = object('io.k8s.api.core.v1.SecretProjection', 'Entries of a Secret as files.', {
  name: optional([1, 1], text, 'Name of the Secret.'),
  items: optional(2, atomicList(KeyToPath), 'Entries to take and their files; all, named by key, by default.'),
  optional: optional(4, boolean, 'Whether the Secret or an entry may be missing.'),
})
export interface SecretProjection extends Infer<typeof SecretProjection> {}

export const ServiceAccountTokenProjection = object(
  'io.k8s.api.core.v1.ServiceAccountTokenProjection',
  "A token of the pod's service account as a file, renewed in time.",
  {
    audience: optional(1, text, 'Who the token is for; the API server by default.'),
    expirationSeconds: optional(2, int64, 'How long a token lives, an hour by default, ten minutes at least.'),
    path: required(3, text, 'Path of the file in the volume, relative.'),
  },
)
export interface ServiceAccountTokenProjection extends Infer<typeof ServiceAccountTokenProjection> {}

export const VolumeProjection = object(
  'io.k8s.api.core.v1.VolumeProjection',
  'One of the sources of a projected volume; one field is set.',
  {
    secret: optional(1, SecretProjection, 'Entries of a Secret.'),
    downwardAPI: optional(2, DownwardAPIProjection, 'Fields of the pod.'),
    configMap: optional(3, ConfigMapProjection, 'Entries of a ConfigMap.'),
    serviceAccountToken: optional(4, ServiceAccountTokenProjection, "A token of the pod's service account."),
    clusterTrustBundle: optional(5, ClusterTrustBundleProjection, 'Certificates that the cluster offers as trustworthy.'),
    podCertificate: optional(6, PodCertificateProjection, 'A key and a certificate for the pod.'),
  },
)
export interface VolumeProjection extends Infer<typeof VolumeProjection> {}

export const ProjectedVolumeSource = object(
  'io.k8s.api.core.v1.ProjectedVolumeSource',
  'Several sources in one directory, kept up to date.',
  {
    sources: optional(1, atomicList(VolumeProjection), 'Where the files come from.'),
    defaultMode: optional(2, int32, 'Permissions of the files, 0644 by default.'),
  },
)
export interface ProjectedVolumeSource extends Infer<typeof ProjectedVolumeSource> {}

export const QuobyteVolumeSource = object('io.k8s.api.core.v1.QuobyteVolumeSource', 'A volume of Quobyte.', {
  registry: required(1, text, 'Addresses of registries, host and port, by commas.'),
  volume: required(2, text, 'Name of the volume.'),
  readOnly: optional(3, boolean, 'Mounts it read-only.'),
  user: optional(4, text, 'User to access it as.'),
  group: optional(5, text, 'Group to access it as.'),
  tenant: optional(6, text, 'Tenant that owns the volume.'),
})
export interface QuobyteVolumeSource extends Infer<typeof QuobyteVolumeSource> {}

export const RBDVolumeSource = object('io.k8s.api.core.v1.RBDVolumeSource', 'A block device of Ceph.', {
  monitors: required(1, atomicList(text), 'Addresses of Ceph monitors.'),
  image: required(2, text, "Name of the device's image."),
  fsType: optional(3, text, 'File system on it, ext4 by default.'),
  pool: optional(4, text, 'Pool that holds the image, rbd by default.', { default: 'rbd' }),
  user: optional(5, text, 'User to log in as, admin by default.', { default: 'admin' }),
  keyring: optional(6, text, 'File with the key on the node.', { default: '/etc/ceph/keyring' }),
  secretRef: optional(7, LocalObjectReference, 'Secret with the key.'),
  readOnly: optional(8, boolean, 'Mounts it read-only.'),
})
export interface RBDVolumeSource extends Infer<typeof RBDVolumeSource> {}

export const ScaleIOVolumeSource = object('io.k8s.api.core.v1.ScaleIOVolumeSource', 'A volume of ScaleIO.', {
  gateway: required(1, text, 'Address of the gateway.'),
  system: required(2, text, 'Name of the storage system.'),
  secretRef: required(3, LocalObjectReference, 'Secret with the credentials.'),
  sslEnabled: optional(4, boolean, 'Whether to speak TLS with the gateway.'),
  protectionDomain: optional(5, text, 'Protection domain of the storage.'),
  storagePool: optional(6, text, 'Storage pool of the volume.'),
  storageMode: optional(7, text, 'ThickProvisioned or ThinProvisioned.', { default: 'ThinProvisioned' }),
  volumeName: optional(8, text, 'Name of the volume.'),
  fsType: optional(9, text, 'File system on it, xfs by default.', { default: 'xfs' }),
  readOnly: optional(10, boolean, 'Mounts it read-only.'),
})
export interface ScaleIOVolumeSource extends Infer<typeof ScaleIOVolumeSource> {}

export const SecretVolumeSource = object('io.k8s.api.core.v1.SecretVolumeSource', 'The entries of a Secret as files, kept up to date.', {
  secretName: optional(1, text, 'Name of the Secret.'),
  items: optional(2, atomicList(KeyToPath), 'Entries to take and their files; all, named by key, by default.'),
  defaultMode: optional(3, int32, 'Permissions of the files, 0644 by default.'),
  optional: optional(4, boolean, 'Whether the Secret or an entry may be missing.'),
})
export interface SecretVolumeSource extends Infer<typeof SecretVolumeSource> {}

export const StorageOSVolumeSource = object('io.k8s.api.core.v1.StorageOSVolumeSource', 'A volume of StorageOS.', {
  volumeName: optional(1, text, 'Name of the volume.'),
  volumeNamespace: optional(2, text, 'Namespace of the volume in StorageOS.'),
  fsType: optional(3, text, 'File system on it, ext4 by default.'),
  readOnly: optional(4, boolean, 'Mounts it read-only.'),
  secretRef: optional(5, LocalObjectReference, 'Secret with the credentials.'),
})
export interface StorageOSVolumeSource extends Infer<typeof StorageOSVolumeSource> {}

export const VsphereVirtualDiskVolumeSource = object('io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource', 'A virtual disk of vSphere.', {
  volumePath: required(1, text, 'Path of the disk.'),
  fsType: optional(2, text, 'File system on it, ext4 by default.'),
  storagePolicyName: optional(3, text, 'Name of the storage policy.'),
  storagePolicyID: optional(4, text, 'Id of the storage policy.'),
})
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof VsphereVirtualDiskVolumeSource> {}

export const Volume = object(
  'io.k8s.api.core.v1.Volume',
  'A directory or device that containers of a pod can mount; beside the name, one field says what it is.',
  {
    name: required(1, text, 'Name by which containers refer to it, unique in the pod.'),
    hostPath: optional([2, 1], HostPathVolumeSource, 'A file or directory of the node.'),
    emptyDir: optional([2, 2], EmptyDirVolumeSource, 'A directory that starts empty and goes with the pod.'),
    gcePersistentDisk: optional(
      [2, 3],
      GCEPersistentDiskVolumeSource,
      'A persistent disk of Google Compute Engine; CSI has taken its place.',
    ),
    awsElasticBlockStore: optional([2, 4], AWSElasticBlockStoreVolumeSource, 'A disk of AWS Elastic Block Store; CSI has taken its place.'),
    gitRepo: optional([2, 5], GitRepoVolumeSource, 'A clone of a git repository; not supported any more.'),
    secret: optional([2, 6], SecretVolumeSource, 'The entries of a Secret as files.'),
    nfs: optional([2, 7], NFSVolumeSource, 'A directory of an NFS server.'),
    iscsi: optional([2, 8], ISCSIVolumeSource, 'A disk over iSCSI.'),
    glusterfs: optional([2, 9], GlusterfsVolumeSource, 'A volume of GlusterFS; not supported any more.'),
    persistentVolumeClaim: optional([2, 10], PersistentVolumeClaimVolumeSource, "The volume of a claim in the pod's namespace."),
    rbd: optional([2, 11], RBDVolumeSource, 'A block device of Ceph; not supported any more.'),
    flexVolume: optional([2, 12], FlexVolumeSource, 'A volume by a driver on the node; CSI has taken its place.'),
    cinder: optional([2, 13], CinderVolumeSource, 'A disk of OpenStack Cinder; CSI has taken its place.'),
    cephfs: optional([2, 14], CephFSVolumeSource, 'A Ceph file system; not supported any more.'),
    flocker: optional([2, 15], FlockerVolumeSource, 'A volume of Flocker; not supported any more.'),
    downwardAPI: optional([2, 16], DownwardAPIVolumeSource, 'Fields of the pod as files.'),
    fc: optional([2, 17], FCVolumeSource, 'A disk over Fibre Channel.'),
    azureFile: optional([2, 18], AzureFileVolumeSource, 'A file share of Azure; CSI has taken its place.'),
    configMap: optional([2, 19], ConfigMapVolumeSource, 'The entries of a ConfigMap as files.'),
    vsphereVolume: optional([2, 20], VsphereVirtualDiskVolumeSource, 'A virtual disk of vSphere; CSI has taken its place.'),
    quobyte: optional([2, 21], QuobyteVolumeSource, 'A volume of Quobyte; not supported any more.'),
    azureDisk: optional([2, 22], AzureDiskVolumeSource, 'A data disk of Azure; CSI has taken its place.'),
    photonPersistentDisk: optional([2, 23], PhotonPersistentDiskVolumeSource, 'A disk of the Photon Controller; not supported any more.'),
    portworxVolume: optional([2, 24], PortworxVolumeSource, 'A volume of Portworx; CSI has taken its place.'),
    scaleIO: optional([2, 25], ScaleIOVolumeSource, 'A volume of ScaleIO; not supported any more.'),
    projected: optional([2, 26], ProjectedVolumeSource, 'Several sources in one directory.'),
    storageos: optional([2, 27], StorageOSVolumeSource, 'A volume of StorageOS; not supported any more.'),
    csi: optional([2, 28], CSIVolumeSource, 'A volume that a CSI driver makes for the pod.'),
    ephemeral: optional([2, 29], EphemeralVolumeSource, 'A volume by a claim that goes with the pod.'),
    image: optional([2, 30], ImageVolumeSource, 'The contents of an image, read-only.'),
  },
)
export interface Volume extends Infer<typeof Volume> {}
