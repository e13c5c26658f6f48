import type { Node } from '../../apis/core/node.ts'
import { matchesTerm } from '../../apis/core/scheduling-rules.ts'
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
