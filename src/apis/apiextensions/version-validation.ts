import { duplicateField, type FieldError, invalidField, requiredField, tooManyField } from '../../apimachinery/field-error.ts'
import { type JsonSchema, propertyOf } from '../../apimachinery/json-schema/index.ts'
import { parseJsonPath, simplePathOf } from '../../apimachinery/json-schema/json-path.ts'
import { each, required } from '../core/validation/rules.ts'
import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion } from './custom-resource-definition-types.ts'
import { label } from './names-validation.ts'
import { validateSchema } from './schema-validation.ts'

export function validateVersion(version: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const { name, schema, subresources, additionalPrinterColumns, selectableFields, deprecated, deprecationWarning } = version
  const schemaPath = `${path}.schema.openAPIV3Schema`
  const hasStatus = subresources?.status !== undefined
  const { scale } = subresources ?? {}
  return [
    ...label(name, `${path}.name`, true),
    ...(deprecationWarning === undefined
      ? []
      : validateDeprecationWarning(deprecationWarning, deprecated === true, `${path}.deprecationWarning`)),
    ...validateSchema(schema?.openAPIV3Schema, hasStatus, schemaPath),
    ...each(additionalPrinterColumns, `${path}.additionalPrinterColumns`, validateColumn),
    ...(scale ? validateScale(scale, `${path}.subresources.scale`) : []),
    ...validateSelectableFields(selectableFields, schema?.openAPIV3Schema, `${path}.selectableFields`),
  ]
}

function validateDeprecationWarning(warning: string, deprecated: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!deprecated) errors.push(invalidField(path, warning, 'can only be set for deprecated versions'))
  if (warning === '') errors.push(invalidField(path, warning, 'must not be empty string'))
  if (Buffer.byteLength(warning) > 256) errors.push(invalidField(path, warning, 'must be <= 256 characters long'))
  if ([...warning].some(character => /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u.test(character))) {
    errors.push(invalidField(path, warning, 'must only contain printable UTF-8 characters'))
  }
  return errors
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function validateColumn(column: CustomResourceColumnDefinition, path: string): FieldError[] {
  const { name, type, format, jsonPath } = column
  const errors = [...required(name, `${path}.name`), ...required(type, `${path}.type`)]
  if (type && !columnTypes.includes(type)) errors.push(invalidField(`${path}.type`, type, `must be one of ${columnTypes.join(',')}`))
  if (format && !columnFormats.includes(format)) {
    errors.push(invalidField(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`))
  }
  return [...errors, ...(jsonPath ? validatePath(jsonPath, `${path}.jsonPath`) : [requiredField(`${path}.jsonPath`)])]
}

function validatePath(jsonPath: string, path: string): FieldError[] {
  if (!jsonPath.startsWith('.')) return [invalidField(path, jsonPath, 'must be a simple json path starting with .')]
  const parsed = parseJsonPath(jsonPath)
  return 'problem' in parsed ? [invalidField(path, jsonPath, `is an invalid JSON path: ${parsed.problem}`)] : []
}

function validateScale(
  scale: NonNullable<NonNullable<CustomResourceDefinitionVersion['subresources']>['scale']>,
  path: string,
): FieldError[] {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  return [
    ...pathBelow(specReplicasPath, `${path}.specReplicasPath`, ['.spec.'], 'should be a json path under .spec'),
    ...pathBelow(statusReplicasPath, `${path}.statusReplicasPath`, ['.status.'], 'should be a json path under .status'),
    ...(labelSelectorPath
      ? pathBelow(
          labelSelectorPath,
          `${path}.labelSelectorPath`,
          ['.spec.', '.status.'],
          'should be a json path under either .spec or .status',
        )
      : []),
  ]
}

function pathBelow(jsonPath: string | undefined, path: string, roots: readonly string[], detail: string): FieldError[] {
  if (!jsonPath) return [requiredField(path)]
  const invalid = validatePath(jsonPath, path)
  if (invalid.length > 0) return invalid
  if (!simplePathOf(jsonPath)) return [invalidField(path, jsonPath, 'must be a simple json path')]
  return roots.some(root => jsonPath.startsWith(root)) ? [] : [invalidField(path, jsonPath, detail)]
}

const maximumSelectableFields = 8

function validateSelectableFields(
  fields: CustomResourceDefinitionVersion['selectableFields'] = [],
  schema: JsonSchema | undefined,
  path: string,
): FieldError[] {
  const errors = fields.length > maximumSelectableFields ? [tooManyField(path, fields.length, maximumSelectableFields)] : []
  const seen = new Set<string>()
  for (const [index, { jsonPath }] of fields.entries()) {
    const field = `${path}[${index}].jsonPath`
    if (!jsonPath) errors.push(requiredField(field))
    else if (seen.has(jsonPath)) errors.push(duplicateField(field, jsonPath))
    else errors.push(...validateSelectable(jsonPath, schema, field))
    seen.add(jsonPath)
  }
  return errors
}

function validateSelectable(jsonPath: string, schema: JsonSchema | undefined, field: string): FieldError[] {
  const names = simplePathOf(jsonPath)
  if (!names || names.length === 0) return [invalidField(field, jsonPath, 'is an invalid path: must be a simple path of field names')]
  if (names[0] === 'metadata') return [invalidField(field, jsonPath, 'must not point to fields in metadata')]
  let at: JsonSchema | undefined = schema
  for (const name of names) at = at && propertyOf(at, name)
  if (!at) return [invalidField(field, jsonPath, `is an invalid path: does not refer to a valid field`)]
  const isSelectable = ['string', 'boolean', 'integer'].includes(at.type ?? '')
  const detail = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
  return isSelectable ? [] : [invalidField(field, jsonPath, detail)]
}

export function validateVersionSet(versions: readonly CustomResourceDefinitionVersion[], path: string): FieldError[] {
  const errors: FieldError[] = []
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalidField(path, versions, 'must contain unique version names'))
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(invalidField(path, versions, 'must have exactly one version marked as storage version'))
  }
  return errors
}

/** Versions in which objects may lie in the store can't be taken away. */
export function validateStoredVersions(
  stored: readonly string[],
  versions: readonly CustomResourceDefinitionVersion[],
  path: string,
): FieldError[] {
  const storage = versions.find(version => version.storage)?.name
  const errors: FieldError[] = []
  if (stored.length === 0) return [invalidField(path, stored, 'must have at least one stored version')]
  for (const [index, name] of stored.entries()) {
    if (!versions.some(version => version.name === name)) {
      const detail =
        'missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions'
      errors.push(invalidField(`${path}[${index}]`, name, detail.replaceAll('v1', name)))
    }
  }
  if (storage !== undefined && !stored.includes(storage)) {
    errors.push(invalidField(path, stored, `must have the storage version ${storage}`))
  }
  return errors
}
