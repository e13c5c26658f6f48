/**
 * Errors of validation, each about one field. Together they become the causes of an `Invalid` status.
 * Messages have upstream's shape, since clients and people search for them.
 */
export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.containers[0].name` */
  readonly field: string
  /** The whole text without the field: `Required value`, `Invalid value: "x": must be ...`. */
  readonly message: string
}

export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

export const requiredField = (field: string, detail = ''): FieldError => fieldError('FieldValueRequired', field, 'Required value', detail)
export const forbiddenField = (field: string, detail: string): FieldError => fieldError('FieldValueForbidden', field, 'Forbidden', detail)
export const invalidField = (field: string, value: unknown, detail: string): FieldError =>
  fieldError('FieldValueInvalid', field, `Invalid value: ${formatValue(value)}`, detail)
export const duplicateField = (field: string, value: unknown): FieldError =>
  fieldError('FieldValueDuplicate', field, `Duplicate value: ${formatValue(value)}`, '')
export const notFoundField = (field: string, value: unknown): FieldError =>
  fieldError('FieldValueNotFound', field, `Not found: ${formatValue(value)}`, '')
export const tooLongField = (field: string, maximum: number): FieldError =>
  fieldError('FieldValueTooLong', field, 'Too long', `may not be more than ${maximum} bytes`)
export const tooManyField = (field: string, actual: number, maximum: number): FieldError =>
  fieldError('FieldValueTooMany', field, `Too many: ${actual}`, `must have at most ${maximum} items`)
export const unsupportedField = (field: string, value: unknown, supported: readonly string[]): FieldError =>
  fieldError(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${formatValue(value)}`,
    supported.length
      ? `supported values: ${[...supported]
          .sort()
          .map(one => JSON.stringify(one))
          .join(', ')}`
      : '',
  )
export const typeInvalidField = (field: string, value: unknown, detail: string): FieldError =>
  fieldError('FieldValueTypeInvalid', field, `Invalid value: ${formatValue(value)}`, detail)

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0` */
export const formatFieldError = (error: FieldError): string => `${error.field}: ${error.message}`

function fieldError(type: FieldErrorType, field: string, head: string, detail: string): FieldError {
  return { type, field, message: detail ? `${head}: ${detail}` : head }
}

// Strings and structures appear as upstream's %q and JSON; numbers and booleans bare.
function formatValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  return JSON.stringify(value)
}
