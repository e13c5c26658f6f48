import { type FieldError, invalidField, requiredField, tooLongField, tooManyField } from '../../../apimachinery/field-error.ts'
import { byteLength, each, notNegative } from '../../core/validation/rules.ts'
import { invalidUnshown } from '../../field-rules.ts'
import type { JobSpec, SuccessPolicy, SuccessPolicyRule } from '../job.ts'
import { countIndexes } from './index-rules.ts'

const maximumRules = 20
const maximumIndexesSize = 64 * 1024

export function validateSuccessPolicy({ completionMode, completions = 0 }: JobSpec, { rules = [] }: SuccessPolicy): FieldError[] {
  const path = 'spec.successPolicy'
  if (completionMode !== 'Indexed') return [invalidUnshown(path, 'requires indexed completion mode')]
  if (rules.length === 0) return [requiredField(`${path}.rules`, `at least one rules must be specified when the ${path} is specified`)]
  if (rules.length > maximumRules) return [tooManyField(`${path}.rules`, rules.length, maximumRules)]
  return each(rules, `${path}.rules`, (rule, at) => validateRule(rule, completions, at))
}

function validateRule({ succeededCount, succeededIndexes }: SuccessPolicyRule, completions: number, path: string): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [requiredField(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  }
  const errors: FieldError[] = []
  let indexes = completions
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`
    if (byteLength(succeededIndexes) > maximumIndexesSize) errors.push(tooLongField(at, maximumIndexesSize))
    try {
      indexes = countIndexes(succeededIndexes, completions)
    } catch (error) {
      errors.push(invalidField(at, succeededIndexes, `error parsing succeededIndexes: ${(error as Error).message}`))
    }
  }
  if (succeededCount === undefined) return errors
  const at = `${path}.succeededCount`
  errors.push(...notNegative(succeededCount, at))
  if (succeededCount > completions) {
    errors.push(invalidField(at, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`))
  }
  if (succeededIndexes !== undefined && succeededCount > indexes) {
    const limit = `must be less than or equal to ${indexes} (the number of indexes in the specified succeededIndexes field)`
    errors.push(invalidField(at, succeededCount, limit))
  }
  return errors
}
