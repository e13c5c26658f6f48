import type { FieldError, FieldErrorType } from '../field-error.ts'
import { isJsonObject, type JsonObject, jsonEquals, memberOf } from '../json-value.ts'
import { correlatedItems } from './correlate.ts'
import { hasFormat, isKnownFormat } from './formats.ts'
import { additionalOf, isIntOrString, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'
import { matchesPattern } from './pattern.ts'

/** What a value was before an update; absent where nothing can be said to have been it. */
export interface Old {
  readonly value: unknown
}

/**
 * What is wrong with a value, in upstream's words. What an update leaves as it was may stay wrong (ratcheting): errors of a
 * value that equals its old one are not told.
 */
export function validateJson(schema: JsonSchema, value: unknown, old?: Old, path = ''): FieldError[] {
  const errors = check(schema, value, old, path)
  return errors.length > 0 && old && jsonEquals(old.value, value) ? [] : errors
}

function check(schema: JsonSchema, value: unknown, old: Old | undefined, path: string): FieldError[] {
  if (value === null || value === undefined) return [...checkType(schema, null, path), ...checkEnum(schema, null, path)]
  const errors: FieldError[] = []
  const add = (found: readonly FieldError[]) => {
    for (const error of found) errors.push(error)
  }
  add(checkType(schema, value, path))
  if (schema.allOf || schema.anyOf || schema.oneOf || schema.not) add(checkCombined(schema, value, old, path))
  if (typeof value === 'string') add(checkText(schema, value, path))
  else if (typeof value === 'number') add(checkNumber(schema, value, path))
  else if (Array.isArray(value)) add(checkItems(schema, value, old, path))
  if (schema.enum) add(checkEnum(schema, value, path))
  if (isJsonObject(value)) add(checkMembers(schema, value, old, path))
  return errors
}

const fieldOf = (path: string): string => path || '<nil>'

function problem(path: string, value: unknown, text: string, type: FieldErrorType = 'FieldValueInvalid'): FieldError {
  return { type, field: fieldOf(path), message: `Invalid value: ${JSON.stringify(value)}: ${path && `${path} `}in body ${text}` }
}

export function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function checkType(schema: JsonSchema, value: unknown, path: string): FieldError[] {
  const wanted = isIntOrString(schema) ? 'integer,string' : schema.type
  if (!wanted || (value === null && schema.nullable)) return []
  const found = jsonTypeOf(value)
  if (wanted === found || (wanted === 'number' && found === 'integer') || (wanted === 'integer,string' && wanted.includes(found))) {
    return typeof value === 'number' ? checkRange(schema, value, path) : []
  }
  return [problem(path, found, `must be of type ${wanted}: ${JSON.stringify(found)}`, 'FieldValueTypeInvalid')]
}

const integerRanges: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 }

/** Numbers must fit the format that they are said to have. */
function checkRange({ format = '', type }: JsonSchema, value: number, path: string): FieldError[] {
  const range = type === 'integer' && Object.hasOwn(integerRanges, format) ? integerRanges[format] : undefined
  if (range === undefined || (value >= -range && value < range)) return []
  return [problem(path, value, `must be of type ${format}: ${JSON.stringify(String(value))}`, 'FieldValueTypeInvalid')]
}

function checkEnum(schema: JsonSchema, value: unknown, path: string): FieldError[] {
  if (!schema.enum || schema.enum.some(allowed => jsonEquals(allowed, value)) || (value === null && isNullTyped(schema))) return []
  const supported = schema.enum.map(allowed => JSON.stringify(typeof allowed === 'string' ? allowed : JSON.stringify(allowed)))
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.join(', ')}`
  return [{ type: 'FieldValueNotSupported', field: fieldOf(path), message }]
}

// A null that may not be one is told as such, once.
const isNullTyped = (schema: JsonSchema): boolean => schema.type !== undefined && !schema.nullable

/** Characters as people count them, not UTF-16 units. */
function lengthOf(text: string): number {
  let length = text.length
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit < 0xdc00) {
      length--
      index++
    }
  }
  return length
}

function checkText(schema: JsonSchema, value: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { maxLength, minLength, pattern, format } = schema
  if (maxLength !== undefined && value.length > maxLength && lengthOf(value) > maxLength) {
    errors.push({ type: 'FieldValueTooLong', field: fieldOf(path), message: `Too long: may not be more than ${maxLength} bytes` })
  }
  if (minLength !== undefined && lengthOf(value) < minLength)
    errors.push(problem(path, value, `should be at least ${minLength} chars long`))
  if (pattern && !matchesPattern(schema, pattern, value)) errors.push(problem(path, value, `should match '${pattern}'`))
  if (format && isKnownFormat(format) && !hasFormat(format, value)) {
    errors.push(problem(path, value, `must be of type ${format}: ${JSON.stringify(value)}`, 'FieldValueTypeInvalid'))
  }
  return errors
}

function checkNumber(schema: JsonSchema, value: number, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema
  if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(value, multipleOf)) {
    errors.push(problem(path, value, `should be a multiple of ${multipleOf}`))
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    errors.push(problem(path, value, exclusiveMaximum ? `should be less than ${maximum}` : `should be less than or equal to ${maximum}`))
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    const bound = exclusiveMinimum ? `should be greater than ${minimum}` : `should be greater than or equal to ${minimum}`
    errors.push(problem(path, value, bound))
  }
  return errors
}

/** 0.3 is a multiple of 0.1, whatever floating point makes of their quotient. */
function isMultiple(value: number, factor: number): boolean {
  const quotient = factor < 1 ? value * (1 / factor) : value / factor
  const distance = Math.abs(quotient - Math.round(quotient))
  return distance === 0 || distance < Math.abs(quotient) * 1e-9
}

const tooMany = (path: string, actual: number, maximum: number): FieldError => ({
  type: 'FieldValueTooMany',
  field: fieldOf(path),
  message: `Too many: ${actual}: must have at most ${maximum} items`,
})

function checkItems(schema: JsonSchema, items: readonly unknown[], old: Old | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const itemSchema = itemsOf(schema)
  if (itemSchema) {
    const before = old && correlatedItems(schema, old.value)
    for (let index = 0; index < items.length; index++) {
      const item = items[index]
      for (const error of validateJson(itemSchema, item, before?.(item), `${path}[${index}]`)) errors.push(error)
    }
  }
  const { minItems, maxItems, uniqueItems } = schema
  if (minItems !== undefined && items.length < minItems) errors.push(problem(path, items.length, `should have at least ${minItems} items`))
  if (maxItems !== undefined && items.length > maxItems) errors.push(tooMany(path, items.length, maxItems))
  if (uniqueItems && hasDuplicates(items)) errors.push(problem(path, items, "shouldn't contain duplicates"))
  return errors
}

const hasDuplicates = (items: readonly unknown[]): boolean =>
  items.some((item, index) => items.slice(0, index).some(earlier => jsonEquals(earlier, item)))

function checkMembers(schema: JsonSchema, value: JsonObject, old: Old | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { minProperties, maxProperties, required, properties } = schema
  if (minProperties !== undefined || maxProperties !== undefined) {
    const count = Object.keys(value).length
    if (minProperties !== undefined && count < minProperties) {
      errors.push(problem(path, count, `should have at least ${minProperties} properties`))
    }
    if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(path, count, maxProperties))
  }
  for (const name of required ?? []) {
    if (memberOf(value, name) === undefined) errors.push({ type: 'FieldValueRequired', field: join(path, name), message: 'Required value' })
  }
  const additional = additionalOf(schema)
  if (!properties && !additional) return errors
  const before = old && isJsonObject(old.value) ? old.value : undefined
  for (const name in value) {
    const member = value[name]
    if (member === undefined) continue
    const memberSchema = propertyOf(schema, name) ?? additional
    if (!memberSchema) continue
    const oldMember = before && Object.hasOwn(before, name) ? { value: before[name] } : undefined
    for (const error of validateJson(memberSchema, member, oldMember, join(path, name))) errors.push(error)
  }
  return errors
}

const join = (path: string, name: string): string => (path ? `${path}.${name}` : name)

/** Upstream tells of these without a field. */
const combined = (path: string, text: string): FieldError => ({
  type: 'FieldValueInvalid',
  field: '<nil>',
  message: `Invalid value: "": ${JSON.stringify(path)} ${text}`,
})

function checkCombined({ allOf, anyOf, oneOf, not }: JsonSchema, value: unknown, old: Old | undefined, path: string): FieldError[] {
  const errorsOf = (schema: JsonSchema) => validateJson(schema, value, old, path)
  const errors: FieldError[] = []
  if (anyOf?.length) {
    const failures = failuresOf(anyOf, errorsOf, true)
    if (failures.valid === 0) errors.push(combined(path, 'must validate at least one schema (anyOf)'), ...failures.best)
  }
  if (oneOf?.length) {
    const { valid, best } = failuresOf(oneOf, errorsOf, false)
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
    if (valid !== 1) errors.push(combined(path, `must validate one and only one schema (oneOf). ${found}`), ...best)
  }
  if (allOf?.length) {
    const all = allOf.map(errorsOf)
    const valid = all.filter(one => one.length === 0).length
    if (valid < all.length) {
      errors.push(combined(path, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`), ...all.flat())
    }
  }
  if (not && errorsOf(not).length === 0) errors.push(combined(path, 'must not validate the schema (not)'))
  return errors
}

/** How many alternatives hold; of none, what the nearest one misses. */
function failuresOf(
  alternatives: readonly JsonSchema[],
  errorsOf: (schema: JsonSchema) => FieldError[],
  oneIsEnough: boolean,
): { readonly valid: number; readonly best: readonly FieldError[] } {
  let valid = 0
  let best: readonly FieldError[] | undefined
  for (const alternative of alternatives) {
    const errors = errorsOf(alternative)
    if (errors.length > 0) {
      if (best === undefined || errors.length < best.length) best = errors
      continue
    }
    valid++
    if (oneIsEnough) break
  }
  return { valid, best: valid > 0 ? [] : (best ?? []) }
}
