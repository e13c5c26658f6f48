import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, object, optional, rawExtension, required, text } from '../../apimachinery/schema.ts'
import { isExtended } from '../core/validation/resources.ts'
import { countGeneration, withGeneration } from '../strategy.ts'
import { limitedList, validateConfiguration } from './rules.ts'
import { validateSelectors } from './selectors.ts'

export const CELDeviceSelector = object('io.k8s.api.resource.v1.CELDeviceSelector', 'An expression that says which devices are meant.', {
  expression: required(1, text, 'The expression, in CEL; it gets a device and gives true or false.'),
})
export interface CELDeviceSelector extends Infer<typeof CELDeviceSelector> {}

export const DeviceSelector = object('io.k8s.api.resource.v1.DeviceSelector', 'A way to choose devices.', {
  cel: optional(1, CELDeviceSelector, 'An expression that devices must meet.'),
})
export interface DeviceSelector extends Infer<typeof DeviceSelector> {}

export const OpaqueDeviceConfiguration = object(
  'io.k8s.api.resource.v1.OpaqueDeviceConfiguration',
  'Settings that only the driver understands.',
  {
    driver: required(1, text, 'Name of the driver that they are for.'),
    parameters: required(2, rawExtension, 'The settings.'),
  },
)
export interface OpaqueDeviceConfiguration extends Infer<typeof OpaqueDeviceConfiguration> {}

export const DeviceClassConfiguration = object('io.k8s.api.resource.v1.DeviceClassConfiguration', 'Settings that come with a class.', {
  opaque: optional([1, 1], OpaqueDeviceConfiguration, 'Settings for a driver.'),
})
export interface DeviceClassConfiguration extends Infer<typeof DeviceClassConfiguration> {}

export const DeviceClassSpec = object(
  'io.k8s.api.resource.v1.DeviceClassSpec',
  'Which devices belong to a class, and how they are set up.',
  {
    selectors: optional(1, atomicList(DeviceSelector), 'What devices must meet, all of it.'),
    config: optional(2, atomicList(DeviceClassConfiguration), 'Settings that every claim of the class gets.'),
    extendedResourceName: optional(4, text, 'Name of the resource of pods that stands for devices of this class.'),
  },
)
export interface DeviceClassSpec extends Infer<typeof DeviceClassSpec> {}

export const DeviceClass = topLevel('io.k8s.api.resource.v1.DeviceClass', 'A kind of device that can be asked for.', {
  spec: required(2, DeviceClassSpec, 'Which devices belong to it.'),
})
export interface DeviceClass extends Infer<typeof DeviceClass> {}

export const deviceClassKind: Kind<DeviceClass> = defineKind({
  kind: 'DeviceClass',
  resource: 'deviceclasses',
  group: 'resource.k8s.io',
  version: 'v1',
  schema: DeviceClass,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  columns: [nameColumn, ageColumn],
  strategy: {
    prepareForCreate: one => withGeneration(one, 1),
    prepareForUpdate: (one, old) => countGeneration(one, old),
    validate: ({ spec }) => validateClassSpec(spec ?? {}, 'spec'),
    allowUnconditionalUpdate: true,
  },
})

export const mostConfigurations = 32

function validateClassSpec({ selectors, config, extendedResourceName: name }: DeviceClassSpec, path: string): FieldError[] {
  return [
    ...validateSelectors(selectors, `${path}.selectors`),
    ...limitedList(config, `${path}.config`, mostConfigurations, validateConfiguration),
    ...(name === undefined || isExtended(name)
      ? []
      : [invalidField(`${path}.extendedResourceName`, name, 'must be a valid extended resource name')]),
  ]
}
