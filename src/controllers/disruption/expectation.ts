import type { Pod } from '../../apis/core/pod.ts'
import type { PodDisruptionBudget } from '../../apis/policy/pod-disruption-budget.ts'
import { controllerOf } from '../../client/index.ts'

/** How many pods a budget counts on, and how many of them must be healthy. */
export interface Expectation {
  readonly expectedPods: number
  readonly desiredHealthy: number
  /** Pods that nothing makes, so nobody knows how many of them there should be. */
  readonly unmanaged: readonly Pod[]
}

/** What makes a pod, and how many of its pods there should be. */
export interface PodScale {
  readonly uid: string
  readonly replicas: number
}

/** `scaleOf` answers undefined for a pod without a controller, and throws where the scale of one can't be found. */
export async function expectationOf(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  scaleOf: (pod: Pod) => Promise<PodScale | undefined>,
): Promise<Expectation> {
  const { minAvailable, maxUnavailable } = spec ?? {}
  if (maxUnavailable !== undefined) {
    const { expectedPods, unmanaged } = await countExpected(pods, scaleOf)
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - scaled(maxUnavailable, expectedPods)), unmanaged }
  }
  if (typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0, unmanaged: [] }
  const { expectedPods, unmanaged } = await countExpected(pods, scaleOf)
  return { expectedPods, desiredHealthy: scaled(minAvailable, expectedPods), unmanaged }
}

/** A share is rounded up: of three pods, 50% are two. */
const scaled = (value: number | string, total: number): number =>
  typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * total) / 100)

async function countExpected(pods: readonly Pod[], scaleOf: (pod: Pod) => Promise<PodScale | undefined>) {
  const scales = new Map<string, number>()
  const asked = new Set<string>()
  const unmanaged: Pod[] = []
  for (const pod of pods) {
    // Asking may take a call: once is enough for all pods of one controller.
    const controller = controllerOf(pod)?.uid
    if (controller !== undefined && asked.has(controller)) continue
    const scale = await scaleOf(pod)
    if (controller !== undefined) asked.add(controller)
    if (scale === undefined) unmanaged.push(pod)
    else scales.set(scale.uid, scale.replicas)
  }
  return { expectedPods: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged }
}
