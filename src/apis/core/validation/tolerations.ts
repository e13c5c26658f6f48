import { duplicateField, type FieldError, invalidField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateLabelValue, validateQualifiedName } from '../../../apimachinery/names.ts'
import type { Taint } from '../node.ts'
import type { Toleration } from '../scheduling-terms.ts'
import { each, invalid, oneOf } from './rules.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export const validateTolerations = (tolerations: readonly Toleration[] | undefined, path: string): FieldError[] =>
  each(tolerations, path, validateToleration)

function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '' } = toleration
  const errors = key ? invalid(`${path}.key`, key, validateQualifiedName(key)) : []
  if (!key && operator !== 'Exists') {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    errors.push(invalidField(`${path}.operator`, operator, why))
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalidField(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  errors.push(...validateOperator(operator, value, `${path}.operator`))
  return effect ? [...errors, ...oneOf(effect, `${path}.effect`, effects)] : errors
}

// An empty operator means Equal. Comparing operators are a feature that is off by default.
function validateOperator(operator: string, value: string, path: string): FieldError[] {
  if (operator === 'Equal' || operator === '') {
    const messages = validateLabelValue(value)
    return messages.length > 0 ? [invalidField(path, value, messages.join(';'))] : []
  }
  if (operator !== 'Exists') return [unsupportedField(path, operator, ['Equal', 'Exists'])]
  return value ? [invalidField(path, value, "value must be empty when `operator` is 'Exists'")] : []
}

export function validateTaints(taints: readonly Taint[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return each(taints, path, (taint, at) => {
    const { key = '', value = '', effect = '' } = taint
    const errors = invalid(`${at}.key`, key, validateQualifiedName(key))
    const messages = validateLabelValue(value)
    if (messages.length > 0) errors.push(invalidField(`${at}.value`, value, messages.join(';')))
    errors.push(...oneOf(effect, `${at}.effect`, effects))
    const pair = `${effect}/${key}`
    if (seen.has(pair)) {
      const error = duplicateField(at, taint)
      errors.push({ ...error, message: `${error.message}: taints must be unique by key and effect pair` })
    }
    seen.add(pair)
    return errors
  })
}
