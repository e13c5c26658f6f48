import { parseQuantity } from '../../../apimachinery/quantity.ts'
import { storageClassAnnotation } from '../access-modes.ts'
import { deprecatedNodeLabels, deprecatedVolumeSources } from '../deprecations.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../persistent-volume.ts'

export function persistentVolumeWarnings({ metadata, spec = {} }: PersistentVolume): string[] {
  return [
    ...annotationWarnings(metadata.annotations ?? {}),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [recycleWarning] : []),
    ...nodeLabelWarnings(spec),
    ...Object.entries(deprecatedVolumeSources).flatMap(([name, why]) =>
      spec[name as keyof PersistentVolumeSpec] === undefined ? [] : [`spec.${name}: ${why}`],
    ),
    ...fractionWarnings(spec),
  ]
}

const recycleWarning =
  'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  [storageClassAnnotation]: 'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
}

const annotationWarnings = (annotations: Readonly<Record<string, string>>): string[] =>
  Object.entries(deprecatedAnnotations)
    .filter(([name]) => annotations[name] !== undefined)
    .map(([name, why]) => `metadata.annotations[${name}]: ${why}`)

function nodeLabelWarnings({ nodeAffinity }: PersistentVolumeSpec): string[] {
  const terms = nodeAffinity?.required?.nodeSelectorTerms ?? []
  return terms.flatMap((term, index) =>
    (term.matchExpressions ?? []).flatMap(({ key }, place) => {
      const path = `spec.nodeAffinity.required.nodeSelectorTerms[${index}].matchExpressions[${place}].key`
      return Object.hasOwn(deprecatedNodeLabels, key) ? [`${path}: ${key} is ${deprecatedNodeLabels[key]}`] : []
    }),
  )
}

function fractionWarnings({ capacity }: PersistentVolumeSpec): string[] {
  const storage = capacity?.storage
  if (storage === undefined || parseQuantity(storage).nanos % 1_000_000_000n === 0n) return []
  return [`spec.capacity[storage]: fractional byte value "${storage}" is invalid, must be an integer`]
}
