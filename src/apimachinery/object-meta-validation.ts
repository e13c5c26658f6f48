import { type FieldError, forbiddenField, invalidField, requiredField, tooLongField } from './field-error.ts'
import {
  type LabelSelector,
  type LabelSelectorRequirement,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type OwnerReference,
  parseGroupVersion,
} from './meta.ts'
import { asNameRule, validateDnsLabel, validateDnsSubdomain, validateLabelValue, validateQualifiedName } from './names.ts'

/** What every object's metadata must keep to, with upstream's field paths and messages. */
export interface ObjectMetaRules {
  readonly namespaced: boolean
  /** DNS subdomain by default; `prefix` is true for `generateName`. */
  readonly validateName?: (name: string, prefix: boolean) => string[]
  /** Custom resources may have finalizers without a domain. */
  readonly custom?: boolean
}

const maximumAnnotationsSize = 256 * 1024

export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules, path = 'metadata'): FieldError[] {
  return [
    ...validateObjectName(meta, rules.validateName ?? asNameRule(validateDnsSubdomain), path),
    ...validateNamespace(meta, rules.namespaced, path),
    ...(meta.generation !== undefined && meta.generation < 0
      ? [invalidField(`${path}.generation`, meta.generation, 'must be greater than or equal to 0')]
      : []),
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences, `${path}.ownerReferences`),
    ...validateFinalizers(meta.finalizers, rules.custom === true, `${path}.finalizers`),
    ...validateManagedFields(meta.managedFields, `${path}.managedFields`),
  ]
}

function validateObjectName(meta: ObjectMeta, validateName: (name: string, prefix: boolean) => string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const { generateName, name } = meta
  if (generateName) errors.push(...invalid(`${path}.generateName`, generateName, validateName(generateName, true)))
  if (name) errors.push(...invalid(`${path}.name`, name, validateName(name, false)))
  else errors.push(requiredField(`${path}.name`, 'name or generateName is required'))
  return errors
}

function validateNamespace({ namespace }: ObjectMeta, namespaced: boolean, path: string): FieldError[] {
  const field = `${path}.namespace`
  if (!namespaced) return namespace ? [forbiddenField(field, 'not allowed on this type')] : []
  return namespace ? invalid(field, namespace, validateDnsLabel(namespace)) : [requiredField(field)]
}

/** Whether the resource version was given and still holds is the registry's question, not asked here. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path = 'metadata'): FieldError[] {
  return [
    ...(old.deletionTimestamp === undefined ? [] : validateNoNewFinalizers(meta.finalizers, old.finalizers, `${path}.finalizers`)),
    ...((meta.generation ?? 0) < (old.generation ?? 0)
      ? [invalidField(`${path}.generation`, meta.generation ?? 0, 'must not be decremented')]
      : []),
    ...immutableFields
      .filter(name => meta[name] !== old[name])
      .map(name => invalidField(`${path}.${name}`, meta[name], 'field is immutable')),
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences, `${path}.ownerReferences`),
    ...validateManagedFields(meta.managedFields, `${path}.managedFields`),
  ]
}

const immutableFields = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

function validateNoNewFinalizers(finalizers: readonly string[] = [], old: readonly string[] = [], path: string): FieldError[] {
  const added = finalizers.filter(one => !old.includes(one)).sort()
  if (added.length === 0) return []
  const list = `[]string{${added.map(one => JSON.stringify(one)).join(', ')}}`
  return [forbiddenField(path, `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`)]
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, value] of Object.entries(labels ?? {})) {
    errors.push(...validateLabelName(name, path), ...invalid(path, value, validateLabelValue(value)))
  }
  return errors
}

export const validateLabelName = (name: string, path: string): FieldError[] => invalid(path, name, validateQualifiedName(name))

export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const [name, value] of Object.entries(annotations ?? {})) {
    // Upper case is allowed in the prefix of annotations.
    errors.push(...invalid(path, name, validateQualifiedName(name.toLowerCase())))
    size += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  if (size > maximumAnnotationsSize) errors.push(tooLongField(path, maximumAnnotationsSize))
  return errors
}

export function validateOwnerReferences(references: readonly OwnerReference[] | undefined, path: string): FieldError[] {
  const errors = (references ?? []).flatMap(reference => validateOwnerReference(reference, path))
  const [first, ...others] = (references ?? [])
    .filter(reference => reference.controller === true)
    .map(({ kind, name }) => `${kind}/${name}`)
  for (const other of others) {
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`
    errors.push(invalidField(path, references, detail))
  }
  return errors
}

function validateOwnerReference(reference: OwnerReference, path: string): FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference
  const { group, version } = parseGroupVersion(apiVersion)
  const errors: FieldError[] = []
  if (!version) errors.push(invalidField(`${path}.apiVersion`, apiVersion, 'version must not be empty'))
  if (!kind) errors.push(invalidField(`${path}.kind`, kind, 'must not be empty'))
  if (!name) errors.push(invalidField(`${path}.name`, name, 'must not be empty'))
  if (!uid) errors.push(invalidField(`${path}.uid`, uid, 'must not be empty'))
  // Events come and go by themselves; nothing may depend on one.
  if (group === '' && version === 'v1' && kind === 'Event') {
    errors.push(invalidField(path, reference, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return errors
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

function validateFinalizers(finalizers: readonly string[] | undefined, custom: boolean, path: string): FieldError[] {
  if (!finalizers) return []
  const errors = finalizers.flatMap(finalizer => validateFinalizerName(finalizer, path))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalidField(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  if (!custom) errors.push(...finalizers.flatMap((finalizer, index) => validateDomainOfFinalizer(finalizer, `${path}[${index}]`)))
  return errors
}

export const validateFinalizerName = (finalizer: string, path: string): FieldError[] =>
  invalid(path, finalizer, validateQualifiedName(finalizer))

/** Finalizers of built-in kinds are Kubernetes' own or carry a domain. */
export function validateDomainOfFinalizer(finalizer: string, path: string): FieldError[] {
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return []
  return [invalidField(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]
}

function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined, path: string): FieldError[] {
  return (entries ?? []).flatMap((entry, index) => validateManagedFieldsEntry(entry, `${path}[${index}]`))
}

function validateManagedFieldsEntry(entry: ManagedFieldsEntry, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
    errors.push(invalidField(`${path}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`'))
  }
  if (entry.fieldsType && entry.fieldsType !== 'FieldsV1') {
    errors.push(invalidField(`${path}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'))
  }
  errors.push(...validateFieldManager(entry.manager ?? '', `${path}.manager`))
  if ((entry.subresource ?? '').length > 256) errors.push(tooLongField(`${path}.subresource`, 256))
  return errors
}

/** The `fieldManager` of a request and the managers in managedFields. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (Buffer.byteLength(manager) > 128) errors.push(tooLongField(path, 128))
  let position = 0
  for (const character of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      errors.push(invalidField(path, manager, `invalid character U+${point} (at position ${position})`))
    }
    position += Buffer.byteLength(character)
  }
  return errors
}

export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return []
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((requirement, index) =>
      validateLabelSelectorRequirement(requirement, `${path}.matchExpressions[${index}]`),
    ),
  ]
}

function validateLabelSelectorRequirement(requirement: LabelSelectorRequirement, path: string): FieldError[] {
  const { key = '', operator = '', values = [] } = requirement
  return [
    ...validateOperator(operator, values.length, path),
    ...validateLabelName(key, `${path}.key`),
    ...values.flatMap((value, index) => invalid(`${path}.values[${index}]`, value, validateLabelValue(value))),
  ]
}

function validateOperator(operator: string, values: number, path: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values === 0 ? [requiredField(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")] : []
    case 'Exists':
    case 'DoesNotExist':
      return values > 0 ? [forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : []
    default:
      return [invalidField(`${path}.operator`, operator, 'not a valid selector operator')]
  }
}

const invalid = (path: string, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.map(message => invalidField(path, value, message))
