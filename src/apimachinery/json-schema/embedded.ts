import { decode } from '../codec/decode.ts'
import { DecodeError } from '../codec/decode-error.ts'
import { type FieldError, invalidField, requiredField } from '../field-error.ts'
import { isJsonObject, type JsonObject } from '../json-value.ts'
import { ObjectMeta } from '../meta.ts'
import { validateObjectMeta } from '../object-meta-validation.ts'
import { additionalOf, isEmbeddedResource, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'

/** Whole objects inside an object carry kind, apiVersion and metadata of their own. */
export function validateEmbedded(schema: JsonSchema, value: unknown, path = ''): FieldError[] {
  if (!hasEmbedded(schema)) return []
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    return items ? value.flatMap((item, index) => validateEmbedded(items, item, `${path}[${index}]`)) : []
  }
  if (!isJsonObject(value)) return []
  const additional = additionalOf(schema)
  const below = Object.entries(value).flatMap(([name, member]) => {
    const memberSchema = propertyOf(schema, name) ?? additional
    return memberSchema ? validateEmbedded(memberSchema, member, path ? `${path}.${name}` : name) : []
  })
  return isEmbeddedResource(schema) ? [...validateTypeMeta(value, path), ...validateMetadata(value, path), ...below] : below
}

function validateTypeMeta({ apiVersion, kind }: JsonObject, path: string): FieldError[] {
  return [...validateText(apiVersion, `${path}.apiVersion`), ...validateText(kind, `${path}.kind`)]
}

function validateText(value: unknown, path: string): FieldError[] {
  if (value === undefined || value === '') return [requiredField(path, 'must not be empty')]
  return typeof value === 'string' ? [] : [invalidField(path, value, 'must be a string')]
}

function validateMetadata({ metadata }: JsonObject, path: string): FieldError[] {
  if (metadata === undefined || metadata === null) return []
  const field = `${path}.metadata`
  try {
    const meta = decode(ObjectMeta, metadata)
    // Where an embedded object will live, and under which name, is not decided yet.
    const errors = validateObjectMeta({ ...meta, name: meta.name || meta.generateName || 'x' }, { namespaced: false, custom: true }, field)
    return errors.filter(error => error.field !== `${field}.namespace`)
  } catch (error) {
    if (error instanceof DecodeError) return [invalidField(field, metadata, error.message)]
    throw error
  }
}

const known = new WeakMap<JsonSchema, boolean>()

/** So that values without any are never walked. */
export function hasEmbedded(schema: JsonSchema): boolean {
  const found = known.get(schema)
  if (found !== undefined) return found
  const below = [itemsOf(schema), additionalOf(schema), ...Object.values(schema.properties ?? {})]
  const result = isEmbeddedResource(schema) || below.some(one => one !== undefined && hasEmbedded(one))
  known.set(schema, result)
  return result
}
