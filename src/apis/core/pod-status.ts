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
import { stopSignals } from './stop-signals.ts'

export const ContainerExtendedResourceRequest = object(
  'io.k8s.api.core.v1.ContainerExtendedResourceRequest',
  'Which request of a claim backs an extended resource of a container.',
  {
    containerName: required(1, text, 'Name of the container.'),
    resourceName: required(2, text, 'Name of the extended resource.'),
    requestName: required(3, text, 'Name of the request in the claim.'),
  },
)
export interface ContainerExtendedResourceRequest extends Infer<typeof ContainerExtendedResourceRequest> {}

export const ContainerStateRunning = object('io.k8s.api.core.v1.ContainerStateRunning', 'A container that runs.', {
  startedAt: optional(1, time, 'When it was started last.'),
})
export interface ContainerStateRunning extends Infer<typeof ContainerStateRunning> {}

export const ContainerStateTerminated = object('io.k8s.api.core.v1.ContainerStateTerminated', 'A container that has ended.', {
  exitCode: required(1, int32, 'Exit code of its first process.', { default: 0 }),
  signal: optional(2, int32, 'Signal that ended it.'),
  reason: optional(3, text, 'Why it ended, in one word.'),
  message: optional(4, text, 'What it left as its termination message.'),
  startedAt: optional(5, time, 'When it had been started.'),
  finishedAt: optional(6, time, 'When it ended.'),
  containerID: optional(7, text, 'Id of the ended container in the runtime.'),
})
export interface ContainerStateTerminated extends Infer<typeof ContainerStateTerminated> {}

export const ContainerStateWaiting = object(
  'io.k8s.api.core.v1.ContainerStateWaiting',
  'A container that does not run yet, or not again yet.',
  {
    reason: optional(1, text, 'Why it waits, in one word.'),
    message: optional(2, text, 'Why it waits, in a sentence.'),
  },
)
export interface ContainerStateWaiting extends Infer<typeof ContainerStateWaiting> {}

export const ContainerState = object(
  'io.k8s.api.core.v1.ContainerState',
  'Where a container is in its life; one field is set, waiting if none is.',
  {
    waiting: optional(1, ContainerStateWaiting, 'It does not run yet.'),
    running: optional(2, ContainerStateRunning, 'It runs.'),
    terminated: optional(3, ContainerStateTerminated, 'It has ended.'),
  },
)
export interface ContainerState extends Infer<typeof ContainerState> {}

export const ResourceHealth = object('io.k8s.api.core.v1.ResourceHealth', 'How a device that a container uses is doing.', {
  resourceID: required(1, text, 'Id of the device, unique in the resource.'),
  health: optional(2, text, 'Healthy, Unhealthy or Unknown.'),
  message: optional(6, text, 'What is known about it, for people.'),
})
export interface ResourceHealth extends Infer<typeof ResourceHealth> {}

export const ResourceStatus = object('io.k8s.api.core.v1.ResourceStatus', 'How the devices behind a resource of a container are doing.', {
  name: required(1, text, 'Name of the resource, or claim: with the name of a claim.'),
  resources: optional(2, keyedList(ResourceHealth, 'resourceID'), 'Devices with their health.'),
})
export interface ResourceStatus extends Infer<typeof ResourceStatus> {}

export const LinuxContainerUser = object('io.k8s.api.core.v1.LinuxContainerUser', 'Who a container runs as on Linux.', {
  uid: required(1, int64, 'User id of its first process.', { default: 0 }),
  gid: required(2, int64, 'Group id of its first process.', { default: 0 }),
  supplementalGroups: optional(3, atomicList(int64), 'Further groups of its first process.'),
})
export interface LinuxContainerUser extends Infer<typeof LinuxContainerUser> {}

export const ContainerUser = object('io.k8s.api.core.v1.ContainerUser', 'Who a container runs as.', {
  linux: optional(1, LinuxContainerUser, 'User and groups on Linux.'),
})
export interface ContainerUser extends Infer<typeof ContainerUser> {}

export const ImageVolumeStatus = object('io.k8s.api.core.v1.ImageVolumeStatus', 'What stands behind an image volume.', {
  imageRef: required(1, text, 'Image that is mounted, by digest.'),
})
export interface ImageVolumeStatus extends Infer<typeof ImageVolumeStatus> {}

export const VolumeStatus = object('io.k8s.api.core.v1.VolumeStatus', 'What stands behind a mounted volume.', {
  image: optional(1, ImageVolumeStatus, 'State of an image volume.'),
})
export interface VolumeStatus extends Infer<typeof VolumeStatus> {}

export const VolumeMountStatus = object('io.k8s.api.core.v1.VolumeMountStatus', 'How a volume is mounted in a container.', {
  name: required(1, text, 'Name of the volume.'),
  mountPath: required(2, text, 'Path in the container.'),
  readOnly: optional(3, boolean, 'Whether it is mounted read-only.'),
  recursiveReadOnly: optional(4, text, 'Whether mounts below it are read-only too.'),
  volumeStatus: optional(5, VolumeStatus, 'What stands behind the volume.'),
})
export interface VolumeMountStatus extends Infer<typeof VolumeMountStatus> {}

export const ContainerStatus = object('io.k8s.api.core.v1.ContainerStatus', 'What the node last reported of a container.', {
  name: required(1, text, 'Name of the container.'),
  state: optional(2, ContainerState, 'What the container does now.'),
  lastState: optional(3, ContainerState, 'How it ended last time, if it was started again.'),
  ready: required(4, boolean, 'Whether it takes traffic, as its readiness probe says.', { default: false }),
  restartCount: required(5, int32, 'How often it was started again.', { default: 0 }),
  image: required(6, text, 'Image that it runs, as the runtime calls it.'),
  imageID: required(7, text, 'Id of that image in the runtime.'),
  containerID: optional(8, text, "Id of the container in the runtime, behind the runtime's name."),
  started: optional(9, boolean, 'Whether it has passed its startup probe and postStart hook.'),
  allocatedResources: optional(10, map(quantity), 'Requests that the node has set aside for it.'),
  resources: optional(11, ResourceRequirements, 'Requests and limits that are in force.'),
  volumeMounts: optional(12, keyedList(VolumeMountStatus, 'mountPath'), 'Volumes as they are mounted.', {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
  }),
  user: optional(13, ContainerUser, 'Who it runs as.'),
  allocatedResourcesStatus: optional(14, keyedList(ResourceStatus, 'name'), 'Health of devices that it uses.', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  stopSignal: optional(15, text, 'Signal that stops it.', { enum: stopSignals }),
})
export interface ContainerStatus extends Infer<typeof ContainerStatus> {}

export const HostIP = object('io.k8s.api.core.v1.HostIP', 'An address of the node.', {
  ip: required(1, text, 'The address.'),
})
export interface HostIP extends Infer<typeof HostIP> {}

export const NodeAllocatableResourceClaimStatus = object(
  'io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus',
  "What a claim takes from the node's own resources.",
  {
    resourceClaimName: required(1, text, 'Name of the claim.'),
    containers: optional(2, setList(text), 'Containers that use it.'),
    resources: required(3, map(quantity), 'Amounts by resource.'),
  },
)
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof NodeAllocatableResourceClaimStatus> {}

export const PodCondition = object('io.k8s.api.core.v1.PodCondition', "One aspect of a pod's state.", {
  type: required(1, text, 'What the condition is about, such as Ready.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastProbeTime: optional(3, time, 'When it was last looked at.'),
  lastTransitionTime: optional(4, time, 'When the status last changed.'),
  reason: optional(5, text, 'Why it is so, in one word.'),
  message: optional(6, text, 'Why it is so, in a sentence.'),
  observedGeneration: optional(7, int64, 'Generation of the pod that the condition is about.'),
})
export interface PodCondition extends Infer<typeof PodCondition> {}

export const PodExtendedResourceClaimStatus = object(
  'io.k8s.api.core.v1.PodExtendedResourceClaimStatus',
  "The claim that was made for the pod's extended resources.",
  {
    requestMappings: required(1, atomicList(ContainerExtendedResourceRequest), 'Which request of the claim serves which container.'),
    resourceClaimName: required(2, text, 'Name of the claim.'),
  },
)
export interface PodExtendedResourceClaimStatus extends Infer<typeof PodExtendedResourceClaimStatus> {}

export const PodIP = object('io.k8s.api.core.v1.PodIP', 'An address of the pod.', {
  ip: required(1, text, 'The address.'),
})
export interface PodIP extends Infer<typeof PodIP> {}

export const PodResourceClaimStatus = object(
  'io.k8s.api.core.v1.PodResourceClaimStatus',
  'The claim that stands behind a name in the pod.',
  {
    name: required(1, text, "Name in the pod's list of claims."),
    resourceClaimName: optional(2, text, 'Name of the ResourceClaim, absent where none is needed.'),
  },
)
export interface PodResourceClaimStatus extends Infer<typeof PodResourceClaimStatus> {}

export const PodStatus = object('io.k8s.api.core.v1.PodStatus', 'What is known of a pod, as of late.', {
  phase: optional(1, text, 'Pending, Running, Succeeded, Failed or Unknown.', {
    enum: ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'],
  }),
  conditions: optional(2, keyedList(PodCondition, 'type'), 'Aspects of its state: scheduled, initialized, ready and others.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  message: optional(3, text, 'Why it is in this state, in a sentence.'),
  reason: optional(4, text, 'Why it is in this state, in one word.'),
  hostIP: optional(5, text, 'First address of its node.'),
  podIP: optional(6, text, 'First address of the pod.'),
  startTime: optional(7, time, 'When the kubelet took the pod on, before images are pulled.'),
  containerStatuses: optional(8, atomicList(ContainerStatus), 'State of its containers.'),
  qosClass: optional(9, text, 'Guaranteed, Burstable or BestEffort, from its requests and limits.', {
    enum: ['BestEffort', 'Burstable', 'Guaranteed'],
  }),
  initContainerStatuses: optional(10, atomicList(ContainerStatus), 'State of its init containers.'),
  nominatedNodeName: optional(11, text, 'Node on which pods are being pushed out for it.'),
  podIPs: optional(12, keyedList(PodIP, 'ip'), 'Addresses of the pod, one of each family at most.', {
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
  }),
  ephemeralContainerStatuses: optional(13, atomicList(ContainerStatus), 'State of its ephemeral containers.'),
  resize: optional(14, text, 'How a change of resources stands; conditions have taken its place.'),
  resourceClaimStatuses: optional(15, keyedList(PodResourceClaimStatus, 'name'), 'Claims that stand behind the names in the pod.', {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
  }),
  hostIPs: optional(16, atomicList(HostIP), 'Addresses of its node.', { patchStrategy: 'merge', patchMergeKey: 'ip' }),
  observedGeneration: optional(17, int64, 'Generation of the pod that the status is about.'),
  extendedResourceClaimStatus: optional(18, PodExtendedResourceClaimStatus, 'Claim that serves its extended resources.'),
  allocatedResources: optional(19, map(quantity), 'Requests that the node has set aside for the pod as a whole.'),
  resources: optional(20, ResourceRequirements, 'Requests and limits of the pod as a whole that are in force.'),
  nodeAllocatableResourceClaimStatuses: optional(
    21,
    atomicList(NodeAllocatableResourceClaimStatus),
    "What its claims take from the node's own resources.",
  ),
})
export interface PodStatus extends Infer<typeof PodStatus> {}
