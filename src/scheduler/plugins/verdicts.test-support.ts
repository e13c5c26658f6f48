import type { FilterPlugin, ScorePlugin } from '../framework.ts'
import type { TestState } from '../objects.test-support.ts'
import type { PodInfo } from '../pod-info.ts'

/** What a filter says of each node: `ok`, the reasons, and `!` before those that no leaving pod can change. */
export function verdicts(plugin: FilterPlugin, pod: PodInfo, cluster: TestState): Readonly<Record<string, string>> {
  const filter = plugin.prepare(pod, cluster)
  const entries = cluster.table.names.flatMap((name, slot) => {
    if (name === undefined) return []
    const refused = filter !== undefined && !filter.allows(slot)
    return [[name, refused ? `${filter.unresolvable(slot) ? '!' : ''}${filter.reasons(slot).join(', ')}` : 'ok'] as const]
  })
  return Object.fromEntries(entries)
}

/** Raw scores of each node, or undefined where the plugin has nothing to say. */
export function scores(plugin: ScorePlugin, pod: PodInfo, cluster: TestState): Readonly<Record<string, number>> | undefined {
  const slots = cluster.table.names.flatMap((name, slot) => (name === undefined ? [] : [slot]))
  const score = plugin.prepare(pod, cluster, slots)
  return score && Object.fromEntries(slots.map(slot => [cluster.table.names[slot] as string, score.of(slot)]))
}
