import { type FieldError, forbiddenField, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, map, optional, required, text } from '../../apimachinery/schema.ts'
import { semanticEqual } from '../core/sharing.ts'
import { validateParameters, validateProvisioner } from './parameters.ts'

export const VolumeAttributesClass = topLevel(
  'io.k8s.api.storage.v1.VolumeAttributesClass',
  'Settings of volumes that can be changed while they are used.',
  {
    driverName: required(2, text, 'CSI driver whose volumes can have them.'),
    parameters: optional(3, map(text), 'The settings.'),
  },
)
export interface VolumeAttributesClass extends Infer<typeof VolumeAttributesClass> {}

export const volumeAttributesClassKind: Kind<VolumeAttributesClass> = defineKind({
  kind: 'VolumeAttributesClass',
  resource: 'volumeattributesclasses',
  group: 'storage.k8s.io',
  version: 'v1',
  schema: VolumeAttributesClass,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  shortNames: ['vac'],
  columns: [
    nameColumn,
    {
      name: 'DriverName',
      type: 'string',
      description: 'CSI driver whose volumes can have the settings.',
      priority: 0,
      cell: (one: VolumeAttributesClass) => one.driverName,
    },
    ageColumn,
  ],
  strategy: {
    validate: ({ driverName, parameters = {} }) => [
      ...validateProvisioner(driverName ?? '', 'driverName'),
      ...(Object.keys(parameters).length === 0
        ? [requiredField('parameters', 'must contain at least one key/value pair')]
        : validateParameters(parameters, 'parameters')),
    ],
    validateUpdate: validateVolumeAttributesClassUpdate,
    allowUnconditionalUpdate: true,
  },
})

function validateVolumeAttributesClassUpdate(one: VolumeAttributesClass, old: VolumeAttributesClass): FieldError[] {
  const changed = (['driverName', 'parameters'] as const).filter(field => !semanticEqual(one[field], old[field]))
  return changed.map(field => forbiddenField(field, `updates to ${field} are forbidden.`))
}
