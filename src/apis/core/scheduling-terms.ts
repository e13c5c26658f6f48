import { LabelSelector } from '../../apimachinery/meta.ts'
import { atomicList, type Infer, int32, int64, object, optional, required, text } from '../../apimachinery/schema.ts'

export const NodeSelectorRequirement = object('io.k8s.api.core.v1.NodeSelectorRequirement', '', {
  key: required(1, text, ''),
  operator: required(2, text, '', { enum: ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'] }),
  values: optional(3, atomicList(text), ''),
})
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

export const NodeSelectorTerm = object(
  'io.k8s.api.core.v1.NodeSelectorTerm',
  '',
  {
    matchExpressions: optional(1, atomicList(NodeSelectorRequirement), ''),
    matchFields: optional(2, atomicList(NodeSelectorRequirement), ''),
  },
  { mapType: 'atomic' },
)
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

export const PreferredSchedulingTerm = object('io.k8s.api.core.v1.PreferredSchedulingTerm', '', {
  weight: required(1, int32, '', { default: 0 }),
  preference: required(2, NodeSelectorTerm, ''),
})
export interface PreferredSchedulingTerm extends Infer<typeof PreferredSchedulingTerm> {}

export const NodeSelector = object(
  'io.k8s.api.core.v1.NodeSelector',
  '',
  {
    nodeSelectorTerms: required(1, atomicList(NodeSelectorTerm), ''),
  },
  { mapType: 'atomic' },
)
export interface NodeSelector extends Infer<typeof NodeSelector> {}

export const NodeAffinity = object('io.k8s.api.core.v1.NodeAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, NodeSelector, ''),
  preferredDuringSchedulingIgnoredDuringExecution: optional(2, atomicList(PreferredSchedulingTerm), ''),
})
export interface NodeAffinity extends Infer<typeof NodeAffinity> {}

export const PodAffinityTerm = object('io.k8s.api.core.v1.PodAffinityTerm', '', {
  labelSelector: optional(1, LabelSelector, ''),
  namespaces: optional(2, atomicList(text), ''),
  topologyKey: required(3, text, ''),
  namespaceSelector: optional(4, LabelSelector, ''),
  matchLabelKeys: optional(5, atomicList(text), ''),
  mismatchLabelKeys: optional(6, atomicList(text), ''),
})
export interface PodAffinityTerm extends Infer<typeof PodAffinityTerm> {}

export const WeightedPodAffinityTerm = object('io.k8s.api.core.v1.WeightedPodAffinityTerm', '', {
  weight: required(1, int32, '', { default: 0 }),
  podAffinityTerm: required(2, PodAffinityTerm, ''),
})
export interface WeightedPodAffinityTerm extends Infer<typeof WeightedPodAffinityTerm> {}

export const PodAffinity = object('io.k8s.api.core.v1.PodAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, atomicList(PodAffinityTerm), ''),
  preferredDuringSchedulingIgnoredDuringExecution: optional(2, atomicList(WeightedPodAffinityTerm), ''),
})
export interface PodAffinity extends Infer<typeof PodAffinity> {}

export const PodAntiAffinity = object('io.k8s.api.core.v1.PodAntiAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, atomicList(PodAffinityTerm), ''),
  preferredDuringSchedulingIgnoredDuringExecution: optional(2, atomicList(WeightedPodAffinityTerm), ''),
})
export interface PodAntiAffinity extends Infer<typeof PodAntiAffinity> {}

export const Affinity = object('io.k8s.api.core.v1.Affinity', '', {
  nodeAffinity: optional(1, NodeAffinity, ''),
  podAffinity: optional(2, PodAffinity, ''),
  podAntiAffinity: optional(3, PodAntiAffinity, ''),
})
export interface Affinity extends Infer<typeof Affinity> {}

export const Toleration = object('io.k8s.api.core.v1.Toleration', '', {
  key: optional(1, text, ''),
  operator: optional(2, text, '', { enum: ['Equal', 'Exists', 'Gt', 'Lt'] }),
  value: optional(3, text, ''),
  effect: optional(4, text, '', { enum: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'] }),
  tolerationSeconds: optional(5, int64, ''),
})
export interface Toleration extends Infer<typeof Toleration> {}

export const TopologySpreadConstraint = object('io.k8s.api.core.v1.TopologySpreadConstraint', '', {
  maxSkew: required(1, int32, '', { default: 0 }),
  topologyKey: required(2, text, ''),
  whenUnsatisfiable: required(3, text, '', { enum: ['DoNotSchedule', 'ScheduleAnyway'] }),
  labelSelector: optional(4, LabelSelector, ''),
  minDomains: optional(5, int32, ''),
  nodeAffinityPolicy: optional(6, text, '', { enum: ['Honor', 'Ignore'] }),
  nodeTaintsPolicy: optional(7, text, '', { enum: ['Honor', 'Ignore'] }),
  matchLabelKeys: optional(8, atomicList(text), ''),
})
export interface TopologySpreadConstraint extends Infer<typeof TopologySpreadConstraint> {}
