import { type FieldError, forbiddenField, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import { addQuantities, compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, Device } from './resource-slice.ts'
import { limitedSet, validateAttributeName } from './rules.ts'

/** Capacities of a device; only one that can be shared says in which amounts it can be had. */
export function validateCapacities({ capacity = {}, allowMultipleAllocations }: Device, path: string): FieldError[] {
  return Object.entries(capacity).flatMap(([name, { value, requestPolicy }]) => {
    const at = `${path}.capacity[${name}].requestPolicy`
    const errors = validateAttributeName(name, `${path}.capacity`)
    if (!requestPolicy) return errors
    return [
      ...errors,
      ...(allowMultipleAllocations
        ? validatePolicy(value, requestPolicy, at)
        : [forbiddenField(at, 'allowMultipleAllocations must be true')]),
    ]
  })
}

function validatePolicy(capacity: string, policy: CapacityRequestPolicy, path: string): FieldError[] {
  const { default: preset, validValues = [], validRange } = policy
  if (validValues.length > 0 && validRange) {
    const why = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
    return [forbiddenField(path, why)]
  }
  if (validValues.length === 0 && !validRange) return []
  const field = validRange ? 'validRange' : 'validValues'
  if (preset === undefined) return [requiredField(`${path}.default`, `required when ${field} is defined`)]
  return validRange
    ? validateRange(preset, capacity, validRange, `${path}.${field}`)
    : validateValues(preset, capacity, validValues, `${path}.${field}`)
}

const mostValues = 10

function validateValues(preset: string, capacity: string, values: readonly string[], path: string): FieldError[] {
  const unsorted = values.flatMap((value, index) =>
    index > 0 && compareQuantities(values[index - 1] as string, value) > 0
      ? [invalidField(`${path}[${index}]`, value, 'values must be sorted in ascending order')]
      : [],
  )
  const tooLarge = `option is larger than capacity value: ${capacity}`
  const hasPreset = values.some(value => compareQuantities(value, preset) === 0)
  return [
    ...unsorted,
    ...limitedSet(
      values,
      path,
      mostValues,
      value => String(parseQuantity(value).nanos / nanosOfOne),
      (value, at) => (compareQuantities(value, capacity) > 0 ? [invalidField(at, value, tooLarge)] : []),
    ),
    ...(hasPreset ? [] : [invalidField(path, preset, 'default value is not valid according to the requestPolicy')]),
  ]
}

const nanosOfOne = 1_000_000_000n

function validateRange(preset: string, capacity: string, range: CapacityRequestPolicyRange, path: string): FieldError[] {
  const { min, max } = range
  if (min === undefined) return [requiredField(`${path}.min`, 'required when validRange is defined')]
  const isMore = (a: string, b: string) => compareQuantities(a, b) > 0
  const refuse = (when: boolean, field: string, value: string, why: string) => (when ? [invalidField(`${path}.${field}`, value, why)] : [])
  return [
    ...refuse(isMore(min, capacity), 'min', min, `min is larger than capacity value: ${capacity}`),
    ...refuse(isMore(min, preset), 'default', preset, `default is less than min: ${min}`),
    ...(max === undefined
      ? []
      : [
          ...refuse(isMore(min, max), 'max', min, `min is larger than max: ${max}`),
          ...refuse(isMore(max, capacity), 'max', max, `max is larger than capacity value: ${capacity}`),
          ...refuse(isMore(preset, max), 'default', preset, `default is more than max: ${max}`),
        ]),
    ...validateStep(preset, capacity, { ...range, min }, `${path}.step`),
  ]
}

function validateStep(preset: string, capacity: string, { min, max, step }: CapacityRequestPolicyRange, path: string): FieldError[] {
  if (step === undefined) return []
  if (compareQuantities(step, '0') <= 0) return [invalidField(path, step, 'must be greater than zero')]
  const next = addQuantities(min, step)
  const tooLarge = `one step ${next} is larger than capacity value: ${capacity}`
  const [first, distance] = [parseQuantity(min).nanos, parseQuantity(step).nanos]
  const beside = [preset, ...(max === undefined ? [] : [max])].filter(value => (parseQuantity(value).nanos - first) % distance !== 0n)
  return [
    ...(compareQuantities(next, capacity) > 0 ? [invalidField(path, step, tooLarge)] : []),
    ...beside.map(value => invalidField(path, value, `value is not a multiple of a given step (${step}) from (${min})`)),
  ]
}
