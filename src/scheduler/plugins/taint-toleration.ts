import type { Taint } from '../../apis/core/node.ts'
import type { Toleration } from '../../apis/core/scheduling-terms.ts'
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
