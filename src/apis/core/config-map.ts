import { type FieldError, invalidField, tooLongField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateConfigMapKey } from '../../apimachinery/names.ts'
import { boolean, bytes, type Infer, map, optional, text } from '../../apimachinery/schema.ts'
import { frozenFields } from '../field-rules.ts'
import { byteLength, invalid } from './validation/rules.ts'

export const ConfigMap = topLevel('io.k8s.api.core.v1.ConfigMap', 'Configuration for pods, as texts or bytes by key.', {
  data: optional(2, map(text), 'Values that are UTF-8 text, by key.'),
  binaryData: optional(3, map(bytes), 'Values that are any bytes, in base64, by key; a key is either here or in data.'),
  immutable: optional(4, boolean, 'If true, data and binaryData can never be changed again.'),
})
export interface ConfigMap extends Infer<typeof ConfigMap> {}

export const configMapKind: Kind<ConfigMap> = defineKind({
  kind: 'ConfigMap',
  resource: 'configmaps',
  group: '',
  version: 'v1',
  schema: ConfigMap,
  scope: 'Namespaced',
  shortNames: ['cm'],
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      description: 'Number of keys in data and binaryData.',
      priority: 0,
      cell: (configMap: ConfigMap) => countKeys(configMap.data) + countKeys(configMap.binaryData),
    },
    ageColumn,
  ],
  strategy: {
    validate: validateConfigMap,
    validateUpdate: (configMap, old) => frozenFields(configMap, old, ['data', 'binaryData']),
    allowUnconditionalUpdate: true,
  },
})

/** What a ConfigMap's or a Secret's values may have together, in bytes. */
export const maximumDataSize = 1024 * 1024

const countKeys = (data: object | undefined): number => (data === undefined ? 0 : Object.keys(data).length)

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    errors.push(...invalid(`data[${key}]`, key, validateConfigMapKey(key)))
    if (Object.hasOwn(binaryData, key)) errors.push(invalidField(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += byteLength(value)
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...invalid(`binaryData[${key}]`, key, validateConfigMapKey(key)))
    size += Buffer.byteLength(value, 'base64')
  }
  // The size belongs to no single field; upstream prints the empty path like this.
  if (size > maximumDataSize) errors.push(tooLongField('[]', maximumDataSize))
  return errors
}
