import { defineKind, topLevel } from '../../apimachinery/kind.ts'
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
import { nodeColumns } from './node-columns.ts'
import { applyNodeDefaults, prepareNodeForUpdate, prepareNodeStatusUpdate } from './node-strategy.ts'
import { validateNode, validateNodeUpdate } from './validation/node.ts'

export const AttachedVolume = object('io.k8s.api.core.v1.AttachedVolume', '', {
  name: required(1, text, ''),
  devicePath: required(2, text, ''),
})
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

export const ConfigMapNodeConfigSource = object('io.k8s.api.core.v1.ConfigMapNodeConfigSource', '', {
  namespace: required(1, text, ''),
  name: required(2, text, ''),
  uid: optional(3, text, ''),
  resourceVersion: optional(4, text, ''),
  kubeletConfigKey: required(5, text, ''),
})
export interface ConfigMapNodeConfigSource extends Infer<typeof ConfigMapNodeConfigSource> {}

export const ContainerImage = object('io.k8s.api.core.v1.ContainerImage', '', {
  names: optional(1, atomicList(text), ''),
  sizeBytes: optional(2, int64, ''),
})
export interface ContainerImage extends Infer<typeof ContainerImage> {}

export const DaemonEndpoint = object('io.k8s.api.core.v1.DaemonEndpoint', '', {
  Port: required(1, int32, '', { default: 0 }),
})
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

export const NodeConfigSource = object('io.k8s.api.core.v1.NodeConfigSource', '', {
  configMap: optional(2, ConfigMapNodeConfigSource, ''),
})
export interface NodeConfigSource extends Infer<typeof NodeConfigSource> {}

export const Taint = object('io.k8s.api.core.v1.Taint', '', {
  key: required(1, text, ''),
  value: optional(2, text, ''),
  effect: required(3, text, '', { enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'] }),
  timeAdded: optional(4, time, ''),
})
export interface Taint extends Infer<typeof Taint> {}

export const NodeSpec = object('io.k8s.api.core.v1.NodeSpec', '', {
  podCIDR: optional(1, text, ''),
  externalID: optional(2, text, ''),
  providerID: optional(3, text, ''),
  unschedulable: optional(4, boolean, ''),
  taints: optional(5, atomicList(Taint), ''),
  configSource: optional(6, NodeConfigSource, ''),
  podCIDRs: optional(7, setList(text), '', { patchStrategy: 'merge' }),
})
export interface NodeSpec extends Infer<typeof NodeSpec> {}

export const NodeAddress = object('io.k8s.api.core.v1.NodeAddress', '', {
  type: required(1, text, ''),
  address: required(2, text, ''),
})
export interface NodeAddress extends Infer<typeof NodeAddress> {}

export const NodeCondition = object('io.k8s.api.core.v1.NodeCondition', '', {
  type: required(1, text, ''),
  status: required(2, text, ''),
  lastHeartbeatTime: optional(3, time, ''),
  lastTransitionTime: optional(4, time, ''),
  reason: optional(5, text, ''),
  message: optional(6, text, ''),
})
export interface NodeCondition extends Infer<typeof NodeCondition> {}

export const NodeConfigStatus = object('io.k8s.api.core.v1.NodeConfigStatus', '', {
  assigned: optional(1, NodeConfigSource, ''),
  active: optional(2, NodeConfigSource, ''),
  lastKnownGood: optional(3, NodeConfigSource, ''),
  error: optional(4, text, ''),
})
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

export const NodeDaemonEndpoints = object('io.k8s.api.core.v1.NodeDaemonEndpoints', '', {
  kubeletEndpoint: optional(1, DaemonEndpoint, ''),
})
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

export const NodeFeatures = object('io.k8s.api.core.v1.NodeFeatures', '', {
  supplementalGroupsPolicy: optional(1, boolean, ''),
})
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

export const NodeSwapStatus = object('io.k8s.api.core.v1.NodeSwapStatus', '', {
  capacity: optional(1, int64, ''),
})
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

export const NodeSystemInfo = object('io.k8s.api.core.v1.NodeSystemInfo', '', {
  machineID: required(1, text, ''),
  systemUUID: required(2, text, ''),
  bootID: required(3, text, ''),
  kernelVersion: required(4, text, ''),
  osImage: required(5, text, ''),
  containerRuntimeVersion: required(6, text, ''),
  kubeletVersion: required(7, text, ''),
  kubeProxyVersion: required(8, text, ''),
  operatingSystem: required(9, text, ''),
  architecture: required(10, text, ''),
  swap: optional(11, NodeSwapStatus, ''),
})
export interface NodeSystemInfo extends Infer<typeof NodeSystemInfo> {}

export const NodeRuntimeHandlerFeatures = object('io.k8s.api.core.v1.NodeRuntimeHandlerFeatures', '', {
  recursiveReadOnlyMounts: optional(1, boolean, ''),
  userNamespaces: optional(2, boolean, ''),
})
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

export const NodeRuntimeHandler = object('io.k8s.api.core.v1.NodeRuntimeHandler', '', {
  name: optional(1, text, ''),
  features: optional(2, NodeRuntimeHandlerFeatures, ''),
})
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

export const NodeStatus = object('io.k8s.api.core.v1.NodeStatus', '', {
  capacity: optional(1, map(quantity), ''),
  allocatable: optional(2, map(quantity), ''),
  phase: optional(3, text, '', { enum: ['Pending', 'Running', 'Terminated'] }),
  conditions: optional(4, keyedList(NodeCondition, 'type'), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
  addresses: optional(5, keyedList(NodeAddress, 'type'), '', { patchStrategy: 'merge', patchMergeKey: 'type' }),
  daemonEndpoints: optional(6, NodeDaemonEndpoints, ''),
  nodeInfo: optional(7, NodeSystemInfo, ''),
  images: optional(8, atomicList(ContainerImage), ''),
  volumesInUse: optional(9, atomicList(text), ''),
  volumesAttached: optional(10, atomicList(AttachedVolume), ''),
  config: optional(11, NodeConfigStatus, ''),
  runtimeHandlers: optional(12, atomicList(NodeRuntimeHandler), ''),
  features: optional(13, NodeFeatures, ''),
  declaredFeatures: optional(14, atomicList(text), ''),
})
export interface NodeStatus extends Infer<typeof NodeStatus> {}

export const Node = topLevel('io.k8s.api.core.v1.Node', '', {
  spec: optional(2, NodeSpec, ''),
  status: optional(3, NodeStatus, ''),
})
export interface Node extends Infer<typeof Node> {}

export const nodeKind = defineKind<Node>({
  kind: 'Node',
  resource: 'nodes',
  group: '',
  version: 'v1',
  schema: Node,
  scope: 'Cluster',
  shortNames: ['no'],
  columns: nodeColumns,
  strategy: {
    applyDefaults: applyNodeDefaults,
    prepareForUpdate: prepareNodeForUpdate,
    validate: validateNode,
    validateUpdate: validateNodeUpdate,
    allowUnconditionalUpdate: true,
  },
  subresources: {
    status: {
      kind: 'Node',
      verbs: ['get', 'patch', 'update'],
      action: { type: 'fields', prepare: prepareNodeStatusUpdate, validate: validateNodeUpdate },
    },
  },
  selectableFields: { 'spec.unschedulable': node => String(node.spec?.unschedulable ?? false) },
})
