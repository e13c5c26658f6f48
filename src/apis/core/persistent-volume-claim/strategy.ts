import type { PersistentVolumeClaim, PersistentVolumeClaimStatus } from '../persistent-volume-claim.ts'
import { roundQuantities } from '../pod/resource-defaults.ts'
import { withDefault, withField, without } from '../sharing.ts'
import type { PersistentVolumeClaimSpec } from '../volume.ts'

export function applyClaimDefaults(given: PersistentVolumeClaim): PersistentVolumeClaim {
  const claim = withField(given, 'spec', withSpecDefaults(given.spec ?? {}))
  return withField(claim, 'status', withStatusDefaults(claim.status ?? {}))
}

function withSpecDefaults(given: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  let spec = withField(given, 'volumeMode', given.volumeMode ?? 'Filesystem')
  if (spec.resources) {
    let { resources } = spec
    if (resources.limits) resources = withField(resources, 'limits', roundQuantities(resources.limits))
    if (resources.requests) resources = withField(resources, 'requests', roundQuantities(resources.requests))
    spec = withField(spec, 'resources', resources)
  }
  return spec
}

function withStatusDefaults(given: PersistentVolumeClaimStatus): PersistentVolumeClaimStatus {
  let status = withDefault(given, 'phase', 'Pending')
  if (status.capacity) status = withField(status, 'capacity', roundQuantities(status.capacity))
  if (status.allocatedResources) status = withField(status, 'allocatedResources', roundQuantities(status.allocatedResources))
  return status
}

export const prepareForCreate = (claim: PersistentVolumeClaim): PersistentVolumeClaim => ({
  ...claim,
  spec: withBothSources(claim.spec ?? {}, undefined),
  status: { phase: 'Pending' },
})

export const prepareForUpdate = (claim: PersistentVolumeClaim, old: PersistentVolumeClaim): PersistentVolumeClaim => ({
  ...claim,
  spec: withBothSources(claim.spec ?? {}, old.spec),
})

/** The older and the newer field for the same thing are both filled in; the older one knows claims and snapshots only. */
function withBothSources(given: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec | undefined): PersistentVolumeClaimSpec {
  let spec = withoutForeignNamespace(given, old)
  if (spec.dataSource && !old?.dataSource && !isClaimOrSnapshot(spec.dataSource)) spec = without(spec, 'dataSource')
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) return { ...spec, dataSourceRef: { ...dataSource } }
  if (!dataSourceRef || dataSource || dataSourceRef.namespace) return spec
  const { namespace: _namespace, ...copy } = dataSourceRef
  return { ...spec, dataSource: copy }
}

/** Data sources of other namespaces are a feature that is off by default. */
function withoutForeignNamespace(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec | undefined): PersistentVolumeClaimSpec {
  const { dataSourceRef } = spec
  return dataSourceRef && !old?.dataSourceRef?.namespace ? withField(spec, 'dataSourceRef', without(dataSourceRef, 'namespace')) : spec
}

function isClaimOrSnapshot({ apiGroup = '', kind }: NonNullable<PersistentVolumeClaimSpec['dataSource']>): boolean {
  return apiGroup === '' ? kind === 'PersistentVolumeClaim' : apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot'
}
