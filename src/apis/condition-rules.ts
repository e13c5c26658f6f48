import {
  duplicateField,
  type FieldError,
  invalidField,
  requiredField,
  tooLongField,
  unsupportedField,
} from '../apimachinery/field-error.ts'
import type { Condition } from '../apimachinery/meta.ts'
import { validateLabelName } from '../apimachinery/object-meta-validation.ts'
import { byteLength, each } from './core/validation/rules.ts'

const longestReason = 1024
const longestMessage = 32 * 1024

/** Conditions of the common form: each type once, and every field as clients rely on. */
export function validateConditions(conditions: readonly Condition[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return each(conditions, path, (condition, at) => {
    const repeated = seen.has(condition.type) ? [duplicateField(`${at}.type`, condition.type)] : []
    seen.add(condition.type)
    return [...repeated, ...validateCondition(condition, at)]
  })
}

function validateCondition(condition: Condition, path: string): FieldError[] {
  const { type, status = '', observedGeneration = 0, lastTransitionTime, reason, message = '' } = condition
  const statuses = ['True', 'False', 'Unknown']
  return [
    ...(type ? validateLabelName(type, `${path}.type`) : [requiredField(`${path}.type`, 'must be set')]),
    ...(statuses.includes(status) ? [] : [unsupportedField(`${path}.status`, status, statuses)]),
    ...(observedGeneration < 0
      ? [invalidField(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...(lastTransitionTime ? [] : [requiredField(`${path}.lastTransitionTime`, 'must be set')]),
    ...(reason ? validateReason(reason, `${path}.reason`) : [requiredField(`${path}.reason`, 'must be set')]),
    ...(byteLength(message) > longestMessage ? [tooLongField(`${path}.message`, longestMessage)] : []),
  ]
}

const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const reasonRule =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' " +
  `(e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonPattern}')`

const validateReason = (reason: string, path: string): FieldError[] => [
  ...(new RegExp(`^${reasonPattern}$`).test(reason) ? [] : [invalidField(path, reason, reasonRule)]),
  ...(byteLength(reason) > longestReason ? [tooLongField(path, longestReason)] : []),
]
