import { type FieldError, invalidField, notFoundField, requiredField } from '../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { compareQuantities } from '../../apimachinery/quantity.ts'
import { validateNodeSelector } from '../core/validation/affinity.ts'
import { invalid } from '../core/validation/rules.ts'
import { validateDriverName } from '../core/validation/volume-sources.ts'
import { immutable } from '../field-rules.ts'
import { validateAttributes } from './attribute-validation.ts'
import { validateCapacities } from './capacity-validation.ts'
import type { CounterSet, Device, DeviceCounterConsumption, ResourcePool, ResourceSlice, ResourceSliceSpec } from './resource-slice.ts'
import { label, limitedSet, validatePoolName } from './rules.ts'
import { validateBindingConditions, validateTaints } from './taints.ts'

type Spec = Partial<ResourceSliceSpec>

const mostDevices = 128
const mostElaborateDevices = 64
const mostCounterSets = 8

export function validateSliceSpec(spec: Spec, path: string): FieldError[] {
  const { devices, sharedCounters } = spec
  const both = devices !== undefined && sharedCounters !== undefined
  return [
    ...validateDriverName(spec.driver ?? '', `${path}.driver`),
    ...validatePool(spec.pool, `${path}.pool`),
    ...validatePlace(spec, path),
    ...(both ? [invalidField(path, '', 'only one of `sharedCounters` or `devices` is allowed')] : []),
    ...limitedSet(devices, `${path}.devices`, devices?.some(isElaborate) ? mostElaborateDevices : mostDevices, nameOf, (device, at) =>
      validateDevice(device, at, spec.perDeviceNodeSelection === true),
    ),
    ...limitedSet(sharedCounters, `${path}.sharedCounters`, mostCounterSets, nameOf, validateCounterSet),
  ]
}

const nameOf = ({ name = '' }: { readonly name?: string }): string => name

/** Devices that take more room have fewer places. */
const isElaborate = ({ taints, consumesCounters, attributes = {} }: Device): boolean =>
  Boolean(taints?.length || consumesCounters?.length) ||
  Object.values(attributes).some(({ bools, ints, strings, versions }) => bools ?? ints ?? strings ?? versions)

function validatePool(pool: ResourcePool | undefined, path: string): FieldError[] {
  const { name, generation = 0, resourceSliceCount = 0 } = pool ?? {}
  return [
    ...validatePoolName(name, `${path}.name`),
    ...(resourceSliceCount <= 0 ? [invalidField(`${path}.resourceSliceCount`, resourceSliceCount, 'must be greater than zero')] : []),
    ...(generation < 0 ? [invalidField(`${path}.generation`, generation, 'must be greater than or equal to zero')] : []),
  ]
}

const onePlace = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

function validatePlace(spec: Spec, path: string): FieldError[] {
  const { nodeSelector } = spec
  const errors = [...validateNode(spec, path, 'must be either unset or set to a non-empty string'), ...validateAll(spec, path)]
  if (nodeSelector && nodeSelector.nodeSelectorTerms?.length !== 1) {
    const at = `${path}.nodeSelector.nodeSelectorTerms`
    errors.push(invalidField(at, nodeSelector.nodeSelectorTerms, 'must have exactly one node selector term'))
  }
  if (spec.perDeviceNodeSelection === false) {
    errors.push(invalidField(`${path}.perDeviceNodeSelection`, false, 'must be either unset or set to true'))
  }
  const given = [...placesOf(spec), ...(spec.perDeviceNodeSelection ? ['`perDeviceNodeSelection`'] : [])]
  if (given.length === 0) return [...errors, requiredField(path, onePlace)]
  return given.length === 1 ? errors : [...errors, invalidField(path, `{${given.join(', ')}}`, `${onePlace}, but multiple fields are set`)]
}

type Place = Pick<Device, 'allNodes' | 'nodeName' | 'nodeSelector'>

const placesOf = ({ nodeName, nodeSelector, allNodes }: Place): string[] => [
  ...(nodeName ? ['`nodeName`'] : []),
  ...(nodeSelector ? ['`nodeSelector`'] : []),
  ...(allNodes ? ['`allNodes`'] : []),
]

function validateNode({ nodeName, nodeSelector }: Place, path: string, empty: string): FieldError[] {
  const at = `${path}.nodeName`
  return [
    ...(nodeName === '' ? [invalidField(at, nodeName, empty)] : []),
    ...(nodeName ? invalid(at, nodeName, validateDnsSubdomain(nodeName)) : []),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
  ]
}

const validateAll = ({ allNodes }: Place, path: string): FieldError[] =>
  allNodes === false ? [invalidField(`${path}.allNodes`, false, 'must be either unset or set to true')] : []

function validateDevice(device: Device, path: string, choosesNodes: boolean): FieldError[] {
  return [
    ...label(device.name, `${path}.name`),
    ...validateAttributes(device, path),
    ...validateCapacities(device, path),
    ...validateTaints(device.taints, `${path}.taints`),
    ...limitedSet(device.consumesCounters, `${path}.consumesCounters`, 2, one => one.counterSet ?? '', validateConsumption),
    ...(choosesNodes ? validateDevicePlace(device, path) : refuseDevicePlace(device, path)),
    ...validateBindingConditions(device, path),
    ...validateMappings(device, `${path}.nodeAllocatableResourceMappings`),
  ]
}

const ownPlace =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

function validateDevicePlace(device: Device, path: string): FieldError[] {
  const errors = [...validateNode(device, path, 'must not be empty'), ...validateAll(device, path)]
  const given = placesOf(device)
  if (given.length === 0) return [...errors, requiredField(path, ownPlace)]
  return given.length === 1 ? errors : [...errors, invalidField(path, `{${given.join(', ')}}`, ownPlace)]
}

function refuseDevicePlace({ nodeName, nodeSelector, allNodes }: Device, path: string): FieldError[] {
  const why =
    '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const isSet = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined
  return isSet ? [invalidField(path, null, why)] : []
}

const mostCounters = 32

const validateCounterSet = ({ name, counters }: CounterSet, path: string): FieldError[] => [
  ...(name ? label(name, `${path}.name`) : [requiredField(`${path}.name`)]),
  ...validateCounters(counters, `${path}.counters`),
]

const validateConsumption = ({ counterSet, counters }: DeviceCounterConsumption, path: string): FieldError[] => [
  ...(counterSet ? label(counterSet, `${path}.counterSet`) : [requiredField(`${path}.counterSet`)]),
  ...validateCounters(counters, `${path}.counters`),
]

function validateCounters(counters: CounterSet['counters'] | undefined, path: string): FieldError[] {
  const names = Object.keys(counters ?? {})
  if (names.length === 0) return [requiredField(path)]
  return limitedSet(
    names,
    path,
    mostCounters,
    name => name,
    name => label(name, path),
  )
}

/** What a device takes of its node, by the node's resources. */
function validateMappings({ nodeAllocatableResourceMappings: mappings = {}, capacity = {} }: Device, path: string): FieldError[] {
  return Object.entries(mappings).flatMap(([name, { capacityKey, allocationMultiplier }]) => {
    const at = `${path}[${name}]`
    const isOfNode = ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-')
    return [
      ...(isOfNode ? [] : [invalidField(at, name, 'must be a node allocatable resource name')]),
      ...(capacityKey !== undefined && capacity[capacityKey] === undefined ? [notFoundField(`${at}.capacityKey`, capacityKey)] : []),
      ...(allocationMultiplier !== undefined && compareQuantities(allocationMultiplier, '0') <= 0
        ? [invalidField(`${at}.allocationMultiplier`, allocationMultiplier, 'must be positive')]
        : []),
    ]
  })
}

/** What names the slice's part of the pool cannot change. */
export const validateSliceUpdate = ({ spec }: ResourceSlice, { spec: old }: ResourceSlice): FieldError[] => [
  ...immutable(spec?.pool?.name, old?.pool?.name, 'spec.pool.name'),
  ...immutable(spec?.driver, old?.driver, 'spec.driver'),
  ...immutable(spec?.nodeName, old?.nodeName, 'spec.nodeName'),
]
