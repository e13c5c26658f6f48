import type { Taint } from '../../apis/core/node.ts'
import { tolerates } from '../../apis/core/scheduling-rules.ts'
import type { FilterPlugin, ScorePlugin } from '../framework.ts'

/** Pods keep off nodes whose taints they don't tolerate. */
export const taintTolerationFilter: FilterPlugin = {
  name: 'TaintToleration',
  helpedBy: ['nodeAdded', 'nodeTaintsChanged'],
  prepare(pod, { table }) {
    // Decided once for each distinct set of taints, since whole clusters share a few.
    const verdicts: (boolean | undefined)[] = [true]
    const decide = (set: number): boolean => {
      const verdict = !(table.taintSets[set] ?? []).some(taint => repels(taint) && !tolerates(pod.tolerations, taint))
      verdicts[set] = verdict
      return verdict
    }
    return {
      allows(slot) {
        const set = table.taintSet(slot)
        return verdicts[set] ?? decide(set)
      },
      reasons: () => ['node(s) had untolerated taint(s)'],
      unresolvable: () => true,
    }
  },
}

/** Prefers nodes with fewer soft taints that the pod does not tolerate. */
export const taintTolerationScore: ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  prepare(pod, { table }) {
    if (!table.taintSets.some(set => set.some(isSoft))) return undefined
    const soft = pod.tolerations.filter(toleration => !toleration.effect || toleration.effect === 'PreferNoSchedule')
    const bySet = Float64Array.from(table.taintSets, set => set.filter(taint => isSoft(taint) && !tolerates(soft, taint)).length)
    return { scale: 'lowest', of: slot => bySet[table.taintSet(slot)] ?? 0 }
  },
}

const isSoft = (taint: Taint) => taint.effect === 'PreferNoSchedule'

const repels = (taint: Taint) => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute'
