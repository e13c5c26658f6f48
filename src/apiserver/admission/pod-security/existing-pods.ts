import type { Pod } from '../../../apis/core/pod.ts'
import { formatReasons, violations } from './evaluate.ts'
import { formatLevel, type LevelVersion } from './policy.ts'

/** So many pods are looked at when a namespace gets stricter. */
const mostPods = 3000

/** What a namespace that gets stricter should know about the pods in it: one line for all that violate the same rules. */
export function existingPodWarnings(namespace: string, level: LevelVersion, pods: readonly Pod[]): readonly string[] {
  const checked = pods.slice(0, mostPods)
  const byReasons = new Map<string, string[]>()
  for (const pod of checked) {
    if (!pod.spec) continue
    const reasons = formatReasons(violations(level, { metadata: pod.metadata, spec: pod.spec }))
    if (reasons) byReasons.set(reasons, [...(byReasons.get(reasons) ?? []), pod.metadata.name ?? ''])
  }
  const lines = [...byReasons].map(([reasons, names]) => `${firstOf(names)}: ${reasons}`).sort()
  return [
    ...(checked.length < pods.length
      ? [`new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`]
      : []),
    ...(lines.length > 0
      ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${formatLevel(level)}"`]
      : []),
    ...lines,
  ]
}

function firstOf(names: readonly string[]): string {
  const [first = ''] = [...names].sort()
  const others = names.length - 1
  if (others === 0) return first
  return others === 1 ? `${first} (and 1 other pod)` : `${first} (and ${others} other pods)`
}
