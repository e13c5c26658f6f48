import { formatTime } from '../../../base/clock.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../persistent-volume.ts'
import { roundQuantities } from '../pod/resource-defaults.ts'
import { withDefault, withField } from '../sharing.ts'

export function applyVolumeDefaults(given: PersistentVolume): PersistentVolume {
  const volume = withField(given, 'spec', withSpecDefaults(given.spec ?? {}))
  return withField(volume, 'status', withDefault(volume.status ?? {}, 'phase', 'Pending'))
}

/** What every volume gets, also one that is written down in a VolumeAttachment. */
export function withSpecDefaults(given: PersistentVolumeSpec): PersistentVolumeSpec {
  let spec = withDefault(given, 'persistentVolumeReclaimPolicy', 'Retain')
  spec = withField(spec, 'volumeMode', spec.volumeMode ?? 'Filesystem')
  if (spec.capacity) spec = withField(spec, 'capacity', roundQuantities(spec.capacity))
  return spec.hostPath ? withField(spec, 'hostPath', withField(spec.hostPath, 'type', spec.hostPath.type ?? '')) : spec
}

export const prepareForCreate = (volume: PersistentVolume): PersistentVolume => ({
  ...volume,
  status: { phase: 'Pending', lastPhaseTransitionTime: volume.metadata.creationTimestamp },
})

/** Whoever changes the phase and says nothing about the time means now. */
export function prepareStatusUpdate(given: PersistentVolume, old: PersistentVolume, now: number): PersistentVolume {
  const volume = { ...given, spec: old.spec }
  const { phase, lastPhaseTransitionTime: since } = volume.status ?? {}
  const isChanged = phase !== old.status?.phase && (since === undefined || since === old.status?.lastPhaseTransitionTime)
  return isChanged ? { ...volume, status: { ...volume.status, lastPhaseTransitionTime: formatTime(now) } } : volume
}
