import { type FieldError, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import type { Binding } from '../binding.ts'

/** A pod is bound to a node, and to nothing else. */
export function validateBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = []
  if (target?.kind && target.kind !== 'Node') errors.push(unsupportedField('target.kind', target.kind, ['Node', '<empty>']))
  if (!target?.name) errors.push(requiredField('target.name'))
  return errors
}
