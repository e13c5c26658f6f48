import type { Column } from '../../../apimachinery/kind.ts'
import { formatAccessModes, storageClassOf, volumeAttributesClassColumn } from '../access-modes.ts'
import type { PersistentVolume } from '../persistent-volume.ts'

const column = (name: string, description: string, cell: (volume: PersistentVolume) => string): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell,
})

export const persistentVolumeColumns: readonly Column[] = [
  column('Capacity', 'How much it holds.', ({ spec }) => spec?.capacity?.storage ?? '0'),
  column('Access Modes', 'How it can be mounted.', ({ spec }) => formatAccessModes(spec?.accessModes)),
  column('Reclaim Policy', 'What becomes of it when its claim is gone.', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
  column('Status', 'What has become of it.', ({ metadata, status }) =>
    metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
  ),
  column('Claim', 'The claim that it is bound to.', claimText),
  column('StorageClass', 'StorageClass that it belongs to.', storageClassOf),
  volumeAttributesClassColumn,
  column('Reason', 'Why it is so.', ({ status }) => status?.reason ?? ''),
]

function claimText({ spec }: PersistentVolume): string {
  const claim = spec?.claimRef
  return claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : ''
}

export { volumeModeColumn } from '../access-modes.ts'
