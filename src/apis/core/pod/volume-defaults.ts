import type { ObjectFieldSelector, ResourceFieldSelector } from '../references.ts'
import { mapShared, withDefault, withField } from '../sharing.ts'
import type { DownwardAPIVolumeFile, Volume, VolumeProjection } from '../volume.ts'
import { defaultPullPolicy } from './pull-policy.ts'

const defaultMode = 0o644

/** The defaults of a volume: without any source it is an emptyDir. */
export function applyVolumeDefaults(given: Volume): Volume {
  let volume = hasSource(given) ? given : { ...given, emptyDir: {} }
  if (volume.hostPath) volume = withField(volume, 'hostPath', withField(volume.hostPath, 'type', volume.hostPath.type ?? ''))
  if (volume.secret) volume = withField(volume, 'secret', withMode(volume.secret))
  if (volume.configMap) volume = withField(volume, 'configMap', withMode(volume.configMap))
  if (volume.downwardAPI) {
    const downward = withMode(volume.downwardAPI)
    volume = withField(volume, 'downwardAPI', withField(downward, 'items', mapShared(downward.items, applyFileDefaults)))
  }
  if (volume.projected) {
    const projected = withMode(volume.projected)
    volume = withField(volume, 'projected', withField(projected, 'sources', mapShared(projected.sources, applyProjectionDefaults)))
  }
  if (volume.image) {
    volume = withField(volume, 'image', withDefault(volume.image, 'pullPolicy', defaultPullPolicy(volume.image.reference)))
  }
  const template = volume.ephemeral?.volumeClaimTemplate
  if (template?.spec) {
    const spec = withDefault(template.spec, 'volumeMode', 'Filesystem')
    if (spec !== template.spec) volume = { ...volume, ephemeral: { ...volume.ephemeral, volumeClaimTemplate: { ...template, spec } } }
  }
  return volume
}

export const applyFieldReferenceDefaults = (reference: ObjectFieldSelector): ObjectFieldSelector =>
  withDefault(reference, 'apiVersion', 'v1')

/** Upstream's divisor is no pointer: absent, it is written as zero, which means one. */
export const applyResourceReferenceDefaults = (reference: ResourceFieldSelector): ResourceFieldSelector =>
  withDefault(reference, 'divisor', '0')

function applyProjectionDefaults(given: VolumeProjection): VolumeProjection {
  let projection = given
  if (projection.serviceAccountToken) {
    const token = projection.serviceAccountToken
    projection = withField(projection, 'serviceAccountToken', withField(token, 'expirationSeconds', token.expirationSeconds ?? 3600))
  }
  if (projection.downwardAPI) {
    const { downwardAPI } = projection
    projection = withField(projection, 'downwardAPI', withField(downwardAPI, 'items', mapShared(downwardAPI.items, applyFileDefaults)))
  }
  return projection
}

function applyFileDefaults(given: DownwardAPIVolumeFile): DownwardAPIVolumeFile {
  let file = given
  if (file.fieldRef) file = withField(file, 'fieldRef', applyFieldReferenceDefaults(file.fieldRef))
  if (file.resourceFieldRef) file = withField(file, 'resourceFieldRef', applyResourceReferenceDefaults(file.resourceFieldRef))
  return file
}

const withMode = <T extends { readonly defaultMode?: number }>(source: T): T =>
  source.defaultMode === undefined ? { ...source, defaultMode } : source

function hasSource(volume: Volume): boolean {
  for (const key in volume) if (key !== 'name' && volume[key as keyof Volume] !== undefined) return true
  return false
}
