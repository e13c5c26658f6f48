import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'

/** Small rules that the validation of many fields is put together from. Each gives the errors of one value. */

/** Applies a rule to every item of a list, with the item's path. */
export function each<T>(
  items: readonly T[] | undefined,
  path: string,
  rule: (item: T, path: string, index: number) => readonly FieldError[],
): FieldError[] {
  if (!items) return []
  return items.flatMap((item, index) => rule(item, `${path}[${index}]`, index))
}

/** Texts of a name rule as errors of one field. */
export const invalid = (path: string, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.length === 0 ? [] : messages.map(message => invalidField(path, value, message))

export const required = (value: unknown, path: string): FieldError[] =>
  value === undefined || value === null || value === '' ? [requiredField(path)] : []

/** A name that must be there and follow a rule. */
export const requiredName = (value: string | undefined, path: string, rule: (value: string) => string[]): FieldError[] =>
  value ? invalid(path, value, rule(value)) : [requiredField(path)]

/** A name that may be absent. */
export const optionalName = (value: string | undefined, path: string, rule: (value: string) => string[]): FieldError[] =>
  value ? invalid(path, value, rule(value)) : []

/** A value that must be one of a few; absent is an error of its own. */
export function oneOf(value: string | undefined, path: string, supported: readonly string[]): FieldError[] {
  if (!value) return [requiredField(path)]
  return supported.includes(value) ? [] : [unsupportedField(path, value, supported)]
}

/** A value that may be absent, or one of a few. */
export const optionalOneOf = (value: string | undefined, path: string, supported: readonly string[]): FieldError[] =>
  value === undefined || supported.includes(value) ? [] : [unsupportedField(path, value, supported)]

export const notNegative = (value: number | undefined, path: string): FieldError[] =>
  value !== undefined && value < 0 ? [invalidField(path, value, 'must be greater than or equal to 0')] : []

export const inRange = (value: number | undefined, path: string, minimum: number, maximum: number): FieldError[] =>
  value !== undefined && (value < minimum || value > maximum)
    ? [invalidField(path, value, `must be between ${minimum} and ${maximum}, inclusive`)]
    : []

export const maximumInt32 = 2 ** 31 - 1

/** Users and groups: what Linux takes. */
export const validId = (value: number | undefined, path: string): FieldError[] => inRange(value, path, 0, maximumInt32)

export const fileMode = (value: number | undefined, path: string): FieldError[] =>
  value !== undefined && (value < 0 || value > 0o777)
    ? [invalidField(path, value, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : []

/** Fields of an object that must not be set here; empty lists and strings count as unset. */
export function forbidFields<T extends object>(
  object: T | undefined,
  path: string,
  fields: readonly (keyof T & string)[],
  why: string,
): FieldError[] {
  if (object === undefined) return []
  return fields.filter(field => isSet(object[field])).map(field => forbiddenField(`${path}.${field}`, why))
}

export const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)

/** Byte length, which is what upstream's limits count. */
export const byteLength = (text: string): number => Buffer.byteLength(text)
