import { ageColumn, type Column, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { type Infer, int32, int64, intOrString, keyedList, object, optional, required, text, time } from '../../apimachinery/schema.ts'
import { formatLabelSelector } from '../../apimachinery/selectors.ts'
import { formatLabels, podTemplateColumns } from '../columns.ts'
import { applyPodTemplateDefaults } from '../core/pod/defaults.ts'
import { templateWarnings } from '../core/pod/warnings.ts'
import { PodTemplateSpec } from '../core/pod-spec.ts'
import { withDefault, withField } from '../core/sharing.ts'
import { immutable } from '../field-rules.ts'
import { countGeneration, keepStatus, statusSubresource, withGeneration } from '../strategy.ts'
import { firstTemplateGeneration, nextTemplateGeneration } from './daemon-set/template-generation.ts'
import { validateDaemonSetSpec, validateDaemonSetStatus } from './daemon-set/validation.ts'

export const RollingUpdateDaemonSet = object('io.k8s.api.apps.v1.RollingUpdateDaemonSet', 'How far a rolling update may go at once.', {
  maxUnavailable: optional(1, intOrString, 'Number or percentage of nodes on which the pod may be missing during an update; 1 by default.'),
  maxSurge: optional(2, intOrString, 'Number or percentage of nodes on which a new pod may run beside the old one; 0 by default.'),
})
export interface RollingUpdateDaemonSet extends Infer<typeof RollingUpdateDaemonSet> {}

export const DaemonSetUpdateStrategy = object('io.k8s.api.apps.v1.DaemonSetUpdateStrategy', 'How pods are replaced by new ones.', {
  type: optional(1, text, 'RollingUpdate (the default), or OnDelete: a pod is replaced once somebody deletes it.', {
    enum: ['OnDelete', 'RollingUpdate'],
  }),
  rollingUpdate: optional(2, RollingUpdateDaemonSet, 'Bounds of a rolling update.'),
})
export interface DaemonSetUpdateStrategy extends Infer<typeof DaemonSetUpdateStrategy> {}

export const DaemonSetSpec = object('io.k8s.api.apps.v1.DaemonSetSpec', 'What is asked of a daemon set.', {
  selector: required(1, LabelSelector, "Labels by which its pods are found; must match the template's and can't be changed."),
  template: required(2, PodTemplateSpec, 'What the pods are made from; its node selector and affinity say on which nodes.'),
  updateStrategy: optional(3, DaemonSetUpdateStrategy, 'How pods are replaced by new ones.'),
  minReadySeconds: optional(4, int32, 'Seconds that a pod must have been ready to count as available; 0 by default.'),
  revisionHistoryLimit: optional(6, int32, 'Number of old revisions that are kept to go back to; 10 by default.'),
})
export interface DaemonSetSpec extends Infer<typeof DaemonSetSpec> {}

export const DaemonSetCondition = object('io.k8s.api.apps.v1.DaemonSetCondition', 'One aspect of the state of a daemon set.', {
  type: required(1, text, 'Name of the condition.'),
  status: required(2, text, 'True, False or Unknown.'),
  lastTransitionTime: optional(3, time, 'When the status changed last.'),
  reason: optional(4, text, 'Why, in a word for machines.'),
  message: optional(5, text, 'Why, for people.'),
})
export interface DaemonSetCondition extends Infer<typeof DaemonSetCondition> {}

export const DaemonSetStatus = object('io.k8s.api.apps.v1.DaemonSetStatus', 'What has become of a daemon set.', {
  currentNumberScheduled: required(1, int32, 'Number of nodes that should run the pod and do.', { default: 0 }),
  numberMisscheduled: required(2, int32, 'Number of nodes that run the pod and should not.', { default: 0 }),
  desiredNumberScheduled: required(3, int32, 'Number of nodes that should run the pod.', { default: 0 }),
  numberReady: required(4, int32, 'Number of nodes that should run the pod and have it ready.', { default: 0 }),
  observedGeneration: optional(5, int64, 'Generation of the spec that this status is about.'),
  updatedNumberScheduled: optional(6, int32, 'Number of nodes with a pod made from the present template.'),
  numberAvailable: optional(7, int32, 'Number of nodes whose pod has been ready for minReadySeconds.'),
  numberUnavailable: optional(8, int32, 'Number of nodes whose pod is missing or not yet available.'),
  collisionCount: optional(9, int32, 'How often the name of a new revision was taken; part of the hash in such names.'),
  conditions: optional(10, keyedList(DaemonSetCondition, 'type'), 'Aspects of its state, one for each type.', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
})
export interface DaemonSetStatus extends Infer<typeof DaemonSetStatus> {}

export const DaemonSet = topLevel('io.k8s.api.apps.v1.DaemonSet', 'Keeps one pod running on every node, or on every node of a kind.', {
  spec: optional(2, DaemonSetSpec, 'What is asked of the daemon set.'),
  status: optional(3, DaemonSetStatus, 'What has become of it; written by the system.'),
})
export interface DaemonSet extends Infer<typeof DaemonSet> {}

const emptyStatus: DaemonSetStatus = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }

type Count = 'desiredNumberScheduled' | 'currentNumberScheduled' | 'numberReady' | 'updatedNumberScheduled' | 'numberAvailable'

const count = (name: string, field: Count, description: string): Column => ({
  name,
  type: 'integer',
  description,
  priority: 0,
  cell: ({ status }: DaemonSet) => status?.[field] ?? 0,
})

export const daemonSetKind: Kind<DaemonSet> = defineKind({
  kind: 'DaemonSet',
  resource: 'daemonsets',
  group: 'apps',
  version: 'v1',
  schema: DaemonSet,
  scope: 'Namespaced',
  shortNames: ['ds'],
  categories: ['all'],
  columns: [
    nameColumn,
    count('Desired', 'desiredNumberScheduled', 'Number of nodes that should run the pod.'),
    count('Current', 'currentNumberScheduled', 'Number of nodes that should run the pod and do.'),
    count('Ready', 'numberReady', 'Number of nodes with a ready pod.'),
    count('Up-to-date', 'updatedNumberScheduled', 'Number of nodes with a pod made from the present template.'),
    count('Available', 'numberAvailable', 'Number of nodes whose pod has been ready for long enough.'),
    {
      name: 'Node Selector',
      type: 'string',
      description: 'Labels of the nodes that should run the pod.',
      priority: 0,
      cell: ({ spec }: DaemonSet) => formatLabels(spec?.template?.spec?.nodeSelector),
    },
    ageColumn,
    ...podTemplateColumns((daemonSet: DaemonSet) => daemonSet.spec?.template),
    {
      name: 'Selector',
      type: 'string',
      description: 'Labels by which the pods are found.',
      priority: 1,
      cell: ({ spec }: DaemonSet) => formatLabelSelector(spec?.selector),
    },
  ],
  strategy: {
    applyDefaults: daemonSet => (daemonSet.spec ? withField(daemonSet, 'spec', withSpecDefaults(daemonSet.spec)) : daemonSet),
    prepareForCreate: daemonSet => firstTemplateGeneration(withGeneration({ ...daemonSet, status: emptyStatus }, 1)),
    prepareForUpdate: (daemonSet, old) => countGeneration(nextTemplateGeneration(keepStatus(daemonSet, old), old), old),
    validate: daemonSet => validateDaemonSetSpec(daemonSet.spec),
    validateUpdate: (daemonSet, old) => immutable(daemonSet.spec?.selector, old.spec?.selector, 'spec.selector'),
    warnings: (daemonSet, old) =>
      old && old.metadata.generation === daemonSet.metadata.generation ? [] : templateWarnings(daemonSet.spec?.template, 'spec.template'),
    allowUnconditionalUpdate: true,
  },
  subresources: { status: statusSubresource('DaemonSet', validateDaemonSetStatus) },
})

function withSpecDefaults(given: DaemonSetSpec): DaemonSetSpec {
  let spec = withField(given, 'updateStrategy', withStrategyDefaults(given.updateStrategy ?? {}))
  spec = withField(spec, 'revisionHistoryLimit', spec.revisionHistoryLimit ?? 10)
  return spec.template ? withField(spec, 'template', applyPodTemplateDefaults(spec.template)) : spec
}

function withStrategyDefaults(given: DaemonSetUpdateStrategy): DaemonSetUpdateStrategy {
  const strategy = withDefault(given, 'type', 'RollingUpdate')
  if (strategy.type !== 'RollingUpdate') return strategy
  const { maxUnavailable = 1, maxSurge = 0 } = strategy.rollingUpdate ?? {}
  const isComplete = strategy.rollingUpdate?.maxUnavailable !== undefined && strategy.rollingUpdate.maxSurge !== undefined
  return isComplete ? strategy : { ...strategy, rollingUpdate: { maxUnavailable, maxSurge } }
}
