import {
  duplicateField,
  type FieldError,
  invalidField,
  requiredField,
  tooManyField,
  unsupportedField,
} from '../../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../../apimachinery/names.ts'
import { each, invalid } from '../../core/validation/rules.ts'
import { invalidUnshown, quotedList } from '../../field-rules.ts'
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../job.ts'

const maximumRules = 20
const maximumExitCodes = 255
const maximumConditions = 20

export function validatePodFailurePolicy(spec: JobSpec, policy: PodFailurePolicy): FieldError[] {
  const rules = policy.rules ?? []
  const path = 'spec.podFailurePolicy.rules'
  if (rules.length > maximumRules) return [tooManyField(path, rules.length, maximumRules)]
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {}
  const names = [...containers, ...initContainers].map(container => container.name)
  return each(rules, path, (rule, at) => validateRule(spec, rule, names, at))
}

function validateRule(spec: JobSpec, rule: PodFailurePolicyRule, names: readonly string[], path: string): FieldError[] {
  const { onExitCodes, onPodConditions = [] } = rule
  const errors = validateAction(spec, rule.action, `${path}.action`)
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, names, `${path}.onExitCodes`))
  if (onPodConditions.length) errors.push(...validateConditions(onPodConditions, `${path}.onPodConditions`))
  if (onExitCodes && onPodConditions.length) {
    errors.push(invalidUnshown(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  }
  if (!onExitCodes && !onPodConditions.length) {
    errors.push(invalidUnshown(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  }
  return errors
}

function validateAction(spec: JobSpec, action: string, path: string): FieldError[] {
  const errors = requireListed(action, ['Count', 'FailIndex', 'FailJob', 'Ignore'], path)
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalidField(path, action, 'requires the backoffLimitPerIndex to be set'))
  }
  return errors
}

function validateExitCodes(given: PodFailurePolicyOnExitCodesRequirement, names: readonly string[], path: string): FieldError[] {
  const { containerName, operator, values = [] } = given
  const errors = requireListed(operator, ['In', 'NotIn'], `${path}.operator`)
  if (containerName !== undefined && !names.includes(containerName)) {
    const expected = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalidField(`${path}.containerName`, containerName, expected))
  }
  return [...errors, ...validateExitCodeValues(operator, values, `${path}.values`)]
}

function validateExitCodeValues(operator: string, values: readonly number[], path: string): FieldError[] {
  if (values.length === 0) return [invalidField(path, values, 'at least one value is required')]
  if (values.length > maximumExitCodes) return [tooManyField(path, values.length, maximumExitCodes)]
  const errors: FieldError[] = []
  const seen = new Set<number>()
  for (const [index, value] of values.entries()) {
    // A container that ends with 0 has not failed.
    if (operator === 'In' && value === 0) errors.push(invalidField(`${path}[${index}]`, value, 'must not be 0 for the In operator'))
    if (seen.has(value)) errors.push(duplicateField(`${path}[${index}]`, value))
    seen.add(value)
  }
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value)
  return isOrdered ? errors : [...errors, invalidField(path, values, 'must be ordered')]
}

function validateConditions(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: string): FieldError[] {
  if (patterns.length > maximumConditions) return [tooManyField(path, patterns.length, maximumConditions)]
  return each(patterns, path, ({ type, status }, at) => [
    ...invalid(`${at}.type`, type, validateQualifiedName(type)),
    ...requireListed(status, ['False', 'True', 'Unknown'], `${at}.status`),
  ])
}

const requireListed = (value: string | undefined, supported: readonly string[], path: string): FieldError[] => {
  if (!value) return [requiredField(path, `valid values: ${quotedList(supported)}`)]
  return supported.includes(value) ? [] : [unsupportedField(path, value, supported)]
}
