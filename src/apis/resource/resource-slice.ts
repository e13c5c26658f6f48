import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, boolean, type Infer, int64, map, object, optional, quantity, required, text, time } from '../../apimachinery/schema.ts'
import { NodeSelector } from '../core/scheduling-terms.ts'
import { countGeneration, withGeneration } from '../strategy.ts'
import { validateSliceSpec, validateSliceUpdate } from './slice-validation.ts'

export const Counter = object('io.k8s.api.resource.v1.Counter', 'An amount that devices share.', {
  value: required(1, quantity, 'The amount.'),
})
export interface Counter extends Infer<typeof Counter> {}

export const CounterSet = object('io.k8s.api.resource.v1.CounterSet', "Amounts that devices of a slice's pool share.", {
  name: required(1, text, 'Name of the set within the pool.'),
  counters: required(2, map(Counter), 'The amounts, by name.'),
})
export interface CounterSet extends Infer<typeof CounterSet> {}

export const DeviceAttribute = object('io.k8s.api.resource.v1.DeviceAttribute', 'A property of a device; one field is set.', {
  int: optional(2, int64, 'A number.'),
  bool: optional(3, boolean, 'True or false.'),
  string: optional(4, text, 'A text.'),
  version: optional(5, text, 'A version, as semver.org has them.'),
  ints: optional(6, atomicList(int64), 'Several numbers.'),
  bools: optional(7, atomicList(boolean), 'Several of them.'),
  strings: optional(8, atomicList(text), 'Several texts.'),
  versions: optional(9, atomicList(text), 'Several versions.'),
})
export interface DeviceAttribute extends Infer<typeof DeviceAttribute> {}

export const CapacityRequestPolicyRange = object('io.k8s.api.resource.v1.CapacityRequestPolicyRange', 'Amounts between two bounds.', {
  min: required(1, quantity, 'Least amount.'),
  max: optional(2, quantity, 'Greatest amount; the whole capacity by default.'),
  step: optional(3, quantity, 'Distance between amounts that can be had.'),
})
export interface CapacityRequestPolicyRange extends Infer<typeof CapacityRequestPolicyRange> {}

export const CapacityRequestPolicy = object('io.k8s.api.resource.v1.CapacityRequestPolicy', 'Amounts in which a capacity can be had.', {
  default: optional(1, quantity, 'Amount for requests that say none.'),
  validValues: optional(3, atomicList(quantity), 'The amounts, one by one.'),
  validRange: optional(4, CapacityRequestPolicyRange, 'A range of amounts.'),
})
export interface CapacityRequestPolicy extends Infer<typeof CapacityRequestPolicy> {}

export const DeviceCapacity = object('io.k8s.api.resource.v1.DeviceCapacity', 'A capacity of a device.', {
  value: required(1, quantity, 'How much there is.'),
  requestPolicy: optional(2, CapacityRequestPolicy, 'Amounts in which it can be had, where the device can be shared.'),
})
export interface DeviceCapacity extends Infer<typeof DeviceCapacity> {}

export const DeviceCounterConsumption = object(
  'io.k8s.api.resource.v1.DeviceCounterConsumption',
  'What a device takes of a set of counters.',
  {
    counterSet: required(1, text, 'Name of the set.'),
    counters: required(2, map(Counter), 'What it takes, by name.'),
  },
)
export interface DeviceCounterConsumption extends Infer<typeof DeviceCounterConsumption> {}

export const DeviceTaint = object(
  'io.k8s.api.resource.v1.DeviceTaint',
  'A mark on a device that keeps away requests that do not tolerate it.',
  {
    key: required(1, text, 'Key of the taint.'),
    value: optional(2, text, 'Value of the taint.'),
    effect: required(3, text, 'None, NoSchedule, or NoExecute, which also ends pods that use it.', {
      enum: ['NoExecute', 'NoSchedule', 'None'],
    }),
    timeAdded: optional(4, time, 'When it was added.'),
  },
)
export interface DeviceTaint extends Infer<typeof DeviceTaint> {}

export const NodeAllocatableResourceMapping = object(
  'io.k8s.api.resource.v1.NodeAllocatableResourceMapping',
  'What an allocated device takes of a resource of its node.',
  {
    capacityKey: optional(1, text, 'Capacity of the device that counts.'),
    allocationMultiplier: optional(2, quantity, 'How much of the resource a unit of the capacity takes, or each device.'),
  },
)
export interface NodeAllocatableResourceMapping extends Infer<typeof NodeAllocatableResourceMapping> {}

export const Device = object('io.k8s.api.resource.v1.Device', 'A device.', {
  name: required(1, text, 'Name of the device within its pool.'),
  attributes: optional(2, map(DeviceAttribute), 'Its properties, by name.'),
  capacity: optional(3, map(DeviceCapacity), 'Its capacities, by name.'),
  consumesCounters: optional(4, atomicList(DeviceCounterConsumption), 'What it takes of amounts that devices share.'),
  nodeName: optional(5, text, 'Node that can use it.'),
  nodeSelector: optional(6, NodeSelector, 'Nodes that can use it.'),
  allNodes: optional(7, boolean, 'Whether every node can use it.'),
  taints: optional(8, atomicList(DeviceTaint), 'Marks that keep away requests that do not tolerate them.'),
  bindsToNode: optional(9, boolean, 'Whether allocating it ties the claim to the node.'),
  bindingConditions: optional(10, atomicList(text), 'Conditions that must be True before a pod that uses it is bound.'),
  bindingFailureConditions: optional(11, atomicList(text), 'Conditions of which one that is True means that it failed.'),
  allowMultipleAllocations: optional(12, boolean, 'Whether several claims can share it.'),
  nodeAllocatableResourceMappings: optional(
    13,
    map(NodeAllocatableResourceMapping),
    'What it takes of resources of its node, by their name.',
  ),
})
export interface Device extends Infer<typeof Device> {}

export const ResourcePool = object('io.k8s.api.resource.v1.ResourcePool', 'The pool that a slice is a part of.', {
  name: required(1, text, 'Name of the pool.'),
  generation: required(2, int64, 'Goes up with every change; slices of an older one do not count.', { default: 0 }),
  resourceSliceCount: required(3, int64, 'How many slices the pool has.', { default: 0 }),
})
export interface ResourcePool extends Infer<typeof ResourcePool> {}

export const ResourceSliceSpec = object('io.k8s.api.resource.v1.ResourceSliceSpec', 'Devices of one driver, or a part of them.', {
  driver: required(1, text, 'Name of the driver.'),
  pool: required(2, ResourcePool, 'The pool that they are in.'),
  nodeName: optional(3, text, 'Node that can use them.'),
  nodeSelector: optional(4, NodeSelector, 'Nodes that can use them.'),
  allNodes: optional(5, boolean, 'Whether every node can use them.'),
  devices: optional(6, atomicList(Device), 'The devices.'),
  perDeviceNodeSelection: optional(7, boolean, 'Whether each device says which nodes can use it.'),
  sharedCounters: optional(8, atomicList(CounterSet), 'Amounts that devices of the pool share.'),
})
export interface ResourceSliceSpec extends Infer<typeof ResourceSliceSpec> {}

export const ResourceSlice = topLevel('io.k8s.api.resource.v1.ResourceSlice', 'Devices that there are, as their driver tells.', {
  spec: required(2, ResourceSliceSpec, 'The devices.'),
})
export interface ResourceSlice extends Infer<typeof ResourceSlice> {}

const column = (name: string, description: string, cell: (spec: Partial<ResourceSliceSpec>) => string): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell: ({ spec }: ResourceSlice) => cell(spec ?? {}),
})

export const resourceSliceKind: Kind<ResourceSlice> = defineKind({
  kind: 'ResourceSlice',
  resource: 'resourceslices',
  group: 'resource.k8s.io',
  version: 'v1',
  schema: ResourceSlice,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  columns: [
    nameColumn,
    column('Node', 'Node that can use the devices.', spec => spec.nodeName ?? ''),
    column('Driver', 'Driver that the devices are of.', spec => spec.driver ?? ''),
    column('Pool', 'Pool that the devices are in.', spec => spec.pool?.name ?? ''),
    ageColumn,
  ],
  selectableFields: {
    'spec.driver': ({ spec }) => spec?.driver ?? '',
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
  },
  strategy: {
    prepareForCreate: slice => withGeneration(withTaintTimes(slice), 1),
    prepareForUpdate: (slice, old) => countGeneration(slice, old),
    validate: ({ spec }) => validateSliceSpec(spec ?? {}, 'spec'),
    validateUpdate: validateSliceUpdate,
    allowUnconditionalUpdate: true,
  },
})

/** Taints of a new slice are as old as it is, unless they say otherwise. */
function withTaintTimes(slice: ResourceSlice): ResourceSlice {
  const { devices } = slice.spec ?? {}
  const timeAdded = slice.metadata.creationTimestamp
  if (!devices?.some(({ taints }) => taints?.some(taint => taint.timeAdded === undefined))) return slice
  const timed = devices.map(device =>
    device.taints ? { ...device, taints: device.taints.map(taint => ({ ...taint, timeAdded: taint.timeAdded ?? timeAdded })) } : device,
  )
  return { ...slice, spec: { ...slice.spec, devices: timed } }
}
