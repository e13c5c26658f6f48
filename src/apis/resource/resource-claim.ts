import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { Condition } from '../../apimachinery/meta.ts'
import {
  atomicList,
  boolean,
  type Infer,
  keyedList,
  map,
  object,
  optional,
  quantity,
  rawExtension,
  required,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { NodeSelector } from '../core/scheduling-terms.ts'
import { withField } from '../core/sharing.ts'
import { immutable } from '../field-rules.ts'
import { keepMetadata, keepStatus, statusSubresource } from '../strategy.ts'
import { withClaimDefaults } from './claim-defaults.ts'
import { validateClaimStatus } from './claim-status-validation.ts'
import { validateClaimSpec } from './claim-validation.ts'
import { OpaqueDeviceConfiguration } from './device-class.ts'
import { DeviceToleration, ResourceClaimSpec } from './resource-claim-spec.ts'

export const DeviceAllocationConfiguration = object(
  'io.k8s.api.resource.v1.DeviceAllocationConfiguration',
  'Settings for allocated devices.',
  {
    source: required(1, text, 'Whether they come FromClass or FromClaim.', { enum: ['FromClaim', 'FromClass'] }),
    requests: optional(2, atomicList(text), 'Requests that they are for; all by default.'),
    opaque: optional([3, 1], OpaqueDeviceConfiguration, 'Settings for a driver.'),
  },
)
export interface DeviceAllocationConfiguration extends Infer<typeof DeviceAllocationConfiguration> {}

export const DeviceRequestAllocationResult = object(
  'io.k8s.api.resource.v1.DeviceRequestAllocationResult',
  'A device that was allocated for a request.',
  {
    request: required(1, text, 'Name of the request, with /ALTERNATIVE where there were some.'),
    driver: required(2, text, 'Name of the driver.'),
    pool: required(3, text, 'Name of the pool that the device is in.'),
    device: required(4, text, 'Name of the device.'),
    adminAccess: optional(5, boolean, 'Whether it was allocated for looking after it.'),
    tolerations: optional(6, atomicList(DeviceToleration), 'Taints that the request did not mind.'),
    bindingConditions: optional(7, atomicList(text), 'Conditions that must be True before the pod is bound.'),
    bindingFailureConditions: optional(8, atomicList(text), 'Conditions of which one that is True means that it failed.'),
    shareID: optional(9, text, 'Id of the share of a device that several claims have.'),
    consumedCapacity: optional(10, map(quantity), 'How much of the device was taken.'),
  },
)
export interface DeviceRequestAllocationResult extends Infer<typeof DeviceRequestAllocationResult> {}

export const DeviceAllocationResult = object('io.k8s.api.resource.v1.DeviceAllocationResult', 'Devices that were allocated.', {
  results: optional(1, atomicList(DeviceRequestAllocationResult), 'The devices.'),
  config: optional(2, atomicList(DeviceAllocationConfiguration), 'Settings for them, of their classes and of the claim.'),
})
export interface DeviceAllocationResult extends Infer<typeof DeviceAllocationResult> {}

export const AllocationResult = object('io.k8s.api.resource.v1.AllocationResult', 'What was allocated, and where it can be used.', {
  devices: optional(1, DeviceAllocationResult, 'The devices.'),
  nodeSelector: optional(3, NodeSelector, 'Nodes on which it can be used; every node by default.'),
  allocationTimestamp: optional(5, time, 'When it was allocated.'),
})
export interface AllocationResult extends Infer<typeof AllocationResult> {}

export const NetworkDeviceData = object('io.k8s.api.resource.v1.NetworkDeviceData', 'What is known of a network device.', {
  interfaceName: optional(1, text, 'Name of the interface in the pod.'),
  ips: optional(2, atomicList(text), 'Its addresses, with the lengths of their networks.'),
  hardwareAddress: optional(3, text, 'Its hardware address.'),
})
export interface NetworkDeviceData extends Infer<typeof NetworkDeviceData> {}

export const AllocatedDeviceStatus = object(
  'io.k8s.api.resource.v1.AllocatedDeviceStatus',
  'What the driver says of an allocated device.',
  {
    driver: required(1, text, 'Name of the driver.'),
    pool: required(2, text, 'Name of the pool that the device is in.'),
    device: required(3, text, 'Name of the device.'),
    conditions: optional(4, keyedList(Condition, 'type'), 'Aspects of its state, one for each type.'),
    data: optional(5, rawExtension, "Data of the driver's own."),
    networkData: optional(6, NetworkDeviceData, 'What is known of it as a network device.'),
    shareID: optional(7, text, 'Id of the share of a device that several claims have.'),
  },
)
export interface AllocatedDeviceStatus extends Infer<typeof AllocatedDeviceStatus> {}

export const ResourceClaimConsumerReference = object('io.k8s.api.resource.v1.ResourceClaimConsumerReference', 'Who may use a claim.', {
  apiGroup: optional(1, text, 'Group of its resource; empty for the core group.'),
  resource: required(3, text, 'Resource of the object, such as pods.'),
  name: required(4, text, 'Name of the object.'),
  uid: required(5, text, 'UID of the object.'),
})
export interface ResourceClaimConsumerReference extends Infer<typeof ResourceClaimConsumerReference> {}

export const ResourceClaimStatus = object('io.k8s.api.resource.v1.ResourceClaimStatus', 'What has become of a claim.', {
  allocation: optional(1, AllocationResult, 'What was allocated; nothing while it is pending.'),
  reservedFor: optional(2, keyedList(ResourceClaimConsumerReference, 'uid'), 'Who may use it now.', {
    patchStrategy: 'merge',
    patchMergeKey: 'uid',
  }),
  devices: optional(4, keyedList(AllocatedDeviceStatus, 'driver', 'device', 'pool', 'shareID'), 'What the drivers say of the devices.'),
})
export interface ResourceClaimStatus extends Infer<typeof ResourceClaimStatus> {}

export const ResourceClaim = topLevel('io.k8s.api.resource.v1.ResourceClaim', 'A request for devices, for pods in the same namespace.', {
  spec: required(2, ResourceClaimSpec, 'What is asked for; cannot be changed.'),
  status: optional(3, ResourceClaimStatus, 'What has become of it; written by the system.'),
})
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

export const resourceClaimKind: Kind<ResourceClaim> = defineKind({
  kind: 'ResourceClaim',
  resource: 'resourceclaims',
  group: 'resource.k8s.io',
  version: 'v1',
  schema: ResourceClaim,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  columns: [nameColumn, { name: 'State', type: 'string', description: 'What has become of it.', priority: 0, cell: stateText }, ageColumn],
  strategy: {
    applyDefaults: claim => withField(claim, 'spec', withClaimDefaults(claim.spec ?? {})),
    prepareForCreate: claim => ({ ...claim, status: {} }),
    prepareForUpdate: keepStatus,
    validate: () => [],
    validateCreate: ({ spec }) => validateClaimSpec(spec ?? {}, 'spec'),
    // What is stored was checked when it came, and cannot change.
    validateUpdate: ({ spec }, old) => immutable(spec, old.spec, 'spec'),
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource<ResourceClaim>('ResourceClaim', validateClaimStatus, keepMetadata) },
})

function stateText({ metadata, status = {} }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined
  const states = isDeleted ? ['deleted'] : []
  if (status.allocation) states.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []))
  else if (!isDeleted) states.push('pending')
  return states.join(',')
}
