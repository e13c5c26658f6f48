import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import { itemsOf, type JsonSchema } from '../../apimachinery/json-schema/index.ts'

/** Which keywords a schema may use at all, and how they go together. Paths are those of the schema. */
export function validateKeywords(schema: JsonSchema, path: string): FieldError[] {
  return [
    ...unsupportedKeywords(schema, path),
    ...validateTypes(schema, path),
    ...validateListType(schema, path),
    ...validateMapType(schema, path),
    ...subschemas(schema, path).flatMap(([below, belowPath]) => validateKeywords(below, belowPath)),
  ]
}

type Placed = readonly [schema: JsonSchema, path: string]

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)

const keyed = (schemas: Readonly<Record<string, unknown>> = {}, path: string): Placed[] =>
  Object.entries(schemas).flatMap(([name, schema]) => (isSchema(schema) ? [[schema, `${path}[${name}]`] as const] : []))

const indexed = (schemas: readonly JsonSchema[] = [], path: string): Placed[] =>
  schemas.map((schema, index) => [schema, `${path}[${index}]`] as const)

const single = (schema: unknown, path: string): Placed[] => (isSchema(schema) ? [[schema, path]] : [])

/** Every schema directly inside a schema, with its path. */
export function subschemas(schema: JsonSchema, path: string): Placed[] {
  const { items } = schema
  return [
    ...single(schema.additionalProperties, `${path}.additionalProperties`),
    ...keyed(schema.properties, `${path}.properties`),
    ...keyed(schema.patternProperties, `${path}.patternProperties`),
    ...single(schema.additionalItems, `${path}.additionalItems`),
    ...single(schema.not, `${path}.not`),
    ...indexed(schema.allOf, `${path}.allOf`),
    ...indexed(schema.oneOf, `${path}.oneOf`),
    ...indexed(schema.anyOf, `${path}.anyOf`),
    ...keyed(schema.definitions, `${path}.definitions`),
    ...(Array.isArray(items) ? indexed(items, `${path}.items`) : single(items, `${path}.items`)),
    ...keyed(schema.dependencies, `${path}.dependencies`),
  ]
}

const notSupported = ['$ref', 'id', 'definitions', 'dependencies', 'patternProperties', 'additionalItems'] as const

function unsupportedKeywords(schema: JsonSchema, path: string): FieldError[] {
  const errors = notSupported
    .filter(keyword => schema[keyword] !== undefined && schema[keyword] !== '')
    .map(keyword => forbiddenField(`${path}.${keyword}`, `${keyword} is not supported`))
  if (schema.uniqueItems) {
    errors.push(forbiddenField(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  }
  if (Array.isArray(schema.items)) errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'))
  if (schema.additionalProperties === false) {
    errors.push(forbiddenField(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'))
  }
  if (isSchema(schema.additionalProperties) && Object.keys(schema.properties ?? {}).length > 0) {
    errors.push(forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalidField(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  }
  return errors
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

function validateTypes({ type }: JsonSchema, path: string): FieldError[] {
  if (!type || types.includes(type)) return []
  if (type === 'null') return [forbiddenField(`${path}.type`, 'type cannot be set to null, use nullable as an alternative')]
  return [unsupportedField(`${path}.type`, type, types)]
}

/** A type that a keyword asks for. */
function mustHaveType({ type }: JsonSchema, wanted: string, path: string, detail: string): FieldError[] {
  if (type === wanted) return []
  return [type ? invalidField(`${path}.type`, type, detail) : requiredField(`${path}.type`, detail)]
}

function validateMapType(schema: JsonSchema, path: string): FieldError[] {
  const mapType = schema['x-kubernetes-map-type']
  if (mapType === undefined) return []
  const known = ['atomic', 'granular']
  return [
    ...mustHaveType(schema, 'object', path, 'must be object if x-kubernetes-map-type is specified'),
    ...(known.includes(mapType) ? [] : [unsupportedField(`${path}.x-kubernetes-map-type`, mapType, known)]),
  ]
}

const listTypes = ['atomic', 'map', 'set']

function validateListType(schema: JsonSchema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const field = `${path}.x-kubernetes-list-type`
  const errors: FieldError[] = []
  if (listType !== undefined) {
    errors.push(...mustHaveType(schema, 'array', path, 'must be array if x-kubernetes-list-type is specified'))
    if (!listTypes.includes(listType)) errors.push(unsupportedField(field, listType, listTypes))
  }
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    errors.push(listType === undefined ? requiredField(field, detail) : invalidField(field, listType, detail))
  }
  if (listType === 'map') errors.push(...validateKeyedList(schema, keys, path))
  if (listType === 'set') errors.push(...validateSetItems(itemsOf(schema), `${path}.items`))
  return errors
}

function validateKeyedList(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const field = `${path}.x-kubernetes-list-map-keys`
  const items = itemsOf(schema)
  const errors: FieldError[] = []
  if (keys.length === 0) errors.push(requiredField(field, 'must not be empty if x-kubernetes-list-type is map'))
  if (!items) return [...errors, requiredField(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')]
  const objects = "must be object if parent array's x-kubernetes-list-type is map"
  errors.push(...mustHaveType(items, 'object', `${path}.items`, objects))
  if (new Set(keys).size < keys.length) errors.push(invalidField(field, keys, 'must not contain duplicate entries'))
  for (const key of keys) {
    const property = items.properties?.[key]
    if (!property) {
      errors.push(invalidField(field, key, 'entries must all be names of item properties'))
      continue
    }
    const propertyPath = `${path}.items.properties[${key}]`
    if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      errors.push(invalidField(`${propertyPath}.type`, property.type, detail))
    }
    if (property.nullable) {
      errors.push(forbiddenField(`${propertyPath}.nullable`, "cannot be nullable if parent array's x-kubernetes-list-type is map"))
    }
    if (property.default === undefined && !items.required?.includes(key)) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
      errors.push(requiredField(`${propertyPath}.default`, detail))
    }
  }
  return errors
}

/** Items of sets are compared whole, so they may not be merged. */
function validateSetItems(items: JsonSchema | undefined, path: string): FieldError[] {
  if (!items) return []
  const errors: FieldError[] = []
  if (items.nullable) {
    errors.push(forbiddenField(`${path}.nullable`, "cannot be nullable if parent array's x-kubernetes-list-type is set"))
  }
  if (items.type === 'array' && items['x-kubernetes-list-type'] !== undefined && items['x-kubernetes-list-type'] !== 'atomic') {
    const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    errors.push(invalidField(`${path}.x-kubernetes-list-type`, items['x-kubernetes-list-type'], detail))
  }
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    const field = `${path}.x-kubernetes-map-type`
    const mapType = items['x-kubernetes-map-type']
    errors.push(mapType === undefined ? requiredField(field, detail) : invalidField(field, mapType, detail))
  }
  return errors
}
