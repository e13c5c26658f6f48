import type { Column } from '../../apimachinery/kind.ts'

/** What PersistentVolumes and their claims have in common in tables. */

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** `RWO,RWX`, always in the same order. */
export const formatAccessModes = (modes: readonly string[] | undefined): string =>
  Object.entries(shortModes)
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',')

interface WithModes {
  readonly spec?: { readonly volumeMode?: string; readonly volumeAttributesClassName?: string }
}

export const volumeModeColumn: Column = {
  name: 'VolumeMode',
  type: 'string',
  description: 'Filesystem, or Block for the bare device.',
  priority: 1,
  cell: ({ spec }: WithModes) => spec?.volumeMode ?? '<unset>',
}

export const volumeAttributesClassColumn: Column = {
  name: 'VolumeAttributesClass',
  type: 'string',
  description: 'VolumeAttributesClass with its settings.',
  priority: 0,
  cell: ({ spec }: WithModes) => spec?.volumeAttributesClassName ?? '<unset>',
}

export const storageClassAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** The class of a volume or a claim; an annotation from before there was a field goes first. */
export const storageClassOf = ({
  metadata,
  spec,
}: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: { readonly storageClassName?: string }
}): string => metadata.annotations?.[storageClassAnnotation] ?? spec?.storageClassName ?? ''
