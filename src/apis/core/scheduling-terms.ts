import { LabelSelector } from '../../apimachinery/meta.ts'
import { atomicList, type Infer, int32, int64, object, optional, required, text } from '../../apimachinery/schema.ts'

export const NodeSelectorRequirement = object(
  'io.k8s.api.core.v1.NodeSelectorRequirement',
  'A requirement on one label or field of a node.',
  {
    key: required(1, text, 'Key of the label, or path of the field.'),
    operator: required(2, text, 'In, NotIn, Exists, DoesNotExist, Gt or Lt.', {
      enum: ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'],
    }),
    values: optional(3, atomicList(text), 'Values to compare with; one number for Gt and Lt.'),
  },
)
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

export const NodeSelectorTerm = object(
  'io.k8s.api.core.v1.NodeSelectorTerm',
  'Requirements that must all hold; none at all match nothing.',
  {
    matchExpressions: optional(1, atomicList(NodeSelectorRequirement), 'Requirements on labels.'),
    matchFields: optional(2, atomicList(NodeSelectorRequirement), 'Requirements on fields: metadata.name.'),
  },
  { mapType: 'atomic' },
)
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

export const PreferredSchedulingTerm = object('io.k8s.api.core.v1.PreferredSchedulingTerm', 'Nodes that are preferred.', {
  weight: required(1, int32, 'How much it counts, 1 to 100.', { default: 0 }),
  preference: required(2, NodeSelectorTerm, 'Which nodes.'),
})
export interface PreferredSchedulingTerm extends Infer<typeof PreferredSchedulingTerm> {}

export const NodeSelector = object(
  'io.k8s.api.core.v1.NodeSelector',
  'Which nodes are meant, as a list of alternatives.',
  {
    nodeSelectorTerms: required(1, atomicList(NodeSelectorTerm), 'Terms, of which one must match.'),
  },
  { mapType: 'atomic' },
)
export interface NodeSelector extends Infer<typeof NodeSelector> {}

export const NodeAffinity = object('io.k8s.api.core.v1.NodeAffinity', 'Which nodes a pod wants.', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, NodeSelector, 'Nodes that it must run on; looked at when it is placed.'),
  preferredDuringSchedulingIgnoredDuringExecution: optional(2, atomicList(PreferredSchedulingTerm), 'Nodes that it would rather run on.'),
})
export interface NodeAffinity extends Infer<typeof NodeAffinity> {}

export const PodAffinityTerm = object('io.k8s.api.core.v1.PodAffinityTerm', 'Pods, and the domain within which they count as near.', {
  labelSelector: optional(1, LabelSelector, 'Labels of the pods; none set matches no pods.'),
  namespaces: optional(2, atomicList(text), "Namespaces to look in, beside those of namespaceSelector; the pod's own by default."),
  topologyKey: required(3, text, 'Label of nodes whose equal values make one domain.'),
  namespaceSelector: optional(4, LabelSelector, 'Labels of namespaces to look in.'),
  matchLabelKeys: optional(5, atomicList(text), 'Labels whose values must be those of the pod itself.'),
  mismatchLabelKeys: optional(6, atomicList(text), 'Labels whose values must differ from those of the pod itself.'),
})
export interface PodAffinityTerm extends Infer<typeof PodAffinityTerm> {}

export const WeightedPodAffinityTerm = object('io.k8s.api.core.v1.WeightedPodAffinityTerm', 'A preference about pods.', {
  weight: required(1, int32, 'How much it counts, 1 to 100.', { default: 0 }),
  podAffinityTerm: required(2, PodAffinityTerm, 'Which pods, in which domain.'),
})
export interface WeightedPodAffinityTerm extends Infer<typeof WeightedPodAffinityTerm> {}

export const PodAffinity = object('io.k8s.api.core.v1.PodAffinity', 'Pods that a pod wants near.', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(
    1,
    atomicList(PodAffinityTerm),
    'Pods that must be near; looked at when it is placed.',
  ),
  preferredDuringSchedulingIgnoredDuringExecution: optional(2, atomicList(WeightedPodAffinityTerm), 'Pods that would rather be near.'),
})
export interface PodAffinity extends Infer<typeof PodAffinity> {}

export const PodAntiAffinity = object('io.k8s.api.core.v1.PodAntiAffinity', 'Pods that a pod wants far.', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(
    1,
    atomicList(PodAffinityTerm),
    'Pods that must not be near; looked at when it is placed.',
  ),
  preferredDuringSchedulingIgnoredDuringExecution: optional(2, atomicList(WeightedPodAffinityTerm), 'Pods that would rather not be near.'),
})
export interface PodAntiAffinity extends Infer<typeof PodAntiAffinity> {}

export const Affinity = object('io.k8s.api.core.v1.Affinity', 'What nodes and pods a pod wants near, or far.', {
  nodeAffinity: optional(1, NodeAffinity, 'Nodes that it wants.'),
  podAffinity: optional(2, PodAffinity, 'Pods that it wants near.'),
  podAntiAffinity: optional(3, PodAntiAffinity, 'Pods that it wants far.'),
})
export interface Affinity extends Infer<typeof Affinity> {}

export const Toleration = object('io.k8s.api.core.v1.Toleration', 'A taint that a pod puts up with.', {
  key: optional(1, text, 'Key of the taint; empty, with Exists, for all.'),
  operator: optional(2, text, 'Equal, or Exists for any value.', { enum: ['Equal', 'Exists', 'Gt', 'Lt'] }),
  value: optional(3, text, 'Value of the taint, with Equal.'),
  effect: optional(4, text, 'Effect of the taint; empty for all.', { enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'] }),
  tolerationSeconds: optional(5, int64, 'How long a NoExecute taint is put up with; for ever by default.'),
})
export interface Toleration extends Infer<typeof Toleration> {}

export const TopologySpreadConstraint = object('io.k8s.api.core.v1.TopologySpreadConstraint', 'How pods are spread over domains.', {
  maxSkew: required(1, int32, 'How far the numbers of pods in two domains may differ.', { default: 0 }),
  topologyKey: required(2, text, 'Label of nodes whose equal values make one domain.'),
  whenUnsatisfiable: required(3, text, 'DoNotSchedule, or ScheduleAnyway for a preference.', { enum: ['DoNotSchedule', 'ScheduleAnyway'] }),
  labelSelector: optional(4, LabelSelector, 'Labels of the pods that are counted.'),
  minDomains: optional(5, int32, 'Number of domains below which the least counts as zero.'),
  nodeAffinityPolicy: optional(6, text, 'Whether nodes that affinity and selector rule out are left out.', { enum: ['Honor', 'Ignore'] }),
  nodeTaintsPolicy: optional(7, text, "Whether nodes with taints that the pod can't stand are left out.", { enum: ['Honor', 'Ignore'] }),
  matchLabelKeys: optional(8, atomicList(text), 'Labels whose values must be those of the pod itself.'),
})
export interface TopologySpreadConstraint extends Infer<typeof TopologySpreadConstraint> {}
