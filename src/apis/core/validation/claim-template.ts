import { type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain } from '../../../apimachinery/names.ts'
import { validateAnnotations, validateLabelSelector, validateLabels } from '../../../apimachinery/object-meta-validation.ts'
import { compareQuantities } from '../../../apimachinery/quantity.ts'
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from '../volume.ts'
import { invalid, optionalName, optionalOneOf, required } from './rules.ts'

/** The claim that a generic ephemeral volume makes for its pod. */
export function validateClaimTemplate({ metadata, spec }: PersistentVolumeClaimTemplate, path: string): FieldError[] {
  return [
    ...(metadata?.annotations ? validateAnnotations(metadata.annotations, `${path}.metadata.annotations`) : []),
    ...(metadata?.labels ? validateLabels(metadata.labels, `${path}.metadata.labels`) : []),
    ...validateClaimSpec(spec ?? {}, `${path}.spec`),
  ]
}

export const volumeModes = ['Block', 'Filesystem']
const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** The rules of a PersistentVolumeClaim's spec. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const modes = spec.accessModes ?? []
  const errors = modes.length === 0 ? [requiredField(`${path}.accessModes`, 'at least 1 access mode is required')] : []
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, `${path}.selector`))
  errors.push(...validateAccessModes(modes, `${path}.accessModes`))
  const storage = spec.resources?.requests?.storage
  if (storage === undefined) errors.push(requiredField(`${path}.resources[storage]`))
  else if (compareQuantities(storage, '0') <= 0) {
    errors.push(invalidField(`${path}.resources[storage]`, storage, 'must be greater than zero'))
  }
  if (spec.storageClassName) {
    errors.push(...invalid(`${path}.storageClassName`, spec.storageClassName, validateDnsSubdomain(spec.storageClassName)))
  }
  errors.push(...optionalOneOf(spec.volumeMode, `${path}.volumeMode`, volumeModes))
  errors.push(...validateDataSources(spec, path))
  return [...errors, ...optionalName(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, validateDnsSubdomain)]
}

export function validateAccessModes(modes: readonly string[], path: string): FieldError[] {
  const others = modes.some(mode => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))
  return [
    ...modes.flatMap(mode => optionalOneOf(mode, path, accessModes)),
    ...(others && modes.includes('ReadWriteOncePod') ? [forbiddenField(path, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

function validateDataSources(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const given = [
    ['dataSource', spec.dataSource],
    ['dataSourceRef', spec.dataSourceRef],
  ] as const
  const errors = given.flatMap(([name, reference]) => (reference ? validateReference(reference, `${path}.${name}`) : []))
  return [...errors, ...validateBothSources(spec, path)]
}

function validateReference({ apiGroup, kind, name }: Reference, path: string): FieldError[] {
  const errors = [...required(name, `${path}.name`), ...required(kind, `${path}.kind`)]
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    errors.push(invalidField(path, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  }
  return apiGroup ? [...errors, ...invalid(`${path}.apiGroup`, apiGroup, validateDnsSubdomain(apiGroup))] : errors
}

type Reference = NonNullable<PersistentVolumeClaimSpec['dataSource']>

/** The two fields say the same, unless the newer one names another namespace. */
function validateBothSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors = dataSourceRef?.namespace ? optionalName(dataSourceRef.namespace, `${path}.dataSourceRef.namespace`, validateDnsLabel) : []
  if (!dataSource || !dataSourceRef) return errors
  // The value is upstream's: the name of the field.
  const refuse = (why: string) => [...errors, invalidField(path, `${path}.dataSource`, why)]
  if (dataSourceRef.namespace) return refuse('may not be specified when dataSourceRef.namespace is specified')
  const isSame =
    dataSource.apiGroup === dataSourceRef.apiGroup && dataSource.kind === dataSourceRef.kind && dataSource.name === dataSourceRef.name
  return isSame ? errors : refuse('must match dataSourceRef')
}
