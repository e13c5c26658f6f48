import { duplicateField, type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { validateLabelValue, validateQualifiedName } from '../../apimachinery/names.ts'
import { each, invalid, oneOf } from '../core/validation/rules.ts'
import type { DeviceToleration } from './resource-claim-spec.ts'
import type { DeviceTaint } from './resource-slice.ts'
import { limitedList } from './rules.ts'

/** Taints of devices, tolerations of requests, and conditions of binding. */

const effects = ['NoExecute', 'NoSchedule', 'None']
const mostOfEach = 16

export const validateTaints = (taints: readonly DeviceTaint[] | undefined, path: string): FieldError[] =>
  limitedList(taints, path, mostOfEach, ({ key = '', value = '', effect }, at) => [
    ...invalid(`${at}.key`, key, validateQualifiedName(key)),
    ...(value ? invalid(`${at}.value`, value, validateLabelValue(value)) : []),
    ...oneOf(effect, `${at}.effect`, effects),
  ])

export const validateTolerations = (tolerations: readonly DeviceToleration[] | undefined, path: string): FieldError[] =>
  limitedList(tolerations, path, mostOfEach, ({ key, operator, value = '', effect }, at) => [
    ...(key ? invalid(`${at}.key`, key, validateQualifiedName(key)) : []),
    ...validateOperator(operator, value, at),
    ...(effect ? oneOf(effect, `${at}.effect`, effects) : []),
  ])

function validateOperator(operator: string | undefined, value: string, path: string): FieldError[] {
  if (operator === 'Equal') return invalid(`${path}.value`, value, validateLabelValue(value))
  if (operator === 'Exists') return value ? [invalidField(`${path}.value`, value, 'must be empty for operator `Exists`')] : []
  return oneOf(operator, `${path}.operator`, ['Equal', 'Exists'])
}

interface BindingConditions {
  readonly bindingConditions?: readonly string[]
  readonly bindingFailureConditions?: readonly string[]
}

const mostConditions = 4

/** Whoever waits for conditions must also say which ones mean failure. */
export function validateBindingConditions(given: BindingConditions, path: string): FieldError[] {
  const { bindingConditions: wanted = [], bindingFailureConditions: failures = [] } = given
  const named = (conditions: readonly string[], at: string) =>
    limitedList(conditions, at, mostConditions, (one, oneAt) => invalid(oneAt, one, validateQualifiedName(one)))
  const [wantedAt, failuresAt] = [`${path}.bindingConditions`, `${path}.bindingFailureConditions`]
  return [
    ...named(wanted, wantedAt),
    ...named(failures, failuresAt),
    ...each(wanted, wantedAt, (one, at, index) => (wanted.indexOf(one) < index ? [duplicateField(at, one)] : [])),
    ...each(failures, failuresAt, (one, at, index) => [
      ...(failures.indexOf(one) < index ? [duplicateField(at, one)] : []),
      ...(wanted.includes(one) ? [invalidField(at, one, 'bindingFailureConditions must not overlap with bindingConditions')] : []),
    ]),
    ...(failures.length > 0 && wanted.length === 0
      ? [invalidField(wantedAt, given.bindingConditions, 'bindingConditions are required to use bindingFailureConditions')]
      : []),
    ...(wanted.length > 0 && failures.length === 0
      ? [invalidField(failuresAt, given.bindingFailureConditions, 'bindingFailureConditions are required to use bindingConditions')]
      : []),
  ]
}
