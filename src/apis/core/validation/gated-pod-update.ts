import { type FieldError, invalidField } from '../../../apimachinery/field-error.ts'
import type { PodSpec } from '../pod-spec.ts'
import type { NodeAffinity, NodeSelectorTerm } from '../scheduling-terms.ts'
import { semanticEqual, without } from '../sharing.ts'

/**
 * While scheduling gates hold a pod back, its node selector and node affinity may be narrowed. Gives what is wrong
 * with that, and the spec with the old selection, for the comparison of the rest.
 */
export function changeNodeSelection(spec: PodSpec, before: PodSpec): { errors: FieldError[]; rest: PodSpec } {
  const errors = [
    ...validateNodeSelector(spec.nodeSelector ?? {}, before.nodeSelector ?? {}),
    ...validateNodeAffinity(spec.affinity?.nodeAffinity, before.affinity?.nodeAffinity),
  ]
  const rest = before.nodeSelector ? { ...spec, nodeSelector: before.nodeSelector } : without(spec, 'nodeSelector')
  return { errors, rest: withNodeAffinityOf(before, rest) }
}

function withNodeAffinityOf(before: PodSpec, spec: PodSpec): PodSpec {
  const nodeAffinity = before.affinity?.nodeAffinity
  const others = spec.affinity ? without(spec.affinity, 'nodeAffinity') : {}
  if (nodeAffinity) return { ...spec, affinity: { ...others, nodeAffinity } }
  return before.affinity === undefined && Object.keys(others).length === 0 ? without(spec, 'affinity') : { ...spec, affinity: others }
}

type Labels = Readonly<Record<string, string>>

function validateNodeSelector(now: Labels, before: Labels): FieldError[] {
  const kept = Object.entries(before).every(([key, value]) => now[key] === value)
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return kept ? [] : [invalidField('spec.nodeSelector', now, why)]
}

function validateNodeAffinity(now: NodeAffinity | undefined, before: NodeAffinity | undefined): FieldError[] {
  const oldTerms = before?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const terms = now?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  if (oldTerms.length === 0) return []
  if (terms.length !== oldTerms.length) {
    return [invalidField(path, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  }
  return terms.flatMap((term, index) =>
    hasOnlyAdditions(term, oldTerms[index] ?? {})
      ? []
      : [invalidField(`${path}[${index}]`, term, 'only additions are allowed (no mutations or deletions)')],
  )
}

// Terms are alternatives and requirements narrow a term; but an empty term matches nothing, so adding to it would widen.
function hasOnlyAdditions(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const parts = ['matchExpressions', 'matchFields'] as const
  if (parts.every(part => !before[part]?.length)) return parts.every(part => !now[part]?.length)
  return parts.every(part => {
    const old = before[part] ?? []
    return semanticEqual((now[part] ?? []).slice(0, old.length), old)
  })
}
