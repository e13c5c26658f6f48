import { type FieldError, forbiddenField, invalidField } from '../../apimachinery/field-error.ts'
import {
  additionalOf,
  defaulterOf,
  isEmbeddedResource,
  itemsOf,
  type JsonSchema,
  prune,
  validateEmbedded,
  validateJson,
  validateLists,
} from '../../apimachinery/json-schema/index.ts'

/** Defaults must themselves keep to the schema, down to the last member. */
export function validateDefaults(schema: JsonSchema, path: string): FieldError[] {
  return validateBelow(schema, path, true, false)
}

function validateBelow(schema: JsonSchema, path: string, isRoot: boolean, insideMeta: boolean): FieldError[] {
  const items = itemsOf(schema)
  const additional = additionalOf(schema)
  const own = schema.default === undefined || isRoot ? [] : validateDefault(schema, schema.default, `${path}.default`, insideMeta)
  return [
    ...(isRoot && schema.default !== undefined ? [forbiddenField(`${path}.default`, 'must not be set at the root')] : own),
    ...(items ? validateBelow(items, `${path}.items`, false, insideMeta) : []),
    ...(additional ? validateBelow(additional, `${path}.additionalProperties`, false, insideMeta) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
      const isMeta = (isRoot || isEmbeddedResource(schema)) && name === 'metadata'
      return validateBelow(property, `${path}.properties[${name}]`, false, insideMeta || (isMeta && isRoot))
    }),
  ]
}

function validateDefault(schema: JsonSchema, value: unknown, path: string, insideMeta: boolean): FieldError[] {
  if (insideMeta) return [forbiddenField(path, 'must not be set in top-level metadata')]
  let unknown = false
  const pruned = prune(schema, value, () => {
    unknown = true
  })
  if (unknown) return [invalidField(path, value, 'must not have unknown fields')]
  const filled = defaulterOf(schema)?.(pruned) ?? pruned
  return [
    ...validateJson(schema, filled, undefined, ''),
    ...validateEmbedded(schema, filled, ''),
    ...validateLists(schema, filled, ''),
  ].map(error => ({ ...error, field: joined(path, error.field) }))
}

function joined(path: string, field: string): string {
  if (field === '<nil>' || field === '') return path
  return field.startsWith('[') ? path + field : `${path}.${field}`
}
