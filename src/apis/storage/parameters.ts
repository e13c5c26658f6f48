import { type FieldError, invalidField, requiredField, tooLongField } from '../../apimachinery/field-error.ts'
import { validateQualifiedName } from '../../apimachinery/names.ts'
import { byteLength, invalid } from '../core/validation/rules.ts'

/** Who makes volumes of a class, and with what settings. */

export const validateProvisioner = (name: string, path: string): FieldError[] =>
  name === '' ? [requiredField(path)] : invalid(path, name, validateQualifiedName(name.toLowerCase()))

const mostParameters = 512
const largestSize = 256 * 1024

export function validateParameters(parameters: Readonly<Record<string, string>>, path: string): FieldError[] {
  const entries = Object.entries(parameters)
  if (entries.length > mostParameters) return [tooLongField(path, mostParameters)]
  const errors = entries.filter(([key]) => key === '').map(([key]) => invalidField(path, key, 'field can not be empty.'))
  return sizeOf(parameters) > largestSize ? [...errors, tooLongField(path, largestSize)] : errors
}

/** What the keys and values of a map take together. */
export const sizeOf = (entries: Readonly<Record<string, string>>): number =>
  Object.entries(entries).reduce((size, [key, value]) => size + byteLength(key) + byteLength(value), 0)

export const largestMetadata = largestSize
