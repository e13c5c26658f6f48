import type { Column } from '../../../apimachinery/kind.ts'
import { formatAccessModes, storageClassOf, volumeAttributesClassColumn } from '../access-modes.ts'
import type { PersistentVolumeClaim } from '../persistent-volume-claim.ts'

const column = (name: string, description: string, cell: (claim: PersistentVolumeClaim) => string): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell,
})

/** What the volume can do, once there is one. */
const ofVolume =
  (cell: (claim: PersistentVolumeClaim) => string) =>
  (claim: PersistentVolumeClaim): string =>
    claim.spec?.volumeName ? cell(claim) : ''

export const claimColumns: readonly Column[] = [
  column('Status', 'What has become of it.', ({ metadata, status }) =>
    metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
  ),
  column('Volume', 'PersistentVolume that it is bound to.', ({ spec }) => spec?.volumeName ?? ''),
  column(
    'Capacity',
    'What the volume holds.',
    ofVolume(({ status }) => status?.capacity?.storage ?? '0'),
  ),
  column(
    'Access Modes',
    'How the volume can be mounted.',
    ofVolume(({ status }) => formatAccessModes(status?.accessModes)),
  ),
  column('StorageClass', 'StorageClass that it asks for.', storageClassOf),
  volumeAttributesClassColumn,
]
