import { type FieldError, forbiddenField, formatFieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import {
  additionalOf,
  isEmbeddedResource,
  isIntOrString,
  itemsOf,
  type JsonSchema,
  patternProblem,
  preservesUnknown,
} from '../../apimachinery/json-schema/index.ts'
import { jsonEquals } from '../../apimachinery/json-value.ts'

/**
 * Schemas must be structural: every value's type is said in one place, and what stands below `allOf`, `anyOf`, `oneOf` and
 * `not` only restricts it further. Pruning, defaults, apply and OpenAPI rest on that.
 */
export function validateStructural(schema: JsonSchema, path: string): FieldError[] {
  const errors = [...validateSchema(schema, 'root', path), ...validateComplete(schema, path)]
  return errors.sort((a, b) => (formatFieldError(a) < formatFieldError(b) ? -1 : 1))
}

type Level = 'root' | 'item' | 'field'

const emptyType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function validateSchema(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const items = itemsOf(schema)
  const additional = additionalOf(schema)
  return [
    ...(schema.type === 'array' && !items ? [requiredField(`${path}.items`, 'must be specified')] : []),
    ...(items ? validateSchema(items, 'item', `${path}.items`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      validateSchema(property, 'field', `${path}.properties[${name}]`),
    ),
    ...(additional ? validateSchema(additional, 'field', `${path}.additionalProperties`) : []),
    ...validateType(schema, level, path),
    ...validateExtensions(schema, path),
    ...validateValueRules(schema, path, isIntegerOrString(schema.anyOf), isIntegerOrString(schema.allOf?.[0]?.anyOf)),
    ...(level === 'root' || isEmbeddedResource(schema) ? validateMetaFields(schema, level, path) : []),
  ]
}

function validateType(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const { type, additionalProperties } = schema
  const errors: FieldError[] = []
  if (isEmbeddedResource(schema) && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type ? invalidField(`${path}.type`, type, detail) : requiredField(`${path}.type`, detail))
  } else if (!type && !isIntOrString(schema) && !preservesUnknown(schema)) {
    errors.push(requiredField(`${path}.type`, emptyType[level]))
  }
  if (level === 'root' && type && type !== 'object') errors.push(invalidField(`${path}.type`, type, 'must be object at the root'))
  if (level === 'root' && additionalProperties !== undefined) {
    errors.push(forbiddenField(`${path}.additionalProperties`, 'must not be used at the root'))
  }
  if (level === 'root' && schema.nullable) errors.push(forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'))
  return errors
}

function validateExtensions(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const mustBeFalse = 'must be false if x-kubernetes-int-or-string is true'
  if (isIntOrString(schema)) {
    if (preservesUnknown(schema)) errors.push(invalidField(`${path}.x-kubernetes-preserve-unknown-fields`, true, mustBeFalse))
    if (isEmbeddedResource(schema)) errors.push(invalidField(`${path}.x-kubernetes-embedded-resource`, true, mustBeFalse))
  }
  if (!isEmbeddedResource(schema)) return errors
  if (schema.additionalProperties !== undefined) {
    errors.push(forbiddenField(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'))
  }
  if (!preservesUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    const detail = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(requiredField(`${path}.properties`, detail))
  }
  return errors
}

const metaTypes: Readonly<Record<string, string>> = { kind: 'string', apiVersion: 'string', metadata: 'object' }

function validateMetaFields({ properties = {} }: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, type] of Object.entries(metaTypes)) {
    const property = properties[name]
    if (property && property.type !== type) {
      errors.push(invalidField(`${path}.properties[${name}].type`, property.type ?? '', `must be ${type}`))
    }
  }
  if (level === 'root' && properties.metadata && !restrictsNamesOnly(properties.metadata)) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    errors.push(forbiddenField(`${path}.properties[metadata]`, detail))
  }
  return errors
}

const allowedOfMetadata = ['type', 'properties', 'default', 'description']

function restrictsNamesOnly(metadata: JsonSchema): boolean {
  const names = Object.keys(metadata.properties ?? {})
  return (
    Object.keys(metadata).every(keyword => allowedOfMetadata.includes(keyword)) &&
    names.every(name => name === 'name' || name === 'generateName')
  )
}

/** How schemas before x-kubernetes-int-or-string, and generators still, say that a value is an integer or a string. */
const isIntegerOrString = (anyOf: readonly JsonSchema[] | undefined): boolean =>
  anyOf !== undefined && jsonEquals(anyOf, [{ type: 'integer' }, { type: 'string' }])

function validateValueRules(schema: JsonSchema, path: string, skipAnyOf: boolean, skipAnyOfInAllOf: boolean): FieldError[] {
  const nested = (schemas: readonly JsonSchema[] = [], keyword: string) =>
    schemas.flatMap((one, index) => validateNested(one, `${path}.${keyword}[${index}]`))
  const allOf = (schema.allOf ?? []).flatMap((one, index) =>
    validateNested(one, `${path}.allOf[${index}]`, index === 0 && skipAnyOfInAllOf),
  )
  const problem = schema.pattern ? patternProblem(schema.pattern) : undefined
  return [
    ...(skipAnyOf ? [] : nested(schema.anyOf, 'anyOf')),
    ...allOf,
    ...nested(schema.oneOf, 'oneOf'),
    ...(schema.not ? validateNested(schema.not, `${path}.not`) : []),
    ...(problem === undefined
      ? []
      : [invalidField(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${problem}`)]),
  ]
}

const mustBeAbsent: readonly (readonly [keyof JsonSchema, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

/** Below `allOf` and the like only rules about values may stand. */
function validateNested(schema: JsonSchema, path: string, skipAnyOf = false): FieldError[] {
  const items = itemsOf(schema)
  return [
    ...validateValueRules(schema, path, skipAnyOf, false),
    ...(items ? validateNested(items, `${path}.items`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => validateNested(property, `${path}.properties[${name}]`)),
    ...mustBeAbsent
      .filter(([keyword]) => schema[keyword] !== undefined && schema[keyword] !== false && schema[keyword] !== '')
      .map(([keyword, detail]) => forbiddenField(`${path}.${keyword}`, detail)),
    ...(schema.properties?.metadata ? [forbiddenField(`${path}.properties[metadata]`, 'must not be specified in a nested context')] : []),
  ]
}

/** What a rule about values mentions must be specified outside of such rules, too. */
function validateComplete(schema: JsonSchema, path: string): FieldError[] {
  const items = itemsOf(schema)
  const additional = additionalOf(schema)
  return [
    ...nestedOf(schema, path).flatMap(([nested, nestedPath]) => validateMentioned(schema, nested, path, nestedPath)),
    ...(items ? validateComplete(items, `${path}.items`) : []),
    ...(additional ? validateComplete(additional, `${path}.additionalProperties`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => validateComplete(property, `${path}.properties[${name}]`)),
  ]
}

type Placed = readonly [schema: JsonSchema, path: string]

function nestedOf({ allOf = [], anyOf = [], oneOf = [], not }: JsonSchema, path: string): Placed[] {
  const placed = (schemas: readonly JsonSchema[], keyword: string) =>
    schemas.map((one, index): Placed => [one, `${path}.${keyword}[${index}]`])
  return [...placed(allOf, 'allOf'), ...placed(anyOf, 'anyOf'), ...placed(oneOf, 'oneOf'), ...(not ? [[not, `${path}.not`] as const] : [])]
}

function validateMentioned(complete: JsonSchema, nested: JsonSchema, path: string, nestedPath: string): FieldError[] {
  const errors: FieldError[] = []
  const nestedItems = itemsOf(nested)
  const items = itemsOf(complete)
  if (nestedItems) {
    if (items) errors.push(...validateMentioned(items, nestedItems, `${path}.items`, `${nestedPath}.items`))
    else errors.push(requiredField(`${path}.items`, `because it is defined in ${nestedPath}.items`))
  }
  for (const [name, property] of Object.entries(nested.properties ?? {})) {
    const known = complete.properties?.[name] ?? additionalOf(complete)
    const knownPath = `${path}.properties[${name}]`
    if (known) errors.push(...validateMentioned(known, property, knownPath, `${nestedPath}.properties[${name}]`))
    else errors.push(requiredField(knownPath, `because it is defined in ${nestedPath}.properties[${name}]`))
  }
  for (const [below, belowPath] of nestedOf(nested, nestedPath)) errors.push(...validateMentioned(complete, below, path, belowPath))
  return errors
}
