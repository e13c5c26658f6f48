import type { Node } from '../../apis/core/node.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../apis/core/scheduling-terms.ts'
import type { FilterPlugin, ScorePlugin } from '../framework.ts'

/** The node matches the pod's nodeSelector and required node affinity. */
export const nodeAffinityFilter: FilterPlugin = {
  name: 'NodeAffinity',
  helpedBy: ['nodeAdded', 'nodeLabelsChanged'],
  prepare(pod, { table }) {
    const selector = Object.entries(pod.pod.spec?.nodeSelector ?? {})
    const terms = pod.pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
    if (selector.length === 0 && terms === undefined) return undefined
    return {
      allows(slot) {
        const node = table.nodes[slot] as Node
        if (!selector.every(([key, value]) => node.metadata.labels?.[key] === value)) return false
        return terms === undefined || terms.some(term => matchesTerm(term, node))
      },
      reasons: () => ["node(s) didn't match Pod's node affinity/selector"],
      unresolvable: () => true,
    }
  },
}

/** Prefers nodes by the weights of the preferred terms that they match. */
export const nodeAffinityScore: ScorePlugin = {
  name: 'NodeAffinity',
  weight: 2,
  prepare(pod, { table }) {
    const preferred = pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    if (preferred.length === 0) return undefined
    return {
      scale: 'highest',
      of(slot) {
        let score = 0
        for (const one of preferred) if (matchesTerm(one.preference, table.nodes[slot] as Node)) score += one.weight
        return score
      },
    }
  },
}

/** An empty term matches nothing; of a term, all expressions must hold. */
export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length === 0 && fields.length === 0) return false
  return (
    expressions.every(requirement => matchesRequirement(requirement, node.metadata.labels?.[requirement.key])) &&
    // metadata.name is the only field that validation lets through.
    fields.every(requirement => matchesRequirement(requirement, requirement.key === 'metadata.name' ? node.metadata.name : undefined))
  )
}

function matchesRequirement({ operator, values = [] }: NodeSelectorRequirement, actual: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual)
    case 'NotIn':
      return actual === undefined || !values.includes(actual)
    case 'Exists':
      return actual !== undefined
    case 'DoesNotExist':
      return actual === undefined
    case 'Gt':
    case 'Lt':
      return comparesAsInteger(operator, actual, values[0])
    default:
      return false
  }
}

function comparesAsInteger(operator: 'Gt' | 'Lt', actual: string | undefined, bound: string | undefined): boolean {
  const integer = /^-?\d+$/
  if (actual === undefined || bound === undefined || !integer.test(actual) || !integer.test(bound)) return false
  return operator === 'Gt' ? BigInt(actual) > BigInt(bound) : BigInt(actual) < BigInt(bound)
}
