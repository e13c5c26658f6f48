import { type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import type { JsonSchema } from '../../apimachinery/json-schema/index.ts'
import { validateDefaults } from './default-rules.ts'
import { validateSchemaRules } from './rule-validation.ts'
import { validateKeywords } from './schema-rules.ts'
import { validateStructural } from './structural-rules.ts'

/** Everything that must hold for the schema of one version. What comes later rests on what comes before. */
export function validateSchema(schema: JsonSchema | undefined, hasStatus: boolean, path: string): FieldError[] {
  if (!schema) return [requiredField(path, 'schemas are required')]
  const keywords = [...(hasStatus ? validateRootWithStatus(schema, path) : []), ...validateKeywords(schema, path)]
  if (keywords.length > 0) return keywords
  const structural = validateStructural(schema, path)
  return structural.length > 0 ? structural : [...validateDefaults(schema, path), ...validateSchemaRules(schema, path)]
}

const allowedWithStatus = [
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]

// The status is checked apart from the rest, so nothing at the root may speak about both.
function validateRootWithStatus(schema: JsonSchema, path: string): FieldError[] {
  const others = Object.keys(schema).filter(keyword => !allowedWithStatus.includes(keyword))
  if (others.length === 0) return []
  const detail = `only [${allowedWithStatus.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`
  return [invalidField(path, schema, detail)]
}
