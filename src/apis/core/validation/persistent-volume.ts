import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain } from '../../../apimachinery/names.ts'
import { compareQuantities, quantityValue } from '../../../apimachinery/quantity.ts'
import { immutable } from '../../field-rules.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../persistent-volume.ts'
import { semanticEqual } from '../sharing.ts'
import { validateNodeSelector } from './affinity.ts'
import { validateAccessModes, volumeModes } from './claim-template.ts'
import { describeDifference } from './difference.ts'
import { validateSources, volumeSourceNames } from './persistent-volume-sources.ts'
import { invalid, optionalOneOf } from './rules.ts'

export const validatePersistentVolume = ({ metadata, spec = {} }: PersistentVolume): FieldError[] =>
  validateVolumeSpec(spec, 'spec', metadata.name ?? '')

const reclaimPolicies = ['Delete', 'Recycle', 'Retain']

function validateVolumeSpec(spec: PersistentVolumeSpec, path: string, volumeName: string): FieldError[] {
  const { accessModes = [], nodeAffinity, persistentVolumeReclaimPolicy: policy, storageClassName } = spec
  return [
    ...(accessModes.length === 0 ? [requiredField(`${path}.accessModes`)] : []),
    ...validateAccessModes(accessModes, `${path}.accessModes`),
    ...validateCapacity(spec.capacity ?? {}, `${path}.capacity`),
    ...(policy ? optionalOneOf(policy, `${path}.persistentVolumeReclaimPolicy`, reclaimPolicies) : []),
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${path}.nodeAffinity`) : []),
    ...validateSources(spec, path, volumeName, nodeAffinity !== undefined),
    ...refuseRecyclingOfAll(spec, path),
    ...(storageClassName ? invalid(`${path}.storageClassName`, storageClassName, validateDnsSubdomain(storageClassName)) : []),
    ...optionalOneOf(spec.volumeMode, `${path}.volumeMode`, volumeModes),
    ...validateAttributesClass(spec, path),
  ]
}

const notHere = 'may not be specified in the context of inline volumes'

/** A volume that is written down in a VolumeAttachment: it has no claim and no class, and CSI must know it. */
export function validateInlineVolumeSpec(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const { accessModes = [], persistentVolumeReclaimPolicy: policy, volumeMode, capacity = {} } = spec
  const modeIsOther = volumeMode !== undefined && volumeMode !== 'Filesystem'
  return [
    ...(spec.claimRef ? [forbiddenField(`${path}.claimRef`, notHere)] : []),
    ...(Object.keys(capacity).length > 0 ? [forbiddenField(`${path}.capacity`, notHere)] : []),
    ...(spec.csi ? [] : [requiredField(`${path}.csi`, 'has to be specified in the context of inline volumes')]),
    ...(accessModes.length === 0 ? [requiredField(`${path}.accessModes`)] : []),
    ...validateAccessModes(accessModes, `${path}.accessModes`),
    ...(policy && policy !== 'Retain'
      ? [forbiddenField(`${path}.persistentVolumeReclaimPolicy`, 'may only be Retain in the context of inline volumes')]
      : []),
    ...(spec.nodeAffinity ? [forbiddenField(`${path}.nodeAffinity`, notHere)] : []),
    ...validateSources(spec, path, '', false),
    ...(spec.storageClassName ? [forbiddenField(`${path}.storageClassName`, notHere)] : []),
    ...(modeIsOther
      ? [forbiddenField(`${path}.volumeMode`, 'may not specify volumeMode other than Filesystem in the context of inline volumes')]
      : []),
    ...validateAttributesClass(spec, path),
  ]
}

function validateCapacity(capacity: Readonly<Record<string, string>>, path: string): FieldError[] {
  const names = Object.keys(capacity)
  const errors = names.length === 0 ? [requiredField(path)] : []
  if (capacity.storage === undefined || names.length > 1) errors.push(unsupportedField(path, capacity, ['storage']))
  for (const [name, quantity] of Object.entries(capacity)) {
    const at = `${path}[${name}]`
    if (compareQuantities(quantity, '0') < 0) errors.push(invalidField(at, quantityValue(quantity), 'must be a valid resource quantity'))
    if (compareQuantities(quantity, '0') <= 0) errors.push(invalidField(at, quantity, 'must be greater than zero'))
  }
  return errors
}

const validateNodeAffinity = ({ required }: NonNullable<PersistentVolumeSpec['nodeAffinity']>, path: string): FieldError[] =>
  required
    ? validateNodeSelector(required, `${path}.required`)
    : [requiredField(`${path}.required`, 'must specify required node constraints')]

function refuseRecyclingOfAll({ hostPath, persistentVolumeReclaimPolicy: policy }: PersistentVolumeSpec, path: string): FieldError[] {
  // Not by a pattern: one for this takes for ever on a few dozen slashes.
  const isRoot = hostPath?.path.startsWith('/') && hostPath.path.split('/').every(part => part === '' || part === '.')
  if (!isRoot || policy !== 'Recycle') return []
  return [forbiddenField(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'")]
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, path: string): FieldError[] {
  if (name === undefined) return []
  const at = `${path}.volumeAttributesClassName`
  return [
    ...(name === '' ? [requiredField(at, 'an empty string is disallowed')] : invalid(at, name, validateDnsSubdomain(name))),
    ...(csi ? [] : [requiredField(`${path}.csi`, 'has to be specified when using volumeAttributesClassName')]),
  ]
}

const sourceOf = (spec: PersistentVolumeSpec): PersistentVolumeSpec =>
  Object.fromEntries(volumeSourceNames.map(name => [name, spec[name]]).filter(([, value]) => value !== undefined))

export function validatePersistentVolumeUpdate({ spec = {} }: PersistentVolume, { spec: old = {} }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = []
  const [source, before] = [sourceOf(spec), sourceOf(old)]
  if (!semanticEqual(withSecretOf(source, before), before)) {
    const why = 'spec.persistentvolumesource is immutable after creation'
    errors.push(forbiddenField('spec.persistentvolumesource', `${why}\n${describeDifference(before, source, 'spec')}`))
  }
  errors.push(...immutable(spec.volumeMode, old.volumeMode, 'volumeMode'))
  if (old.nodeAffinity && !semanticEqual(modernLabels(spec.nodeAffinity, old.nodeAffinity), old.nodeAffinity)) {
    errors.push(invalidField('nodeAffinity', spec.nodeAffinity, 'field is immutable, except for updating from beta label to GA'))
  }
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    errors.push(forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  }
  return errors
}

/** The Secret for making a volume larger may be named later. */
function withSecretOf(source: PersistentVolumeSpec, { csi: before }: PersistentVolumeSpec): PersistentVolumeSpec {
  if (!source.csi?.controllerExpandSecretRef || !before || before.controllerExpandSecretRef) return source
  const { controllerExpandSecretRef: _added, ...csi } = source.csi
  return { ...source, csi }
}

const renamedLabels: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'failure-domain.beta.kubernetes.io/region',
  'kubernetes.io/os': 'beta.kubernetes.io/os',
  'kubernetes.io/arch': 'beta.kubernetes.io/arch',
  'node.kubernetes.io/instance-type': 'beta.kubernetes.io/instance-type',
}

type NodeAffinity = PersistentVolumeSpec['nodeAffinity']

/** The new affinity with those labels named as before that were only renamed. */
function modernLabels(affinity: NodeAffinity, old: NodeAffinity): NodeAffinity {
  const terms = affinity?.required?.nodeSelectorTerms.map((term, index) => ({
    ...term,
    matchExpressions: term.matchExpressions?.map((expression, place) => {
      const before = old?.required?.nodeSelectorTerms[index]?.matchExpressions?.[place]?.key
      return before !== undefined && renamedLabels[expression.key] === before ? { ...expression, key: before } : expression
    }),
  }))
  return terms ? { required: { nodeSelectorTerms: terms } } : affinity
}
