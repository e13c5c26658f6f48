import { type FieldError, forbiddenField, invalidField } from '../apimachinery/field-error.ts'
import { validatePercentage } from '../apimachinery/names.ts'
import { semanticEqual } from './core/sharing.ts'
import { invalid, notNegative } from './core/validation/rules.ts'

/** Rules of fields that several kinds share, beside those that pods need too (`core/validation/rules.ts`). */

export const immutable = (value: unknown, old: unknown, path: string): FieldError[] =>
  semanticEqual(value, old) ? [] : [invalidField(path, value, 'field is immutable')]

/** An error about a value that is too long or secret to be shown. */
export const invalidUnshown = (field: string, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${detail}`,
})

/** Data of ConfigMaps and Secrets whose `immutable` is set. */
export function frozenFields<T extends { readonly immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!old.immutable) return []
  const changed = fields.filter(field => !semanticEqual(object[field], old[field]))
  return [...(object.immutable ? [] : ['immutable']), ...changed].map(field =>
    forbiddenField(field, 'field is immutable when `immutable` is set'),
  )
}

export function notNegativeOrPercent(value: number | string | undefined, path: string): FieldError[] {
  if (typeof value === 'string') return invalid(path, value, validatePercentage(value))
  return notNegative(value, path)
}

export function atMostHundredPercent(value: number | string | undefined, path: string): FieldError[] {
  const tooMuch = typeof value === 'string' && validatePercentage(value).length === 0 && Number.parseInt(value, 10) > 100
  return tooMuch ? [invalidField(path, value, 'must not be greater than 100%')] : []
}

/** A list of strings as Go's `%q` prints it: `["a" "b"]`. */
export const quotedList = (values: readonly string[]): string => `[${values.map(value => JSON.stringify(value)).join(' ')}]`

/** No number, none of it, and `0%` all mean that there is none. */
export const isZeroCount = (value: number | string | undefined): boolean =>
  typeof value === 'string' ? (Number.parseInt(value, 10) || 0) === 0 : (value ?? 0) === 0

export const notDecremented = (value: number | undefined, old: number | undefined, path: string): FieldError[] =>
  (value ?? 0) < (old ?? 0) ? [invalidField(path, value ?? 0, 'cannot be decremented')] : []
