import type { LabelSelector } from '../../../apimachinery/meta.ts'
import type { PodSpec } from '../pod-spec.ts'
import type { PodAffinity, PodAffinityTerm, TopologySpreadConstraint, WeightedPodAffinityTerm } from '../scheduling-terms.ts'
import { mapShared, withField } from '../sharing.ts'

type Labels = Readonly<Record<string, string>>

/** Folds the pod's own values of matchLabelKeys and mismatchLabelKeys into the selectors beside them, once, at creation. */
export function mergeMatchLabelKeys(given: PodSpec, labels: Labels = {}): PodSpec {
  let spec = given
  if (spec.topologySpreadConstraints) {
    const merge = (constraint: TopologySpreadConstraint) => mergeKeys(constraint, labels)
    spec = withField(spec, 'topologySpreadConstraints', mapShared(spec.topologySpreadConstraints, merge))
  }
  if (spec.affinity) {
    let affinity = spec.affinity
    if (affinity.podAffinity) affinity = withField(affinity, 'podAffinity', mergeAffinity(affinity.podAffinity, labels))
    if (affinity.podAntiAffinity) affinity = withField(affinity, 'podAntiAffinity', mergeAffinity(affinity.podAntiAffinity, labels))
    spec = withField(spec, 'affinity', affinity)
  }
  return spec
}

function mergeAffinity(given: PodAffinity, labels: Labels): PodAffinity {
  const mergeTerm = (term: PodAffinityTerm) => mergeKeys(term, labels)
  const mergeWeighted = (weighted: WeightedPodAffinityTerm) =>
    withField(weighted, 'podAffinityTerm', mergeKeys(weighted.podAffinityTerm ?? {}, labels))
  let affinity = given
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = given
  if (required) affinity = withField(affinity, 'requiredDuringSchedulingIgnoredDuringExecution', mapShared(required, mergeTerm))
  if (preferred) affinity = withField(affinity, 'preferredDuringSchedulingIgnoredDuringExecution', mapShared(preferred, mergeWeighted))
  return affinity
}

interface SelectsByKeys {
  readonly labelSelector?: LabelSelector
  readonly matchLabelKeys?: readonly string[]
  readonly mismatchLabelKeys?: readonly string[]
}

function mergeKeys<T extends SelectsByKeys>(term: T, labels: Labels): T {
  // Without a selector the term matches nothing, whatever the keys.
  if (term.labelSelector === undefined) return term
  const requirement = (operator: string) => (key: string) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }])
  const added = [...(term.matchLabelKeys ?? []).flatMap(requirement('In')), ...(term.mismatchLabelKeys ?? []).flatMap(requirement('NotIn'))]
  if (added.length === 0) return term
  const matchExpressions = [...(term.labelSelector.matchExpressions ?? []), ...added]
  return { ...term, labelSelector: { ...term.labelSelector, matchExpressions } }
}
