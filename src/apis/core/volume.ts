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

export const AWSElasticBlockStoreVolumeSource = object('io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource', '', {
  volumeID: required(1, text, ''),
  fsType: optional(2, text, ''),
  partition: optional(3, int32, ''),
  readOnly: optional(4, boolean, ''),
})
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof AWSElasticBlockStoreVolumeSource> {}

export const AzureDiskVolumeSource = object('io.k8s.api.core.v1.AzureDiskVolumeSource', '', {
  diskName: required(1, text, ''),
  diskURI: required(2, text, ''),
  cachingMode: optional(3, text, '', { default: 'ReadWrite', enum: ['None', 'ReadOnly', 'ReadWrite'] }),
  fsType: optional(4, text, '', { default: 'ext4' }),
  readOnly: optional(5, boolean, '', { default: false }),
  kind: optional(6, text, '', { default: 'Shared', enum: ['Dedicated', 'Managed', 'Shared'] }),
})
export interface AzureDiskVolumeSource extends Infer<typeof AzureDiskVolumeSource> {}

export const AzureFileVolumeSource = object('io.k8s.api.core.v1.AzureFileVolumeSource', '', {
  secretName: required(1, text, ''),
  shareName: required(2, text, ''),
  readOnly: optional(3, boolean, ''),
})
export interface AzureFileVolumeSource extends Infer<typeof AzureFileVolumeSource> {}

export const CSIVolumeSource = object('io.k8s.api.core.v1.CSIVolumeSource', '', {
  driver: required(1, text, ''),
  readOnly: optional(2, boolean, ''),
  fsType: optional(3, text, ''),
  volumeAttributes: optional(4, map(text), ''),
  nodePublishSecretRef: optional(5, LocalObjectReference, ''),
})
export interface CSIVolumeSource extends Infer<typeof CSIVolumeSource> {}

export const CephFSVolumeSource = object('io.k8s.api.core.v1.CephFSVolumeSource', '', {
  monitors: required(1, atomicList(text), ''),
  path: optional(2, text, ''),
  user: optional(3, text, ''),
  secretFile: optional(4, text, ''),
  secretRef: optional(5, LocalObjectReference, ''),
  readOnly: optional(6, boolean, ''),
})
export interface CephFSVolumeSource extends Infer<typeof CephFSVolumeSource> {}

export const CinderVolumeSource = object('io.k8s.api.core.v1.CinderVolumeSource', '', {
  volumeID: required(1, text, ''),
  fsType: optional(2, text, ''),
  readOnly: optional(3, boolean, ''),
  secretRef: optional(4, LocalObjectReference, ''),
})
export interface CinderVolumeSource extends Infer<typeof CinderVolumeSource> {}

export const ClusterTrustBundleProjection = object('io.k8s.api.core.v1.ClusterTrustBundleProjection', '', {
  name: optional(1, text, ''),
  signerName: optional(2, text, ''),
  labelSelector: optional(3, LabelSelector, ''),
  path: required(4, text, ''),
  optional: optional(5, boolean, ''),
})
export interface ClusterTrustBundleProjection extends Infer<typeof ClusterTrustBundleProjection> {}

export const KeyToPath = object('io.k8s.api.core.v1.KeyToPath', '', {
  key: required(1, text, ''),
  path: required(2, text, ''),
  mode: optional(3, int32, ''),
})
export interface KeyToPath extends Infer<typeof KeyToPath> {}

export const ConfigMapProjection = object('io.k8s.api.core.v1.ConfigMapProjection', '', {
  name: optional([1, 1], text, ''),
  items: optional(2, atomicList(KeyToPath), ''),
  optional: optional(4, boolean, ''),
})
export interface ConfigMapProjection extends Infer<typeof ConfigMapProjection> {}

export const ConfigMapVolumeSource = object('io.k8s.api.core.v1.ConfigMapVolumeSource', '', {
  name: optional([1, 1], text, ''),
  items: optional(2, atomicList(KeyToPath), ''),
  defaultMode: optional(3, int32, ''),
  optional: optional(4, boolean, ''),
})
export interface ConfigMapVolumeSource extends Infer<typeof ConfigMapVolumeSource> {}

export const DownwardAPIVolumeFile = object('io.k8s.api.core.v1.DownwardAPIVolumeFile', '', {
  path: required(1, text, ''),
  fieldRef: optional(2, ObjectFieldSelector, ''),
  resourceFieldRef: optional(3, ResourceFieldSelector, ''),
  mode: optional(4, int32, ''),
})
export interface DownwardAPIVolumeFile extends Infer<typeof DownwardAPIVolumeFile> {}

export const DownwardAPIProjection = object('io.k8s.api.core.v1.DownwardAPIProjection', '', {
  items: optional(1, atomicList(DownwardAPIVolumeFile), ''),
})
export interface DownwardAPIProjection extends Infer<typeof DownwardAPIProjection> {}

export const DownwardAPIVolumeSource = object('io.k8s.api.core.v1.DownwardAPIVolumeSource', '', {
  items: optional(1, atomicList(DownwardAPIVolumeFile), ''),
  defaultMode: optional(2, int32, ''),
})
export interface DownwardAPIVolumeSource extends Infer<typeof DownwardAPIVolumeSource> {}

export const EmptyDirVolumeSource = object('io.k8s.api.core.v1.EmptyDirVolumeSource', '', {
  medium: optional(1, text, ''),
  sizeLimit: optional(2, quantity, ''),
})
export interface EmptyDirVolumeSource extends Infer<typeof EmptyDirVolumeSource> {}

export const TypedObjectReference = object('io.k8s.api.core.v1.TypedObjectReference', '', {
  apiGroup: optional(1, text, ''),
  kind: required(2, text, ''),
  name: required(3, text, ''),
  namespace: optional(4, text, ''),
})
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}

export const VolumeResourceRequirements = object('io.k8s.api.core.v1.VolumeResourceRequirements', '', {
  limits: optional(1, map(quantity), ''),
  requests: optional(2, map(quantity), ''),
})
export interface VolumeResourceRequirements extends Infer<typeof VolumeResourceRequirements> {}

export const PersistentVolumeClaimSpec = object('io.k8s.api.core.v1.PersistentVolumeClaimSpec', '', {
  accessModes: optional(1, atomicList(text), '', { enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'] }),
  resources: optional(2, VolumeResourceRequirements, ''),
  volumeName: optional(3, text, ''),
  selector: optional(4, LabelSelector, ''),
  storageClassName: optional(5, text, ''),
  volumeMode: optional(6, text, '', { enum: ['Block', 'Filesystem'] }),
  dataSource: optional(7, TypedLocalObjectReference, ''),
  dataSourceRef: optional(8, TypedObjectReference, ''),
  volumeAttributesClassName: optional(9, text, ''),
})
export interface PersistentVolumeClaimSpec extends Infer<typeof PersistentVolumeClaimSpec> {}

export const PersistentVolumeClaimTemplate = object('io.k8s.api.core.v1.PersistentVolumeClaimTemplate', '', {
  metadata: optional(1, ObjectMeta, ''),
  spec: required(2, PersistentVolumeClaimSpec, ''),
})
export interface PersistentVolumeClaimTemplate extends Infer<typeof PersistentVolumeClaimTemplate> {}

export const EphemeralVolumeSource = object('io.k8s.api.core.v1.EphemeralVolumeSource', '', {
  volumeClaimTemplate: optional(1, PersistentVolumeClaimTemplate, ''),
})
export interface EphemeralVolumeSource extends Infer<typeof EphemeralVolumeSource> {}

export const FCVolumeSource = object('io.k8s.api.core.v1.FCVolumeSource', '', {
  targetWWNs: optional(1, atomicList(text), ''),
  lun: optional(2, int32, ''),
  fsType: optional(3, text, ''),
  readOnly: optional(4, boolean, ''),
  wwids: optional(5, atomicList(text), ''),
})
export interface FCVolumeSource extends Infer<typeof FCVolumeSource> {}

export const FlexVolumeSource = object('io.k8s.api.core.v1.FlexVolumeSource', '', {
  driver: required(1, text, ''),
  fsType: optional(2, text, ''),
  secretRef: optional(3, LocalObjectReference, ''),
  readOnly: optional(4, boolean, ''),
  options: optional(5, map(text), ''),
})
export interface FlexVolumeSource extends Infer<typeof FlexVolumeSource> {}

export const FlockerVolumeSource = object('io.k8s.api.core.v1.FlockerVolumeSource', '', {
  datasetName: optional(1, text, ''),
  datasetUUID: optional(2, text, ''),
})
export interface FlockerVolumeSource extends Infer<typeof FlockerVolumeSource> {}

export const GCEPersistentDiskVolumeSource = object('io.k8s.api.core.v1.GCEPersistentDiskVolumeSource', '', {
  pdName: required(1, text, ''),
  fsType: optional(2, text, ''),
  partition: optional(3, int32, ''),
  readOnly: optional(4, boolean, ''),
})
export interface GCEPersistentDiskVolumeSource extends Infer<typeof GCEPersistentDiskVolumeSource> {}

export const GitRepoVolumeSource = object('io.k8s.api.core.v1.GitRepoVolumeSource', '', {
  repository: required(1, text, ''),
  revision: optional(2, text, ''),
  directory: optional(3, text, ''),
})
export interface GitRepoVolumeSource extends Infer<typeof GitRepoVolumeSource> {}

export const GlusterfsVolumeSource = object('io.k8s.api.core.v1.GlusterfsVolumeSource', '', {
  endpoints: required(1, text, ''),
  path: required(2, text, ''),
  readOnly: optional(3, boolean, ''),
})
export interface GlusterfsVolumeSource extends Infer<typeof GlusterfsVolumeSource> {}

export const HostPathVolumeSource = object('io.k8s.api.core.v1.HostPathVolumeSource', '', {
  path: required(1, text, ''),
  type: optional(2, text, '', {
    enum: ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'],
  }),
})
export interface HostPathVolumeSource extends Infer<typeof HostPathVolumeSource> {}

export const ISCSIVolumeSource = object('io.k8s.api.core.v1.ISCSIVolumeSource', '', {
  targetPortal: required(1, text, ''),
  iqn: required(2, text, ''),
  lun: required(3, int32, '', { default: 0 }),
  iscsiInterface: optional(4, text, '', { default: 'default' }),
  fsType: optional(5, text, ''),
  readOnly: optional(6, boolean, ''),
  portals: optional(7, atomicList(text), ''),
  chapAuthDiscovery: optional(8, boolean, ''),
  secretRef: optional(10, LocalObjectReference, ''),
  chapAuthSession: optional(11, boolean, ''),
  initiatorName: optional(12, text, ''),
})
export interface ISCSIVolumeSource extends Infer<typeof ISCSIVolumeSource> {}

export const ImageVolumeSource = object('io.k8s.api.core.v1.ImageVolumeSource', '', {
  reference: optional(1, text, ''),
  pullPolicy: optional(2, text, '', { enum: ['Always', 'IfNotPresent', 'Never'] }),
})
export interface ImageVolumeSource extends Infer<typeof ImageVolumeSource> {}

export const NFSVolumeSource = object('io.k8s.api.core.v1.NFSVolumeSource', '', {
  server: required(1, text, ''),
  path: required(2, text, ''),
  readOnly: optional(3, boolean, ''),
})
export interface NFSVolumeSource extends Infer<typeof NFSVolumeSource> {}

export const PersistentVolumeClaimVolumeSource = object('io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource', '', {
  claimName: required(1, text, ''),
  readOnly: optional(2, boolean, ''),
})
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof PersistentVolumeClaimVolumeSource> {}

export const PhotonPersistentDiskVolumeSource = object('io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource', '', {
  pdID: required(1, text, ''),
  fsType: optional(2, text, ''),
})
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof PhotonPersistentDiskVolumeSource> {}

export const PodCertificateProjection = object('io.k8s.api.core.v1.PodCertificateProjection', '', {
  signerName: required(1, text, ''),
  keyType: required(2, text, ''),
  maxExpirationSeconds: optional(3, int32, ''),
  credentialBundlePath: optional(4, text, ''),
  keyPath: optional(5, text, ''),
  certificateChainPath: optional(6, text, ''),
  userAnnotations: optional(7, map(text), ''),
})
export interface PodCertificateProjection extends Infer<typeof PodCertificateProjection> {}

export const PortworxVolumeSource = object('io.k8s.api.core.v1.PortworxVolumeSource', '', {
  volumeID: required(1, text, ''),
  fsType: optional(2, text, ''),
  readOnly: optional(3, boolean, ''),
})
export interface PortworxVolumeSource extends Infer<typeof PortworxVolumeSource> {}

export const SecretProjection = object('io.k8s.api.core.v1.SecretProjection', '', {
  name: optional([1, 1], text, ''),
  items: optional(2, atomicList(KeyToPath), ''),
  optional: optional(4, boolean, ''),
})
export interface SecretProjection extends Infer<typeof SecretProjection> {}

export const ServiceAccountTokenProjection = object('io.k8s.api.core.v1.ServiceAccountTokenProjection', '', {
  audience: optional(1, text, ''),
  expirationSeconds: optional(2, int64, ''),
  path: required(3, text, ''),
})
export interface ServiceAccountTokenProjection extends Infer<typeof ServiceAccountTokenProjection> {}

export const VolumeProjection = object('io.k8s.api.core.v1.VolumeProjection', '', {
  secret: optional(1, SecretProjection, ''),
  downwardAPI: optional(2, DownwardAPIProjection, ''),
  configMap: optional(3, ConfigMapProjection, ''),
  serviceAccountToken: optional(4, ServiceAccountTokenProjection, ''),
  clusterTrustBundle: optional(5, ClusterTrustBundleProjection, ''),
  podCertificate: optional(6, PodCertificateProjection, ''),
})
export interface VolumeProjection extends Infer<typeof VolumeProjection> {}

export const ProjectedVolumeSource = object('io.k8s.api.core.v1.ProjectedVolumeSource', '', {
  sources: optional(1, atomicList(VolumeProjection), ''),
  defaultMode: optional(2, int32, ''),
})
export interface ProjectedVolumeSource extends Infer<typeof ProjectedVolumeSource> {}

export const QuobyteVolumeSource = object('io.k8s.api.core.v1.QuobyteVolumeSource', '', {
  registry: required(1, text, ''),
  volume: required(2, text, ''),
  readOnly: optional(3, boolean, ''),
  user: optional(4, text, ''),
  group: optional(5, text, ''),
  tenant: optional(6, text, ''),
})
export interface QuobyteVolumeSource extends Infer<typeof QuobyteVolumeSource> {}

export const RBDVolumeSource = object('io.k8s.api.core.v1.RBDVolumeSource', '', {
  monitors: required(1, atomicList(text), ''),
  image: required(2, text, ''),
  fsType: optional(3, text, ''),
  pool: optional(4, text, '', { default: 'rbd' }),
  user: optional(5, text, '', { default: 'admin' }),
  keyring: optional(6, text, '', { default: '/etc/ceph/keyring' }),
  secretRef: optional(7, LocalObjectReference, ''),
  readOnly: optional(8, boolean, ''),
})
export interface RBDVolumeSource extends Infer<typeof RBDVolumeSource> {}

export const ScaleIOVolumeSource = object('io.k8s.api.core.v1.ScaleIOVolumeSource', '', {
  gateway: required(1, text, ''),
  system: required(2, text, ''),
  secretRef: required(3, LocalObjectReference, ''),
  sslEnabled: optional(4, boolean, ''),
  protectionDomain: optional(5, text, ''),
  storagePool: optional(6, text, ''),
  storageMode: optional(7, text, '', { default: 'ThinProvisioned' }),
  volumeName: optional(8, text, ''),
  fsType: optional(9, text, '', { default: 'xfs' }),
  readOnly: optional(10, boolean, ''),
})
export interface ScaleIOVolumeSource extends Infer<typeof ScaleIOVolumeSource> {}

export const SecretVolumeSource = object('io.k8s.api.core.v1.SecretVolumeSource', '', {
  secretName: optional(1, text, ''),
  items: optional(2, atomicList(KeyToPath), ''),
  defaultMode: optional(3, int32, ''),
  optional: optional(4, boolean, ''),
})
export interface SecretVolumeSource extends Infer<typeof SecretVolumeSource> {}

export const StorageOSVolumeSource = object('io.k8s.api.core.v1.StorageOSVolumeSource', '', {
  volumeName: optional(1, text, ''),
  volumeNamespace: optional(2, text, ''),
  fsType: optional(3, text, ''),
  readOnly: optional(4, boolean, ''),
  secretRef: optional(5, LocalObjectReference, ''),
})
export interface StorageOSVolumeSource extends Infer<typeof StorageOSVolumeSource> {}

export const VsphereVirtualDiskVolumeSource = object('io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource', '', {
  volumePath: required(1, text, ''),
  fsType: optional(2, text, ''),
  storagePolicyName: optional(3, text, ''),
  storagePolicyID: optional(4, text, ''),
})
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof VsphereVirtualDiskVolumeSource> {}

export const Volume = object('io.k8s.api.core.v1.Volume', '', {
  name: required(1, text, ''),
  hostPath: optional([2, 1], HostPathVolumeSource, ''),
  emptyDir: optional([2, 2], EmptyDirVolumeSource, ''),
  gcePersistentDisk: optional([2, 3], GCEPersistentDiskVolumeSource, ''),
  awsElasticBlockStore: optional([2, 4], AWSElasticBlockStoreVolumeSource, ''),
  gitRepo: optional([2, 5], GitRepoVolumeSource, ''),
  secret: optional([2, 6], SecretVolumeSource, ''),
  nfs: optional([2, 7], NFSVolumeSource, ''),
  iscsi: optional([2, 8], ISCSIVolumeSource, ''),
  glusterfs: optional([2, 9], GlusterfsVolumeSource, ''),
  persistentVolumeClaim: optional([2, 10], PersistentVolumeClaimVolumeSource, ''),
  rbd: optional([2, 11], RBDVolumeSource, ''),
  flexVolume: optional([2, 12], FlexVolumeSource, ''),
  cinder: optional([2, 13], CinderVolumeSource, ''),
  cephfs: optional([2, 14], CephFSVolumeSource, ''),
  flocker: optional([2, 15], FlockerVolumeSource, ''),
  downwardAPI: optional([2, 16], DownwardAPIVolumeSource, ''),
  fc: optional([2, 17], FCVolumeSource, ''),
  azureFile: optional([2, 18], AzureFileVolumeSource, ''),
  configMap: optional([2, 19], ConfigMapVolumeSource, ''),
  vsphereVolume: optional([2, 20], VsphereVirtualDiskVolumeSource, ''),
  quobyte: optional([2, 21], QuobyteVolumeSource, ''),
  azureDisk: optional([2, 22], AzureDiskVolumeSource, ''),
  photonPersistentDisk: optional([2, 23], PhotonPersistentDiskVolumeSource, ''),
  portworxVolume: optional([2, 24], PortworxVolumeSource, ''),
  scaleIO: optional([2, 25], ScaleIOVolumeSource, ''),
  projected: optional([2, 26], ProjectedVolumeSource, ''),
  storageos: optional([2, 27], StorageOSVolumeSource, ''),
  csi: optional([2, 28], CSIVolumeSource, ''),
  ephemeral: optional([2, 29], EphemeralVolumeSource, ''),
  image: optional([2, 30], ImageVolumeSource, ''),
})
export interface Volume extends Infer<typeof Volume> {}
