import type { Node, Taint } from './node.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm, Toleration } from './scheduling-terms.ts'

/** Which nodes a term selects, and which taints a toleration puts up with: what the scheduler and daemon sets must agree on. */

/** An empty term matches nothing; of a term, all expressions must hold. */
export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length === 0 && fields.length === 0) return false
  return (
    expressions.every(requirement => matchesRequirement(requirement, labelOf(node, requirement.key))) &&
    // metadata.name is the only field that validation lets through.
    fields.every(requirement => matchesRequirement(requirement, requirement.key === 'metadata.name' ? node.metadata.name : undefined))
  )
}

/** `constructor` is a key that a label may have, and that every object seems to have. */
function labelOf({ metadata: { labels } }: Node, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
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

export const tolerates = (tolerations: readonly Toleration[], taint: Taint): boolean =>
  tolerations.some(toleration => toleratesTaint(toleration, taint))

function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  switch (toleration.operator || 'Equal') {
    case 'Exists':
      return true
    case 'Equal':
      // Without a key only Exists is valid, and validation has seen to that.
      return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '')
    case 'Lt':
      return compares(taint, toleration, (actual, bound) => actual < bound)
    case 'Gt':
      return compares(taint, toleration, (actual, bound) => actual > bound)
    default:
      return false
  }
}

function compares(taint: Taint, toleration: Toleration, test: (actual: bigint, bound: bigint) => boolean): boolean {
  const integer = /^-?\d+$/
  if (!integer.test(taint.value ?? '') || !integer.test(toleration.value ?? '')) return false
  return test(BigInt(taint.value ?? '0'), BigInt(toleration.value ?? '0'))
}
