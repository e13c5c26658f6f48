import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { asNameRule, validateDnsLabel } from '../../apimachinery/names.ts'
import {
  atomicList,
  type Infer,
  int32,
  int64,
  intOrString,
  keyedList,
  object,
  optional,
  required,
  text,
  time,
} from '../../apimachinery/schema.ts'
import { scaleSubresource } from '../autoscaling/scale.ts'
import { podTemplateColumns } from '../columns.ts'
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts'
import { templateWarnings } from '../core/pod/warnings.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { applyStatefulSetDefaults } from './stateful-set/defaults.ts'
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from './stateful-set/validation.ts'

export const RollingUpdateStatefulSetStrategy = object(
  'io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy',
  'How far a rolling update goes, and how far at once.',
  {
    partition: optional(1, int32, 'Ordinal from which on pods are updated; those below stay as they are. 0 by default.'),
    maxUnavailable: optional(2, intOrString, 'Number or percentage of pods that may be missing during an update; 1 by default.'),
  },
)
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof RollingUpdateStatefulSetStrategy> {}

export const StatefulSetUpdateStrategy = object('io.k8s.api.apps.v1.StatefulSetUpdateStrategy', 'How pods are replaced by new ones.', {
  type: optional(1, text, 'RollingUpdate (the default), or OnDelete: a pod is replaced once somebody deletes it.', {
    enum: ['OnDelete', 'RollingUpdate'],
  }),
  rollingUpdate: optional(2, RollingUpdateStatefulSetStrategy, 'How far a rolling update goes.'),
})
export interface StatefulSetUpdateStrategy extends Infer<typeof StatefulSetUpdateStrategy> {}

export const StatefulSetPersistentVolumeClaimRetentionPolicy = object(
  'io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  'What becomes of claims that are no longer used.',
  {
    whenDeleted: optional(1, text, 'When the stateful set is deleted: Retain (the default) or Delete.'),
    whenScaled: optional(2, text, 'When their pod is scaled away: Retain (the default) or Delete.'),
  },
)
export interface StatefulSetPersistentVolumeClaimRetentionPolicy extends Infer<typeof StatefulSetPersistentVolumeClaimRetentionPolicy> {}

export const StatefulSetOrdinals = object('io.k8s.api.apps.v1.StatefulSetOrdinals', 'How pods are numbered.', {
  start: optional(1, int32, 'Number of the first pod; 0 by default.', { default: 0 }),
})
export interface StatefulSetOrdinals extends Infer<typeof StatefulSetOrdinals> {}

export const StatefulSetSpec = object('io.k8s.api.apps.v1.StatefulSetSpec', 'What is asked of a stateful set.', {
  replicas: optional(1, int32, 'Number of pods wanted; 1 by default.'),
  selector: required(2, LabelSelector, "Labels by which its pods are found; must match the template's and can't be changed."),
  template: required(3, PodTemplateSpec, 'What the pods are made from; a change starts an update.'),
  volumeClaimTemplates: optional(
    4,
    atomicList(PersistentVolumeClaim),
    'Claims that each pod gets for itself and keeps, as volumes of the same names.',
  ),
  serviceName: optional(5, text, 'Headless service under which the pods have names in DNS.'),
  podManagementPolicy: optional(6, text, 'OrderedReady (the default: one pod after another) or Parallel (all at once).', {
    enum: ['OrderedReady', 'Parallel'],
  }),
  updateStrategy: optional(7, StatefulSetUpdateStrategy, 'How pods are replaced by new ones.'),
  revisionHistoryLimit: optional(8, int32, 'Number of old revisions that are kept to go back to; 10 by default.'),
  minReadySeconds: optional(9, int32, 'Seconds that a pod must have been ready to count as available; 0 by default.'),
  persistentVolumeClaimRetentionPolicy: optional(
    10,
    StatefulSetPersistentVolumeClaimRetentionPolicy,
    'What becomes of claims that are no longer used.',
  ),
  ordinals: optional(11, StatefulSetOrdinals, 'How pods are numbered.'),
})
export interface StatefulSetSpec extends Infer<typeof StatefulSetSpec> {}

export const StatefulSetCondition = object('io.k8s.api.apps.v1.StatefulSetCondition', 'One aspect of the state of a stateful set.', {
  type: required(1, text, 'Name of the condition.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastTransitionTime: optional(3, time, 'When the status changed last.'),
  reason: optional(4, text, 'Why, in a word for machines.'),
  message: optional(5, text, 'Why, for people.'),
})
export interface StatefulSetCondition extends Infer<typeof StatefulSetCondition> {}

export const StatefulSetStatus = object('io.k8s.api.apps.v1.StatefulSetStatus', 'What has become of a stateful set.', {
  observedGeneration: optional(1, int64, 'Generation of the spec that this status is about.'),
  replicas: required(2, int32, 'Number of pods there are.', { default: 0 }),
  readyReplicas: optional(3, int32, 'Number of pods that are ready.'),
  currentReplicas: optional(4, int32, 'Number of pods of the current revision.'),
  updatedReplicas: optional(5, int32, 'Number of pods of the update revision.'),
  currentRevision: optional(6, text, 'Revision that the pods have which no update has reached yet.'),
  updateRevision: optional(7, text, 'Revision of the present template.'),
  collisionCount: optional(9, int32, 'How often the name of a new revision was taken; part of the hash in such names.'),
  conditions: optional(10, keyedList(StatefulSetCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  availableReplicas: optional(11, int32, 'Number of pods that have been ready for minReadySeconds.', { default: 0 }),
})
export interface StatefulSetStatus extends Infer<typeof StatefulSetStatus> {}

export const StatefulSet = topLevel(
  'io.k8s.api.apps.v1.StatefulSet',
  'Keeps numbered pods running, each with a name and storage that outlive it.',
  {
    spec: optional(2, StatefulSetSpec, 'What is asked of the stateful set.'),
    status: optional(3, StatefulSetStatus, 'What has become of it; written by the system.'),
  },
)
export interface StatefulSet extends Infer<typeof StatefulSet> {}

export const statefulSetKind: Kind<StatefulSet> = defineKind({
  kind: 'StatefulSet',
  resource: 'statefulsets',
  group: 'apps',
  version: 'v1',
  schema: StatefulSet,
  scope: 'Namespaced',
  shortNames: ['sts'],
  categories: ['all'],
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Number of ready pods, and of those wanted.',
      priority: 0,
      cell: ({ spec, status }: StatefulSet) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    },
    ageColumn,
    ...podTemplateColumns((statefulSet: StatefulSet) => statefulSet.spec?.template),
  ],
  strategy: {
    applyDefaults: applyStatefulSetDefaults,
    prepareForCreate: statefulSet => withGeneration({ ...statefulSet, status: { replicas: 0, availableReplicas: 0 } }, 1),
    prepareForUpdate: (statefulSet, old) => countGeneration(keepStatus(statefulSet, old), old),
    validate: validateStatefulSet,
    validateUpdate: validateStatefulSetUpdate,
    validateName: asNameRule(validateDnsLabel),
    warnings: statefulSetWarnings,
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('StatefulSet', validateStatefulSetStatus), scale: scaleSubresource },
})

function statefulSetWarnings({ metadata, spec }: StatefulSet, old: StatefulSet | undefined): string[] {
  if (old && old.metadata.generation === metadata.generation) return []
  const keepsAll = (spec?.revisionHistoryLimit ?? 0) < 0
  return [
    ...templateWarnings(spec?.template, 'spec.template'),
    ...(keepsAll ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : []),
  ]
}
