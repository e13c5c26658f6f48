import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { atomicList, type Infer, keyedList, map, object, optional, quantity, required, text, time } from '../../apimachinery/schema.ts'
import { keepStatus, statusSubresource } from '../strategy.ts'
import { volumeModeColumn } from './access-modes.ts'
import { claimColumns } from './persistent-volume-claim/columns.ts'
import { applyClaimDefaults, prepareForCreate, prepareForUpdate } from './persistent-volume-claim/strategy.ts'
import { claimWarnings } from './persistent-volume-claim/warnings.ts'
import { validateClaimSpec } from './validation/claim-template.ts'
import { validateClaimStatus, validateClaimUpdate } from './validation/persistent-volume-claim.ts'
import { PersistentVolumeClaimSpec } from './volume.ts'

export const PersistentVolumeClaimCondition = object(
  'io.k8s.api.core.v1.PersistentVolumeClaimCondition',
  "One aspect of a claim's state, such as a change of size under way.",
  {
    type: required(1, text, 'What the condition is about, such as Resizing.'),
    status: required(2, text, 'True, False or Unknown.'),
    lastProbeTime: optional(3, time, 'When it was last looked at.'),
    lastTransitionTime: optional(4, time, 'When the status last changed.'),
    reason: optional(5, text, 'Why it is so, in one word.'),
    message: optional(6, text, 'Why it is so, in a sentence.'),
  },
)
export interface PersistentVolumeClaimCondition extends Infer<typeof PersistentVolumeClaimCondition> {}

export const ModifyVolumeStatus = object('io.k8s.api.core.v1.ModifyVolumeStatus', "How a change of a volume's settings stands.", {
  targetVolumeAttributesClassName: optional(1, text, 'VolumeAttributesClass that the volume is to have.'),
  status: required(2, text, 'Pending, InProgress or Infeasible.', { enum: ['InProgress', 'Infeasible', 'Pending'] }),
})
export interface ModifyVolumeStatus extends Infer<typeof ModifyVolumeStatus> {}

export const PersistentVolumeClaimStatus = object('io.k8s.api.core.v1.PersistentVolumeClaimStatus', 'What has become of a claim.', {
  phase: optional(1, text, 'Pending, Bound, or Lost when its volume is gone.', { enum: ['Bound', 'Lost', 'Pending'] }),
  accessModes: optional(2, atomicList(text), 'How the bound volume can be mounted.', {
    enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
  }),
  capacity: optional(3, map(quantity), 'What the bound volume holds.'),
  conditions: optional(4, keyedList(PersistentVolumeClaimCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  allocatedResources: optional(5, map(quantity), 'Size that is being made, by resource.'),
  allocatedResourceStatuses: optional(7, map(text, { mapType: 'granular' }), 'How changes of size stand, by resource.'),
  currentVolumeAttributesClassName: optional(8, text, 'VolumeAttributesClass whose settings the volume has.'),
  modifyVolumeStatus: optional(9, ModifyVolumeStatus, 'How a change of its settings stands.'),
})
export interface PersistentVolumeClaimStatus extends Infer<typeof PersistentVolumeClaimStatus> {}

export const PersistentVolumeClaim = topLevel(
  'io.k8s.api.core.v1.PersistentVolumeClaim',
  'A request for storage by its user; a volume is bound to it.',
  {
    spec: optional(2, PersistentVolumeClaimSpec, 'What kind of storage is asked for.'),
    status: optional(3, PersistentVolumeClaimStatus, 'What has become of it; written by the system.'),
  },
)
export interface PersistentVolumeClaim extends Infer<typeof PersistentVolumeClaim> {}

export const persistentVolumeClaimKind: Kind<PersistentVolumeClaim> = defineKind({
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  group: '',
  version: 'v1',
  schema: PersistentVolumeClaim,
  scope: 'Namespaced',
  answersDeletionWithObject: true,
  shortNames: ['pvc'],
  columns: [nameColumn, ...claimColumns, ageColumn, volumeModeColumn],
  strategy: {
    applyDefaults: applyClaimDefaults,
    prepareForCreate,
    prepareForUpdate: (claim, old) => keepStatus(prepareForUpdate(claim, old), old),
    validate: claim => validateClaimSpec(claim.spec ?? {}, 'spec'),
    validateUpdate: validateClaimUpdate,
    warnings: claimWarnings,
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('PersistentVolumeClaim', validateClaimStatus) },
})
