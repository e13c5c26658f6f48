import { atomicList, boolean, type Infer, int64, map, object, optional, quantity, required, text } from '../../apimachinery/schema.ts'
import { DeviceSelector, OpaqueDeviceConfiguration } from './device-class.ts'

export const DeviceToleration = object('io.k8s.api.resource.v1.DeviceToleration', 'A taint of devices that a request does not mind.', {
  key: optional(1, text, 'Key of the taint; empty, with Exists, for every key.'),
  operator: optional(2, text, 'Equal (the default) or Exists.', { default: 'Equal', enum: ['Equal', 'Exists'] }),
  value: optional(3, text, 'Value of the taint, for Equal.'),
  effect: optional(4, text, 'Effect of the taint; empty for every effect.', { enum: ['NoExecute', 'NoSchedule', 'None'] }),
  tolerationSeconds: optional(5, int64, 'Seconds that a taint of effect NoExecute is minded not; for ever by default.'),
})
export interface DeviceToleration extends Infer<typeof DeviceToleration> {}

export const CapacityRequirements = object(
  'io.k8s.api.resource.v1.CapacityRequirements',
  'How much of devices that can be shared is needed.',
  {
    requests: optional(1, map(quantity), 'Least amounts, by name of the capacity.'),
  },
)
export interface CapacityRequirements extends Infer<typeof CapacityRequirements> {}

export const ExactDeviceRequest = object('io.k8s.api.resource.v1.ExactDeviceRequest', 'Devices of one class.', {
  deviceClassName: required(1, text, 'DeviceClass that they belong to.'),
  selectors: optional(2, atomicList(DeviceSelector), 'What they must meet, all of it.'),
  allocationMode: optional(3, text, 'ExactCount (the default), or All devices that match.'),
  count: optional(4, int64, 'How many, for ExactCount; 1 by default.'),
  adminAccess: optional(5, boolean, 'Whether they are wanted for looking after them, also while others use them.'),
  tolerations: optional(6, atomicList(DeviceToleration), 'Taints that are not minded.'),
  capacity: optional(7, CapacityRequirements, 'How much of them is needed.'),
})
export interface ExactDeviceRequest extends Infer<typeof ExactDeviceRequest> {}

export const DeviceSubRequest = object('io.k8s.api.resource.v1.DeviceSubRequest', 'One of the alternatives of a request.', {
  name: required(1, text, 'Name of the alternative within the request.'),
  deviceClassName: required(2, text, 'DeviceClass that they belong to.'),
  selectors: optional(3, atomicList(DeviceSelector), 'What they must meet, all of it.'),
  allocationMode: optional(4, text, 'ExactCount (the default), or All devices that match.'),
  count: optional(5, int64, 'How many, for ExactCount; 1 by default.'),
  tolerations: optional(6, atomicList(DeviceToleration), 'Taints that are not minded.'),
  capacity: optional(7, CapacityRequirements, 'How much of them is needed.'),
})
export interface DeviceSubRequest extends Infer<typeof DeviceSubRequest> {}

export const DeviceRequest = object(
  'io.k8s.api.resource.v1.DeviceRequest',
  'Devices that are asked for; one of exactly and firstAvailable is set.',
  {
    name: required(1, text, 'Name of the request within the claim.'),
    exactly: optional(2, ExactDeviceRequest, 'Devices of one class.'),
    firstAvailable: optional(3, atomicList(DeviceSubRequest), 'Alternatives, the best first.'),
  },
)
export interface DeviceRequest extends Infer<typeof DeviceRequest> {}

export const DeviceConstraint = object('io.k8s.api.resource.v1.DeviceConstraint', 'What devices must have in common.', {
  requests: optional(1, atomicList(text), 'Requests that it is about; all by default.'),
  matchAttribute: optional(2, text, 'Attribute in which they must all be equal.'),
  distinctAttribute: optional(3, text, 'Attribute in which they must all differ.'),
})
export interface DeviceConstraint extends Infer<typeof DeviceConstraint> {}

export const DeviceClaimConfiguration = object('io.k8s.api.resource.v1.DeviceClaimConfiguration', 'Settings of a claim.', {
  requests: optional(1, atomicList(text), 'Requests that they are for; all by default.'),
  opaque: optional([2, 1], OpaqueDeviceConfiguration, 'Settings for a driver.'),
})
export interface DeviceClaimConfiguration extends Infer<typeof DeviceClaimConfiguration> {}

export const DeviceClaim = object('io.k8s.api.resource.v1.DeviceClaim', 'Devices that are asked for together.', {
  requests: optional(1, atomicList(DeviceRequest), 'The requests; all must be met.'),
  constraints: optional(2, atomicList(DeviceConstraint), 'What they must have in common.'),
  config: optional(3, atomicList(DeviceClaimConfiguration), 'Settings for their drivers.'),
})
export interface DeviceClaim extends Infer<typeof DeviceClaim> {}

export const ResourceClaimSpec = object('io.k8s.api.resource.v1.ResourceClaimSpec', 'What is asked for.', {
  devices: optional(1, DeviceClaim, 'The devices.'),
})
export interface ResourceClaimSpec extends Infer<typeof ResourceClaimSpec> {}
