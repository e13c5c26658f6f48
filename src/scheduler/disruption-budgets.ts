import { type LabelMatcher, labelSelectorMatcher } from '../apimachinery/selectors.ts'
import type { PodDisruptionBudget } from '../apis/policy/pod-disruption-budget.ts'
import type { PodInfo } from './pod-info.ts'

/** Which pods could go without breaking a budget, if they went one after the other in this order. */
export interface DisruptionBudgets {
  split(pods: readonly PodInfo[]): { readonly violating: readonly PodInfo[]; readonly harmless: readonly PodInfo[] }
}

interface Budget {
  readonly selector: LabelMatcher
  readonly allowed: number
  /** Evicted already: the budget has been charged for them. */
  readonly disrupted: Readonly<Record<string, string>>
}

/** Budgets of one moment, compiled once for all nodes that are tried. */
export function readBudgets(all: readonly PodDisruptionBudget[]): DisruptionBudgets {
  const byNamespace = Map.groupBy(all.filter(selectsSomething), ({ metadata }) => metadata.namespace ?? '')
  const compiled = new Map([...byNamespace].map(([namespace, budgets]) => [namespace, budgets.map(compile)]))
  return {
    split(pods) {
      if (compiled.size === 0) return { violating: [], harmless: pods }
      const used = new Map<Budget, number>()
      const violating = new Set(pods.filter(pod => breaksOne(pod, compiled.get(pod.pod.metadata.namespace ?? '') ?? [], used)))
      return { violating: [...violating], harmless: pods.filter(pod => !violating.has(pod)) }
    },
  }
}

/** Preemption, unlike eviction, takes an empty selector for one of no pod, as upstream does. */
const selectsSomething = ({ spec }: PodDisruptionBudget): boolean =>
  Object.keys(spec?.selector?.matchLabels ?? {}).length + (spec?.selector?.matchExpressions ?? []).length > 0

const compile = ({ spec, status }: PodDisruptionBudget): Budget => ({
  selector: labelSelectorMatcher(spec?.selector),
  allowed: status?.disruptionsAllowed ?? 0,
  disrupted: status?.disruptedPods ?? {},
})

/** Every budget of the pod is charged, also where another one is broken. */
function breaksOne({ pod }: PodInfo, budgets: readonly Budget[], used: Map<Budget, number>): boolean {
  const { labels, name = '' } = pod.metadata
  if (labels === undefined || Object.keys(labels).length === 0) return false
  let broken = false
  for (const budget of budgets) {
    if (Object.hasOwn(budget.disrupted, name) || !budget.selector.matches(labels)) continue
    const count = (used.get(budget) ?? 0) + 1
    used.set(budget, count)
    if (count > budget.allowed) broken = true
  }
  return broken
}
