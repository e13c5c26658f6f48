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
import { proxySubresource } from '../strategy.ts'
import { nodeColumns } from './node-columns.ts'
import { applyNodeDefaults, prepareNodeForUpdate, prepareNodeStatusUpdate } from './node-strategy.ts'
import { nodeWarnings, validateNode, validateNodeUpdate } from './validation/node.ts'

export const AttachedVolume = object('io.k8s.api.core.v1.AttachedVolume', 'A volume that is attached to a node.', {
  name: required(1, text, 'Name of the volume.'),
  devicePath: required(2, text, 'Device under which it shows.'),
})
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

export const ConfigMapNodeConfigSource = object(
  'io.k8s.api.core.v1.ConfigMapNodeConfigSource',
  "A ConfigMap that held a kubelet's configuration; not used any more.",
  {
    namespace: required(1, text, 'Namespace of the ConfigMap.'),
    name: required(2, text, 'Name of the ConfigMap.'),
    uid: optional(3, text, 'UID of the ConfigMap.'),
    resourceVersion: optional(4, text, 'Version of the ConfigMap.'),
    kubeletConfigKey: required(5, text, 'Key of the configuration.'),
  },
)
export interface ConfigMapNodeConfigSource extends Infer<typeof ConfigMapNodeConfigSource> {}

export const ContainerImage = object('io.k8s.api.core.v1.ContainerImage', 'An image that a node has.', {
  names: optional(1, atomicList(text), 'Names that it is known by.'),
  sizeBytes: optional(2, int64, 'Its size.'),
})
export interface ContainerImage extends Infer<typeof ContainerImage> {}

export const DaemonEndpoint = object('io.k8s.api.core.v1.DaemonEndpoint', 'A port on which a daemon of the node listens.', {
  Port: required(1, int32, 'Number of the port.', { default: 0 }),
})
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

export const NodeConfigSource = object(
  'io.k8s.api.core.v1.NodeConfigSource',
  "Where a kubelet's configuration came from; not used any more.",
  {
    configMap: optional(2, ConfigMapNodeConfigSource, 'ConfigMap with the configuration.'),
  },
)
export interface NodeConfigSource extends Infer<typeof NodeConfigSource> {}

export const Taint = object('io.k8s.api.core.v1.Taint', 'A mark on a node that keeps away pods that do not tolerate it.', {
  key: required(1, text, 'Key of the taint.'),
  value: optional(2, text, 'Value of the taint.'),
  effect: required(3, text, 'NoSchedule, PreferNoSchedule, or NoExecute, which also drives out running pods.', {
    enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'],
  }),
  timeAdded: optional(4, time, 'When it was added.'),
})
export interface Taint extends Infer<typeof Taint> {}

export const NodeSpec = object('io.k8s.api.core.v1.NodeSpec', 'What is asked of a node.', {
  podCIDR: optional(1, text, 'First range of pod addresses on the node.'),
  externalID: optional(2, text, 'Not used any more.'),
  providerID: optional(3, text, 'Id of the machine with its provider, as provider://id.'),
  unschedulable: optional(4, boolean, 'Whether new pods are kept away.'),
  taints: optional(5, atomicList(Taint), 'Marks that keep away pods that do not tolerate them.'),
  configSource: optional(6, NodeConfigSource, 'Not used any more.'),
  podCIDRs: optional(7, setList(text), 'Ranges of pod addresses on the node, one of each family at most.', { patchStrategy: 'merge' }),
})
export interface NodeSpec extends Infer<typeof NodeSpec> {}

export const NodeAddress = object('io.k8s.api.core.v1.NodeAddress', 'An address of a node.', {
  type: required(1, text, 'Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.'),
  address: required(2, text, 'The address.'),
})
export interface NodeAddress extends Infer<typeof NodeAddress> {}

export const NodeCondition = object('io.k8s.api.core.v1.NodeCondition', "One aspect of a node's state.", {
  type: required(1, text, 'What the condition is about, such as Ready.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastHeartbeatTime: optional(3, time, 'When it was last reported.'),
  lastTransitionTime: optional(4, time, 'When the status last changed.'),
  reason: optional(5, text, 'Why it is so, in one word.'),
  message: optional(6, text, 'Why it is so, in a sentence.'),
})
export interface NodeCondition extends Infer<typeof NodeCondition> {}

export const NodeConfigStatus = object(
  'io.k8s.api.core.v1.NodeConfigStatus',
  'How configuration through the API stands; not used any more.',
  {
    assigned: optional(1, NodeConfigSource, 'Configuration that is to be used.'),
    active: optional(2, NodeConfigSource, 'Configuration that is used.'),
    lastKnownGood: optional(3, NodeConfigSource, 'Configuration to fall back on.'),
    error: optional(4, text, 'What went wrong with the one assigned.'),
  },
)
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

export const NodeDaemonEndpoints = object('io.k8s.api.core.v1.NodeDaemonEndpoints', "Ports of the node's daemons.", {
  kubeletEndpoint: optional(1, DaemonEndpoint, 'Port of the kubelet.'),
})
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

export const NodeFeatures = object('io.k8s.api.core.v1.NodeFeatures', "What the node's runtime can do beyond what is common.", {
  supplementalGroupsPolicy: optional(1, boolean, 'Whether it knows supplementalGroupsPolicy.'),
})
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

export const NodeSwapStatus = object('io.k8s.api.core.v1.NodeSwapStatus', 'Swap space of a node.', {
  capacity: optional(1, int64, 'Its size in bytes.'),
})
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

export const NodeSystemInfo = object('io.k8s.api.core.v1.NodeSystemInfo', 'What a node is made of.', {
  machineID: required(1, text, 'Id of the machine, from /etc/machine-id.'),
  systemUUID: required(2, text, 'Id of the hardware.'),
  bootID: required(3, text, 'Id of this boot.'),
  kernelVersion: required(4, text, 'Version of the kernel.'),
  osImage: required(5, text, 'Name of the operating system.'),
  containerRuntimeVersion: required(6, text, 'Name and version of the container runtime.'),
  kubeletVersion: required(7, text, 'Version of the kubelet.'),
  kubeProxyVersion: required(8, text, 'Not used any more.'),
  operatingSystem: required(9, text, 'linux or windows.'),
  architecture: required(10, text, 'Architecture of the processor.'),
  swap: optional(11, NodeSwapStatus, 'Swap space.'),
})
export interface NodeSystemInfo extends Infer<typeof NodeSystemInfo> {}

export const NodeRuntimeHandlerFeatures = object('io.k8s.api.core.v1.NodeRuntimeHandlerFeatures', 'What a handler of the runtime can do.', {
  recursiveReadOnlyMounts: optional(1, boolean, 'Whether it can make mounts read-only with all below.'),
  userNamespaces: optional(2, boolean, 'Whether it can give pods user ids of their own.'),
})
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

export const NodeRuntimeHandler = object('io.k8s.api.core.v1.NodeRuntimeHandler', "A handler of the node's runtime.", {
  name: optional(1, text, 'Name of the handler; empty for the default one.'),
  features: optional(2, NodeRuntimeHandlerFeatures, 'What it can do.'),
})
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

export const NodeStatus = object('io.k8s.api.core.v1.NodeStatus', 'What is known of a node, as of late.', {
  capacity: optional(1, map(quantity), 'All that the node has.'),
  allocatable: optional(2, map(quantity), 'What pods may use of it.'),
  phase: optional(3, text, 'Not used any more.', { enum: ['Pending', 'Running', 'Terminated'] }),
  conditions: optional(4, keyedList(NodeCondition, 'type'), 'Aspects of its state: ready, short of memory, disk or process ids.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  addresses: optional(5, keyedList(NodeAddress, 'type'), 'Addresses of the node.', { patchStrategy: 'merge', patchMergeKey: 'type' }),
  daemonEndpoints: optional(6, NodeDaemonEndpoints, 'Ports of its daemons.'),
  nodeInfo: optional(7, NodeSystemInfo, 'What it is made of.'),
  images: optional(8, atomicList(ContainerImage), 'Images that it has.'),
  volumesInUse: optional(9, atomicList(text), 'Attachable volumes that pods on it use.'),
  volumesAttached: optional(10, atomicList(AttachedVolume), 'Volumes that are attached to it.'),
  config: optional(11, NodeConfigStatus, 'Not used any more.'),
  runtimeHandlers: optional(12, atomicList(NodeRuntimeHandler), 'Handlers of its runtime.'),
  features: optional(13, NodeFeatures, 'What its runtime can do.'),
  declaredFeatures: optional(14, atomicList(text), 'Features that the kubelet declares to have.'),
})
export interface NodeStatus extends Infer<typeof NodeStatus> {}

export const Node = topLevel('io.k8s.api.core.v1.Node', 'A machine that runs pods.', {
  spec: optional(2, NodeSpec, 'What is asked of the node.'),
  status: optional(3, NodeStatus, 'What the node last reported; written by the system.'),
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
    validate: node => validateNode(node),
    validateUpdate: validateNodeUpdate,
    ratchets: true,
    warnings: nodeWarnings,
    allowUnconditionalUpdate: true,
  },
  subresources: {
    proxy: proxySubresource('NodeProxyOptions', 'nodeproxy'),
    status: {
      kind: 'Node',
      verbs: ['get', 'patch', 'update'],
      action: { type: 'fields', prepare: prepareNodeStatusUpdate, validate: validateNodeUpdate },
    },
  },
  selectableFields: { 'spec.unschedulable': node => String(node.spec?.unschedulable ?? false) },
})
