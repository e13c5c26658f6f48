import { type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../../apimachinery/names.ts'
import { validateAnnotations, validateLabelSelector, validateLabels } from '../../../apimachinery/object-meta-validation.ts'
import { compareQuantities } from '../../../apimachinery/quantity.ts'
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from '../volume.ts'
import { invalid, optionalOneOf, required } from './rules.ts'

/** The claim that a generic ephemeral volume makes for its pod. */
export function validateClaimTemplate({ metadata, spec }: PersistentVolumeClaimTemplate, path: string): FieldError[] {
  return [
    ...(metadata?.annotations ? validateAnnotations(metadata.annotations, `${path}.metadata.annotations`) : []),
    ...(metadata?.labels ? validateLabels(metadata.labels, `${path}.metadata.labels`) : []),
    ...validateClaimSpec(spec ?? {}, `${path}.spec`),
  ]
}

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** The rules of a PersistentVolumeClaim's spec. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const modes = spec.accessModes ?? []
  const errors = modes.length === 0 ? [requiredField(`${path}.accessModes`, 'at least 1 access mode is required')] : []
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, `${path}.selector`))
  errors.push(...modes.flatMap(mode => optionalOneOf(mode, `${path}.accessModes`, accessModes)))
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    errors.push(forbiddenField(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'))
  }
  const storage = spec.resources?.requests?.storage
  if (storage === undefined) errors.push(requiredField(`${path}.resources[storage]`))
  else if (compareQuantities(storage, '0') <= 0) {
    errors.push(invalidField(`${path}.resources[storage]`, storage, 'must be greater than zero'))
  }
  if (spec.storageClassName) {
    errors.push(...invalid(`${path}.storageClassName`, spec.storageClassName, validateDnsSubdomain(spec.storageClassName)))
  }
  errors.push(...optionalOneOf(spec.volumeMode, `${path}.volumeMode`, ['Block', 'Filesystem']))
  return [...errors, ...validateDataSources(spec, path)]
}

function validateDataSources(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const given = [
    ['dataSource', spec.dataSource],
    ['dataSourceRef', spec.dataSourceRef],
  ] as const
  return given.flatMap(([name, reference]) => {
    if (reference === undefined) return []
    const at = `${path}.${name}`
    const errors = [...required(reference.name, `${at}.name`), ...required(reference.kind, `${at}.kind`)]
    if (!reference.apiGroup && reference.kind !== 'PersistentVolumeClaim') {
      errors.push(invalidField(at, reference.kind, 'must be PersistentVolumeClaim when referencing the default apiGroup'))
    }
    return errors
  })
}
