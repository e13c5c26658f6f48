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
  setList,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { ResourceRequirements } from './container.ts'

export const ContainerExtendedResourceRequest = object('io.k8s.api.core.v1.ContainerExtendedResourceRequest', '', {
  containerName: required(1, text, ''),
  resourceName: required(2, text, ''),
  requestName: required(3, text, ''),
})
export interface ContainerExtendedResourceRequest extends Infer<typeof ContainerExtendedResourceRequest> {}

export const ContainerStateRunning = object('io.k8s.api.core.v1.ContainerStateRunning', '', {
  startedAt: optional(1, time, ''),
})
export interface ContainerStateRunning extends Infer<typeof ContainerStateRunning> {}

export const ContainerStateTerminated = object('io.k8s.api.core.v1.ContainerStateTerminated', '', {
  exitCode: required(1, int32, '', { default: 0 }),
  signal: optional(2, int32, ''),
  reason: optional(3, text, ''),
  message: optional(4, text, ''),
  startedAt: optional(5, time, ''),
  finishedAt: optional(6, time, ''),
  containerID: optional(7, text, ''),
})
export interface ContainerStateTerminated extends Infer<typeof ContainerStateTerminated> {}

export const ContainerStateWaiting = object('io.k8s.api.core.v1.ContainerStateWaiting', '', {
  reason: optional(1, text, ''),
  message: optional(2, text, ''),
})
export interface ContainerStateWaiting extends Infer<typeof ContainerStateWaiting> {}

export const ContainerState = object('io.k8s.api.core.v1.ContainerState', '', {
  waiting: optional(1, ContainerStateWaiting, ''),
  running: optional(2, ContainerStateRunning, ''),
  terminated: optional(3, ContainerStateTerminated, ''),
})
export interface ContainerState extends Infer<typeof ContainerState> {}

export const ResourceHealth = object('io.k8s.api.core.v1.ResourceHealth', '', {
  resourceID: required(1, text, ''),
  health: optional(2, text, ''),
  message: optional(6, text, ''),
})
export interface ResourceHealth extends Infer<typeof ResourceHealth> {}

export const ResourceStatus = object('io.k8s.api.core.v1.ResourceStatus', '', {
  name: required(1, text, ''),
  resources: optional(2, keyedList(ResourceHealth, 'resourceID'), ''),
})
export interface ResourceStatus extends Infer<typeof ResourceStatus> {}

export const LinuxContainerUser = object('io.k8s.api.core.v1.LinuxContainerUser', '', {
  uid: required(1, int64, '', { default: 0 }),
  gid: required(2, int64, '', { default: 0 }),
  supplementalGroups: optional(3, atomicList(int64), ''),
})
export interface LinuxContainerUser extends Infer<typeof LinuxContainerUser> {}

export const ContainerUser = object('io.k8s.api.core.v1.ContainerUser', '', {
  linux: optional(1, LinuxContainerUser, ''),
})
export interface ContainerUser extends Infer<typeof ContainerUser> {}

export const ImageVolumeStatus = object('io.k8s.api.core.v1.ImageVolumeStatus', '', {
  imageRef: required(1, text, ''),
})
export interface ImageVolumeStatus extends Infer<typeof ImageVolumeStatus> {}

export const VolumeStatus = object('io.k8s.api.core.v1.VolumeStatus', '', {
  image: optional(1, ImageVolumeStatus, ''),
})
export interface VolumeStatus extends Infer<typeof VolumeStatus> {}

export const VolumeMountStatus = object('io.k8s.api.core.v1.VolumeMountStatus', '', {
  name: required(1, text, ''),
  mountPath: required(2, text, ''),
  readOnly: optional(3, boolean, ''),
  recursiveReadOnly: optional(4, text, ''),
  volumeStatus: optional(5, VolumeStatus, ''),
})
export interface VolumeMountStatus extends Infer<typeof VolumeMountStatus> {}

export const ContainerStatus = object('io.k8s.api.core.v1.ContainerStatus', '', {
  name: required(1, text, ''),
  state: optional(2, ContainerState, ''),
  lastState: optional(3, ContainerState, ''),
  ready: required(4, boolean, '', { default: false }),
  restartCount: required(5, int32, '', { default: 0 }),
  image: required(6, text, ''),
  imageID: required(7, text, ''),
  containerID: optional(8, text, ''),
  started: optional(9, boolean, ''),
  allocatedResources: optional(10, map(quantity), ''),
  resources: optional(11, ResourceRequirements, ''),
  volumeMounts: optional(12, keyedList(VolumeMountStatus, 'mountPath'), '', { patchStrategy: 'merge', patchMergeKey: 'mountPath' }),
  user: optional(13, ContainerUser, ''),
  allocatedResourcesStatus: optional(14, keyedList(ResourceStatus, 'name'), '', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  stopSignal: optional(15, text, '', {
    enum: [
      'SIGABRT',
      'SIGALRM',
      'SIGBUS',
      'SIGCHLD',
      'SIGCLD',
      'SIGCONT',
      'SIGFPE',
      'SIGHUP',
      'SIGILL',
      'SIGINT',
      'SIGIO',
      'SIGIOT',
      'SIGKILL',
      'SIGPIPE',
      'SIGPOLL',
      'SIGPROF',
      'SIGPWR',
      'SIGQUIT',
      'SIGRTMAX',
      'SIGRTMAX-1',
      'SIGRTMAX-10',
      'SIGRTMAX-11',
      'SIGRTMAX-12',
      'SIGRTMAX-13',
      'SIGRTMAX-14',
      'SIGRTMAX-2',
      'SIGRTMAX-3',
      'SIGRTMAX-4',
      'SIGRTMAX-5',
      'SIGRTMAX-6',
      'SIGRTMAX-7',
      'SIGRTMAX-8',
      'SIGRTMAX-9',
      'SIGRTMIN',
      'SIGRTMIN+1',
      'SIGRTMIN+10',
      'SIGRTMIN+11',
      'SIGRTMIN+12',
      'SIGRTMIN+13',
      'SIGRTMIN+14',
      'SIGRTMIN+15',
      'SIGRTMIN+2',
      'SIGRTMIN+3',
      'SIGRTMIN+4',
      'SIGRTMIN+5',
      'SIGRTMIN+6',
      'SIGRTMIN+7',
      'SIGRTMIN+8',
      'SIGRTMIN+9',
      'SIGSEGV',
      'SIGSTKFLT',
      'SIGSTOP',
      'SIGSYS',
      'SIGTERM',
      'SIGTRAP',
      'SIGTSTP',
      'SIGTTIN',
      'SIGTTOU',
      'SIGURG',
      'SIGUSR1',
      'SIGUSR2',
      'SIGVTALRM',
      'SIGWINCH',
      'SIGXCPU',
      'SIGXFSZ',
    ],
  }),
})
export interface ContainerStatus extends Infer<typeof ContainerStatus> {}

export const HostIP = object('io.k8s.api.core.v1.HostIP', '', {
  ip: required(1, text, ''),
})
export interface HostIP extends Infer<typeof HostIP> {}

export const NodeAllocatableResourceClaimStatus = object('io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus', '', {
  resourceClaimName: required(1, text, ''),
  containers: optional(2, setList(text), ''),
  resources: required(3, map(quantity), ''),
})
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof NodeAllocatableResourceClaimStatus> {}

export const PodCondition = object('io.k8s.api.core.v1.PodCondition', '', {
  type: required(1, text, ''),
  status: required(2, text, ''),
  lastProbeTime: optional(3, time, ''),
  lastTransitionTime: optional(4, time, ''),
  reason: optional(5, text, ''),
  message: optional(6, text, ''),
  observedGeneration: optional(7, int64, ''),
})
export interface PodCondition extends Infer<typeof PodCondition> {}

export const PodExtendedResourceClaimStatus = object('io.k8s.api.core.v1.PodExtendedResourceClaimStatus', '', {
  requestMappings: required(1, atomicList(ContainerExtendedResourceRequest), ''),
  resourceClaimName: required(2, text, ''),
})
export interface PodExtendedResourceClaimStatus extends Infer<typeof PodExtendedResourceClaimStatus> {}

export const PodIP = object('io.k8s.api.core.v1.PodIP', '', {
  ip: required(1, text, ''),
})
export interface PodIP extends Infer<typeof PodIP> {}

export const PodResourceClaimStatus = object('io.k8s.api.core.v1.PodResourceClaimStatus', '', {
  name: required(1, text, ''),
  resourceClaimName: optional(2, text, ''),
})
export interface PodResourceClaimStatus extends Infer<typeof PodResourceClaimStatus> {}

export const PodStatus = object('io.k8s.api.core.v1.PodStatus', '', {
  phase: optional(1, text, '', { enum: ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'] }),
  conditions: optional(2, keyedList(PodCondition, 'type'), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
  message: optional(3, text, ''),
  reason: optional(4, text, ''),
  hostIP: optional(5, text, ''),
  podIP: optional(6, text, ''),
  startTime: optional(7, time, ''),
  containerStatuses: optional(8, atomicList(ContainerStatus), ''),
  qosClass: optional(9, text, '', { enum: ['BestEffort', 'Burstable', 'Guaranteed'] }),
  initContainerStatuses: optional(10, atomicList(ContainerStatus), ''),
  nominatedNodeName: optional(11, text, ''),
  podIPs: optional(12, keyedList(PodIP, 'ip'), '', { patchStrategy: 'merge', patchMergeKey: 'ip' }),
  ephemeralContainerStatuses: optional(13, atomicList(ContainerStatus), ''),
  resize: optional(14, text, ''),
  resourceClaimStatuses: optional(15, keyedList(PodResourceClaimStatus, 'name'), '', {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  hostIPs: optional(16, atomicList(HostIP), '', { patchStrategy: 'merge', patchMergeKey: 'ip' }),
  observedGeneration: optional(17, int64, ''),
  extendedResourceClaimStatus: optional(18, PodExtendedResourceClaimStatus, ''),
  allocatedResources: optional(19, map(quantity), ''),
  resources: optional(20, ResourceRequirements, ''),
  nodeAllocatableResourceClaimStatuses: optional(21, atomicList(NodeAllocatableResourceClaimStatus), ''),
})
export interface PodStatus extends Infer<typeof PodStatus> {}
