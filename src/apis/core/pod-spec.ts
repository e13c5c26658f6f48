import { ObjectMeta } from '../../apimachinery/meta.ts'
import {
  atomicList,
  boolean,
  type Infer,
  int32,
  int64,
  keyedList,
  map,
  object,
  optional,
  quantity,
  required,
  text,
} from '../../apimachinery/schema.ts'
import {
  AppArmorProfile,
  Container,
  EphemeralContainer,
  ResourceRequirements,
  SELinuxOptions,
  SeccompProfile,
  WindowsSecurityContextOptions,
} from './container.ts'
import { LocalObjectReference } from './references.ts'
import { Affinity, Toleration, TopologySpreadConstraint } from './scheduling-terms.ts'
import { Volume } from './volume.ts'

export const HostAlias = object('io.k8s.api.core.v1.HostAlias', '', {
  ip: required(1, text, ''),
  hostnames: optional(2, atomicList(text), ''),
})
export interface HostAlias extends Infer<typeof HostAlias> {}

export const PodDNSConfigOption = object('io.k8s.api.core.v1.PodDNSConfigOption', '', {
  name: optional(1, text, ''),
  value: optional(2, text, ''),
})
export interface PodDNSConfigOption extends Infer<typeof PodDNSConfigOption> {}

export const PodDNSConfig = object('io.k8s.api.core.v1.PodDNSConfig', '', {
  nameservers: optional(1, atomicList(text), ''),
  searches: optional(2, atomicList(text), ''),
  options: optional(3, atomicList(PodDNSConfigOption), ''),
})
export interface PodDNSConfig extends Infer<typeof PodDNSConfig> {}

export const PodOS = object('io.k8s.api.core.v1.PodOS', '', {
  name: required(1, text, ''),
})
export interface PodOS extends Infer<typeof PodOS> {}

export const PodReadinessGate = object('io.k8s.api.core.v1.PodReadinessGate', '', {
  conditionType: required(1, text, ''),
})
export interface PodReadinessGate extends Infer<typeof PodReadinessGate> {}

export const PodResourceClaim = object('io.k8s.api.core.v1.PodResourceClaim', '', {
  name: required(1, text, ''),
  resourceClaimName: optional(3, text, ''),
  resourceClaimTemplateName: optional(4, text, ''),
})
export interface PodResourceClaim extends Infer<typeof PodResourceClaim> {}

export const PodSchedulingGate = object('io.k8s.api.core.v1.PodSchedulingGate', '', {
  name: required(1, text, ''),
})
export interface PodSchedulingGate extends Infer<typeof PodSchedulingGate> {}

export const PodSchedulingGroup = object('io.k8s.api.core.v1.PodSchedulingGroup', '', {
  podGroupName: optional(1, text, ''),
})
export interface PodSchedulingGroup extends Infer<typeof PodSchedulingGroup> {}

export const Sysctl = object('io.k8s.api.core.v1.Sysctl', '', {
  name: required(1, text, ''),
  value: required(2, text, ''),
})
export interface Sysctl extends Infer<typeof Sysctl> {}

export const PodSecurityContext = object('io.k8s.api.core.v1.PodSecurityContext', '', {
  seLinuxOptions: optional(1, SELinuxOptions, ''),
  runAsUser: optional(2, int64, ''),
  runAsNonRoot: optional(3, boolean, ''),
  supplementalGroups: optional(4, atomicList(int64), ''),
  fsGroup: optional(5, int64, ''),
  runAsGroup: optional(6, int64, ''),
  sysctls: optional(7, atomicList(Sysctl), ''),
  windowsOptions: optional(8, WindowsSecurityContextOptions, ''),
  fsGroupChangePolicy: optional(9, text, '', { enum: ['Always', 'OnRootMismatch'] }),
  seccompProfile: optional(10, SeccompProfile, ''),
  appArmorProfile: optional(11, AppArmorProfile, ''),
  supplementalGroupsPolicy: optional(12, text, '', { enum: ['Merge', 'Strict'] }),
  seLinuxChangePolicy: optional(13, text, ''),
})
export interface PodSecurityContext extends Infer<typeof PodSecurityContext> {}

export const PodSpec = object('io.k8s.api.core.v1.PodSpec', '', {
  volumes: optional(1, keyedList(Volume, 'name'), '', { patchStrategy: 'merge,retainKeys', patchMergeKey: 'name' }),
  containers: required(2, keyedList(Container, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  restartPolicy: optional(3, text, '', { enum: ['Always', 'Never', 'OnFailure'] }),
  terminationGracePeriodSeconds: optional(4, int64, ''),
  activeDeadlineSeconds: optional(5, int64, ''),
  dnsPolicy: optional(6, text, '', { enum: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'] }),
  nodeSelector: optional(7, map(text, { mapType: 'atomic' }), ''),
  serviceAccountName: optional(8, text, ''),
  serviceAccount: optional(9, text, ''),
  nodeName: optional(10, text, ''),
  hostNetwork: optional(11, boolean, ''),
  hostPID: optional(12, boolean, ''),
  hostIPC: optional(13, boolean, ''),
  securityContext: optional(14, PodSecurityContext, ''),
  imagePullSecrets: optional(15, keyedList(LocalObjectReference, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  hostname: optional(16, text, ''),
  subdomain: optional(17, text, ''),
  affinity: optional(18, Affinity, ''),
  schedulerName: optional(19, text, ''),
  initContainers: optional(20, keyedList(Container, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  automountServiceAccountToken: optional(21, boolean, ''),
  tolerations: optional(22, atomicList(Toleration), ''),
  hostAliases: optional(23, keyedList(HostAlias, 'ip'), '', { patchStrategy: 'merge', patchMergeKey: 'ip' }),
  priorityClassName: optional(24, text, ''),
  priority: optional(25, int32, ''),
  dnsConfig: optional(26, PodDNSConfig, ''),
  shareProcessNamespace: optional(27, boolean, ''),
  readinessGates: optional(28, atomicList(PodReadinessGate), ''),
  runtimeClassName: optional(29, text, ''),
  enableServiceLinks: optional(30, boolean, ''),
  preemptionPolicy: optional(31, text, '', { enum: ['Never', 'PreemptLowerPriority'] }),
  overhead: optional(32, map(quantity), ''),
  topologySpreadConstraints: optional(33, keyedList(TopologySpreadConstraint, 'topologyKey', 'whenUnsatisfiable'), '', {
    patchStrategy: 'merge',
    patchMergeKey: 'topologyKey',
  }),
  ephemeralContainers: optional(34, keyedList(EphemeralContainer, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  setHostnameAsFQDN: optional(35, boolean, ''),
  os: optional(36, PodOS, ''),
  hostUsers: optional(37, boolean, ''),
  schedulingGates: optional(38, keyedList(PodSchedulingGate, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  resourceClaims: optional(39, keyedList(PodResourceClaim, 'name'), '', { patchStrategy: 'merge,retainKeys', patchMergeKey: 'name' }),
  resources: optional(40, ResourceRequirements, ''),
  hostnameOverride: optional(41, text, ''),
  schedulingGroup: optional(43, PodSchedulingGroup, ''),
})
export interface PodSpec extends Infer<typeof PodSpec> {}

export const PodTemplateSpec = object('io.k8s.api.core.v1.PodTemplateSpec', '', {
  metadata: optional(1, ObjectMeta, ''),
  spec: optional(2, PodSpec, ''),
})
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}
