import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../../apimachinery/names.ts'
import { compareQuantities, quantityValue } from '../../../apimachinery/quantity.ts'
import { immutable } from '../../field-rules.ts'
import { storageClassAnnotation } from '../access-modes.ts'
import type { PersistentVolumeClaim } from '../persistent-volume-claim.ts'
import { semanticEqual, without } from '../sharing.ts'
import type { PersistentVolumeClaimSpec } from '../volume.ts'
import { describeDifference } from './difference.ts'
import { invalid } from './rules.ts'

/** A claim is what was asked for; only its size and its settings may change, once it is bound. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [spec, before] = [claim.spec ?? {}, old.spec ?? {}]
  const isUpgrade = movesClassFromAnnotation(claim, old)
  const same = withoutChangeable(claim, old, isUpgrade)
  const errors: FieldError[] = []
  if (!isUpgrade) {
    const annotation = (one: PersistentVolumeClaim) => one.metadata.annotations?.[storageClassAnnotation] ?? ''
    errors.push(...immutable(annotation(claim), annotation(old), `metadata.annotations[${storageClassAnnotation}]`))
  }
  if (!semanticEqual(same, before.volumeName ? before : { ...before, volumeName: same.volumeName })) {
    const why = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    errors.push(forbiddenField('spec', `${why}\n${describeDifference(before, spec, 'spec')}`))
  }
  return [
    ...errors,
    ...validateSize(claim, old),
    ...immutable(spec.volumeMode, before.volumeMode, 'volumeMode'),
    ...validateAttributesClass(spec.volumeAttributesClassName, before.volumeAttributesClassName),
  ]
}

/** The new spec, with the old values of what may change. */
function withoutChangeable(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, isUpgrade: boolean): PersistentVolumeClaimSpec {
  const [spec, before] = [claim.spec ?? {}, old.spec ?? {}]
  let same = spec
  if (isUpgrade || fillsClassIn(claim, old)) same = without(same, 'storageClassName')
  if (claim.status?.phase !== 'Bound') return same
  const storage = before.resources?.requests?.storage
  if (same.resources?.requests && storage !== undefined) {
    same = { ...same, resources: { ...same.resources, requests: { ...same.resources.requests, storage } } }
  }
  if (same.volumeAttributesClassName === undefined) return same
  return before.volumeAttributesClassName === undefined
    ? without(same, 'volumeAttributesClassName')
    : { ...same, volumeAttributesClassName: before.volumeAttributesClassName }
}

/** A claim from before there was a field may take over the class that its annotation names. */
function movesClassFromAnnotation({ metadata, spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.metadata.annotations?.[storageClassAnnotation]
  const now = metadata.annotations?.[storageClassAnnotation]
  return (
    before !== undefined &&
    old.spec?.storageClassName === undefined &&
    spec?.storageClassName === before &&
    (now === undefined || now === before)
  )
}

/** A claim without a class gets one when there is a default. */
function fillsClassIn({ spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const annotation = old.metadata.annotations?.[storageClassAnnotation]
  if (spec?.storageClassName === undefined || old.spec?.storageClassName !== undefined) return false
  return annotation === undefined || annotation === spec.storageClassName
}

/** A claim that could not grow may ask for less again, but for more than its volume has. */
function validateSize(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [size = '0', before = '0'] = [claim.spec?.resources?.requests?.storage, old.spec?.resources?.requests?.storage]
  if (compareQuantities(size, before) >= 0 || compareQuantities(size, old.status?.capacity?.storage ?? '0') > 0) return []
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

function validateAttributesClass(name: string | undefined, before: string | undefined): FieldError[] {
  if (before === undefined || name) return []
  const nothing = name === undefined ? 'nil' : 'an empty string'
  return [forbiddenField('spec.volumeAttributesClassName', `update from non-nil value to ${nothing} is forbidden`)]
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
]

export function validateClaimStatus({ spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  const allocated = 'status.allocatedResources'
  const states = 'status.allocatedResourceStatus'
  return [
    ...(spec?.accessModes?.length ? [] : [requiredField('Spec.accessModes')]),
    ...Object.entries(status.capacity ?? {}).flatMap(([name, quantity]) => notNegative(quantity, `status.capacity[${name}]`)),
    ...Object.entries(status.allocatedResourceStatuses ?? {}).flatMap(([name, state]) => [
      ...validateResourceKey(name, states),
      ...(resizeStates.includes(state) ? [] : [unsupportedField(states, name, resizeStates)]),
    ]),
    ...Object.entries(status.allocatedResources ?? {}).flatMap(([name, quantity]) => {
      const errors = validateResourceKey(name, allocated)
      return errors.length > 0 ? errors : notNegative(quantity, `${allocated}[${name}]`)
    }),
  ]
}

const notNegative = (quantity: string, path: string): FieldError[] =>
  compareQuantities(quantity, '0') < 0 ? [invalidField(path, quantityValue(quantity), 'must be a valid resource quantity')] : []

/** `storage`, or a resource of somebody else's domain. */
function validateResourceKey(name: string, path: string): FieldError[] {
  const errors = invalid(path, name, validateQualifiedName(name))
  if (errors.length > 0) return errors
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  return isNative && name !== 'storage' ? [unsupportedField(path, name, ['storage'])] : []
}
