import { badRequest, invalid, type StatusError } from '../../apimachinery/api-errors.ts'
import type { CallOptions } from '../../apimachinery/connection.ts'
import { type FieldError, invalidField, unsupportedField } from '../../apimachinery/field-error.ts'
import { limits } from '../limits.ts'

/** The query parameters of a request under their own names, checked as upstream's decoder checks them. */
export function parseOptions(query: URLSearchParams, operation: 'Create' | 'Update' | 'Patch' | 'Delete' | 'List' | 'Get'): CallOptions {
  const text = (name: string) => query.get(name) || undefined
  const dryRun = query.getAll('dryRun').filter(value => value !== '')
  const options: CallOptions = {
    labelSelector: text('labelSelector'),
    fieldSelector: text('fieldSelector'),
    limit: parseInteger(query, 'limit'),
    continue: text('continue'),
    resourceVersion: text('resourceVersion'),
    resourceVersionMatch: text('resourceVersionMatch') as CallOptions['resourceVersionMatch'],
    allowWatchBookmarks: parseBoolean(query, 'allowWatchBookmarks'),
    sendInitialEvents: parseBoolean(query, 'sendInitialEvents'),
    timeoutSeconds: parseInteger(query, 'timeoutSeconds'),
    dryRun: dryRun.length > 0,
    fieldManager: text('fieldManager'),
    fieldValidation: text('fieldValidation') as CallOptions['fieldValidation'],
    force: parseBoolean(query, 'force'),
    gracePeriodSeconds: parseInteger(query, 'gracePeriodSeconds'),
    propagationPolicy: text('propagationPolicy') as CallOptions['propagationPolicy'],
  }
  const errors = checkWriteOptions(options, dryRun)
  if (errors.length > 0) throw invalidOptions(operation, errors)
  return options
}

export const invalidOptions = (operation: string, errors: readonly FieldError[]): StatusError =>
  invalid('meta.k8s.io', `${operation}Options`, '', errors)

/** What in-process callers pass is typed, but bounded by the same rules. */
export function checkWriteOptions(options: CallOptions, dryRun: readonly string[]): FieldError[] {
  const errors: FieldError[] = []
  for (const value of dryRun) if (value !== 'All') errors.push(unsupportedField('dryRun', dryRun, ['All']))
  const { fieldValidation, fieldManager = '' } = options
  if (fieldValidation && !['Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.push(unsupportedField('fieldValidation', fieldValidation, ['Ignore', 'Strict', 'Warn']))
  }
  if (Buffer.byteLength(fieldManager) > limits.fieldManagerLength) {
    errors.push({
      type: 'FieldValueTooLong',
      field: 'fieldManager',
      message: `Too long: may not be more than ${limits.fieldManagerLength} bytes`,
    })
  }
  if (/[\p{C}]/u.test(fieldManager)) errors.push(invalidField('fieldManager', fieldManager, 'should only contain printable characters'))
  return errors
}

function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (!text) return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

// A parameter that is present without a value, or with anything but "false" and "0", is true: so upstream's decoder reads it.
function parseBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  return text.toLowerCase() !== 'false' && text !== '0'
}
