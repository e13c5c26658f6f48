import { type FieldError, forbiddenField, requiredField, tooLongField } from '../../apimachinery/field-error.ts'
import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { boolean, type Infer, int32, map, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { withSpecDefaults } from '../core/persistent-volume/strategy.ts'
import { PersistentVolumeSpec } from '../core/persistent-volume.ts'
import { validateInlineVolumeSpec } from '../core/validation/persistent-volume.ts'
import { byteLength, inRange, invalid, maximumInt32 } from '../core/validation/rules.ts'
import { validateDriverName } from '../core/validation/volume-sources.ts'
import { immutable } from '../field-rules.ts'
import { keepMetadata, keepStatus, statusSubresource } from '../strategy.ts'
import { largestMetadata, sizeOf } from './parameters.ts'

export const VolumeError = object('io.k8s.api.storage.v1.VolumeError', 'What went wrong with attaching or detaching.', {
  time: optional(1, time, 'When it happened.'),
  message: optional(2, text, 'What went wrong.'),
  errorCode: optional(3, int32, 'Code of the error as gRPC numbers them.'),
})
export interface VolumeError extends Infer<typeof VolumeError> {}

export const VolumeAttachmentSource = object(
  'io.k8s.api.storage.v1.VolumeAttachmentSource',
  'The volume that is meant; one field is set.',
  {
    persistentVolumeName: optional(1, text, 'Name of a PersistentVolume.'),
    inlineVolumeSpec: optional(2, PersistentVolumeSpec, 'A volume without an object, for pods that name a disk directly.'),
  },
)
export interface VolumeAttachmentSource extends Infer<typeof VolumeAttachmentSource> {}

export const VolumeAttachmentSpec = object('io.k8s.api.storage.v1.VolumeAttachmentSpec', 'A volume, a node, and who is to attach it.', {
  attacher: required(1, text, 'Name of the driver that attaches it.'),
  source: required(2, VolumeAttachmentSource, 'The volume.'),
  nodeName: required(3, text, 'Name of the node.'),
})
export interface VolumeAttachmentSpec extends Infer<typeof VolumeAttachmentSpec> {}

export const VolumeAttachmentStatus = object('io.k8s.api.storage.v1.VolumeAttachmentStatus', 'How attaching stands.', {
  attached: required(1, boolean, 'Whether it is attached.', { default: false }),
  attachmentMetadata: optional(2, map(text), 'What the driver said when it attached it, for mounting.'),
  attachError: optional(3, VolumeError, 'What last went wrong with attaching.'),
  detachError: optional(4, VolumeError, 'What last went wrong with detaching.'),
})
export interface VolumeAttachmentStatus extends Infer<typeof VolumeAttachmentStatus> {}

export const VolumeAttachment = topLevel('io.k8s.api.storage.v1.VolumeAttachment', 'A wish to have a volume attached to a node.', {
  spec: required(2, VolumeAttachmentSpec, 'The volume and the node.'),
  status: optional(3, VolumeAttachmentStatus, 'How attaching stands; written by who attaches.'),
})
export interface VolumeAttachment extends Infer<typeof VolumeAttachment> {}

const column = (name: string, description: string, cell: (one: VolumeAttachment) => string, options?: Partial<Column>): Column => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell,
  ...options,
})

export const volumeAttachmentKind: Kind<VolumeAttachment> = defineKind({
  kind: 'VolumeAttachment',
  resource: 'volumeattachments',
  group: 'storage.k8s.io',
  version: 'v1',
  schema: VolumeAttachment,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  columns: [
    nameColumn,
    column('Attacher', 'Name of the driver that attaches it.', ({ spec }) => spec?.attacher ?? '', { format: 'name' }),
    column('PV', 'Name of the volume.', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    column('Node', 'Name of the node.', ({ spec }) => spec?.nodeName ?? ''),
    {
      name: 'Attached',
      type: 'boolean',
      description: 'Whether it is attached.',
      priority: 0,
      cell: ({ status }: VolumeAttachment) => status?.attached ?? false,
    },
    ageColumn,
  ],
  strategy: {
    applyDefaults: withVolumeDefaults,
    prepareForCreate: one => ({ ...one, status: { attached: false } }),
    prepareForUpdate: keepStatus,
    validate: validateAttachment,
    validateCreate: validateNames,
    validateUpdate: validateAttachmentUpdate,
  },
  subresources: {
    status: statusSubresource<VolumeAttachment>(
      'VolumeAttachment',
      (one, old) => [...validateAttachment(one), ...validateAttachmentUpdate(one, old)],
      keepMetadata,
    ),
  },
})

function withVolumeDefaults(one: VolumeAttachment): VolumeAttachment {
  const inline = one.spec?.source?.inlineVolumeSpec
  if (!inline) return one
  const spec = withSpecDefaults(inline)
  return spec === inline ? one : { ...one, spec: { ...one.spec, source: { ...one.spec.source, inlineVolumeSpec: spec } } }
}

const oneSource = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

function validateAttachment({ spec, status }: VolumeAttachment): FieldError[] {
  const nodeName = spec?.nodeName ?? ''
  const tooLarge = sizeOf(status?.attachmentMetadata ?? {}) > largestMetadata
  return [
    ...(spec?.attacher ? [] : [requiredField('spec.attacher')]),
    ...validateSource(spec?.source ?? {}, 'spec.source'),
    ...invalid('spec.nodeName', nodeName, validateDnsSubdomain(nodeName)),
    ...(tooLarge ? [tooLongField('status.attachmentMetadata', largestMetadata)] : []),
    ...validateVolumeError(status?.attachError, 'status.attachError'),
    ...validateVolumeError(status?.detachError, 'status.detachError'),
  ]
}

function validateSource({ inlineVolumeSpec, persistentVolumeName }: VolumeAttachmentSource, path: string): FieldError[] {
  if (inlineVolumeSpec !== undefined && persistentVolumeName !== undefined) return [forbiddenField(path, oneSource)]
  if (inlineVolumeSpec !== undefined) return validateInlineVolumeSpec(inlineVolumeSpec, `${path}.inlineVolumeSpec`)
  if (persistentVolumeName === undefined) return [requiredField(path, oneSource)]
  return persistentVolumeName === '' ? [requiredField(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName')] : []
}

function validateNames({ spec }: VolumeAttachment): FieldError[] {
  const volume = spec?.source?.persistentVolumeName
  return [
    ...validateDriverName(spec?.attacher ?? '', 'spec.attacher'),
    ...(volume === undefined ? [] : invalid('spec.source.persistentVolumeName', volume, validateDnsSubdomain(volume))),
  ]
}

function validateVolumeError(error: VolumeError | undefined, path: string): FieldError[] {
  if (error === undefined) return []
  return [
    // The limit that is told is upstream's; the one that counts is smaller.
    ...(byteLength(error.message ?? '') > 1024 ? [tooLongField(`${path}.message`, largestMetadata)] : []),
    ...inRange(error.errorCode, `${path}.errorCode`, 0, maximumInt32),
  ]
}

function validateAttachmentUpdate({ spec }: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  return immutable(spec, old.spec, 'spec')
}
