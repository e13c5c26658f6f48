import { duplicateField, type FieldError, forbiddenField, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, type Column, defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { validateQualifiedName } from '../../apimachinery/names.ts'
import { atomicList, boolean, type Infer, map, optional, required, text } from '../../apimachinery/schema.ts'
import { semanticEqual } from '../core/sharing.ts'
import { TopologySelectorTerm } from '../core/topology-selector.ts'
import { each, invalid, optionalOneOf } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'
import { validateParameters, validateProvisioner } from './parameters.ts'

export const StorageClass = topLevel('io.k8s.api.storage.v1.StorageClass', 'A kind of storage that can be asked for, and who makes it.', {
  provisioner: required(2, text, 'Name of who makes the volumes.'),
  parameters: optional(3, map(text), 'Settings for whoever makes the volumes.'),
  reclaimPolicy: optional(4, text, 'What becomes of its volumes when their claims are gone: Delete (the default) or Retain.', {
    enum: ['Delete', 'Recycle', 'Retain'],
  }),
  mountOptions: optional(5, atomicList(text), 'Options that its volumes are mounted with, unchecked.'),
  allowVolumeExpansion: optional(6, boolean, 'Whether claims of this class may grow.'),
  volumeBindingMode: optional(
    7,
    text,
    'Immediate (the default), or WaitForFirstConsumer to bind claims once a pod that uses them is placed.',
    { enum: ['Immediate', 'WaitForFirstConsumer'] },
  ),
  allowedTopologies: optional(8, atomicList(TopologySelectorTerm), 'Where volumes may be made; anywhere by default.'),
})
export interface StorageClass extends Infer<typeof StorageClass> {}

export const storageClassKind: Kind<StorageClass> = defineKind({
  kind: 'StorageClass',
  resource: 'storageclasses',
  group: 'storage.k8s.io',
  version: 'v1',
  schema: StorageClass,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  shortNames: ['sc'],
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name of the class; the default one says so.',
      priority: 0,
      cell: (one: StorageClass) => `${one.metadata.name ?? ''}${isDefaultStorageClass(one) ? ' (default)' : ''}`,
    },
    column('Provisioner', 'Who makes the volumes.', one => one.provisioner),
    column('ReclaimPolicy', 'What becomes of volumes when their claims are gone.', one => one.reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', 'When claims are bound.', one => one.volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', 'Whether claims may grow.', one => one.allowVolumeExpansion ?? false),
    ageColumn,
  ],
  strategy: {
    applyDefaults: given =>
      given.reclaimPolicy !== undefined && given.volumeBindingMode !== undefined
        ? given
        : { ...given, reclaimPolicy: given.reclaimPolicy ?? 'Delete', volumeBindingMode: given.volumeBindingMode ?? 'Immediate' },
    validate: validateStorageClass,
    validateUpdate: validateStorageClassUpdate,
    allowUnconditionalUpdate: true,
  },
})

function column(name: string, description: string, cell: (one: StorageClass) => string | boolean): Column {
  return { name, type: 'string', description, priority: 0, cell }
}

const defaultAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']

export const isDefaultStorageClass = ({ metadata }: StorageClass): boolean =>
  defaultAnnotations.some(name => metadata.annotations?.[name] === 'true')

function validateStorageClass(one: StorageClass): FieldError[] {
  return [
    ...validateProvisioner(one.provisioner ?? '', 'provisioner'),
    ...validateParameters(one.parameters ?? {}, 'parameters'),
    ...(one.reclaimPolicy ? optionalOneOf(one.reclaimPolicy, 'reclaimPolicy', ['Delete', 'Retain']) : []),
    ...(one.volumeBindingMode === undefined
      ? [requiredField('volumeBindingMode')]
      : optionalOneOf(one.volumeBindingMode, 'volumeBindingMode', ['Immediate', 'WaitForFirstConsumer'])),
    ...validateTopologies(one.allowedTopologies ?? [], 'allowedTopologies'),
  ]
}

function validateTopologies(terms: readonly TopologySelectorTerm[], path: string): FieldError[] {
  const errors = each(terms, path, validateTerm)
  const asMap = ({ matchLabelExpressions = [] }: TopologySelectorTerm) =>
    Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, [...(values ?? [])].sort()]))
  terms.forEach((term, index) => {
    const isRepeated = terms.slice(0, index).some(earlier => semanticEqual(asMap(earlier), asMap(term)))
    if (isRepeated) errors.push(duplicateField(`${path}[${index}].matchLabelExpressions`, ''))
  })
  return errors
}

function validateTerm({ matchLabelExpressions = [] }: TopologySelectorTerm, path: string): FieldError[] {
  const keys = new Set<string>()
  return each(matchLabelExpressions, `${path}.matchLabelExpressions`, ({ key = '', values = [] }, at) => {
    const errors = values.length === 0 ? [requiredField(`${at}.values`)] : []
    const repeated = each(values, `${at}.values`, (value, valueAt, index) =>
      values.indexOf(value) < index ? [duplicateField(valueAt, value)] : [],
    )
    errors.push(...repeated, ...invalid(`${at}.key`, key, validateQualifiedName(key)))
    if (keys.has(key)) errors.push(duplicateField(`${at}.key`, key))
    keys.add(key)
    return errors
  })
}

function validateStorageClassUpdate(one: StorageClass, old: StorageClass): FieldError[] {
  const fixed = (['parameters', 'provisioner', 'reclaimPolicy'] as const).filter(
    field => !semanticEqual(one[field] ?? {}, old[field] ?? {}),
  )
  return [
    ...fixed.map(field => forbiddenField(field, `updates to ${field} are forbidden.`)),
    ...immutable(one.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode'),
  ]
}
