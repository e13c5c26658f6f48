import type { Pod } from '../../apis/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
import { nodeOfPod } from './pods.ts'

/** Pods that end by themselves are replaced, ever more slowly where it happens again and again. */
export interface EndedPods {
  /** Those that may be replaced now, and when the next may. */
  sort(key: string, pods: readonly Pod[]): { readonly due: readonly Pod[]; readonly retryAfter_ms: number | undefined }
  forget(key: string): void
}

const first_ms = 1000
const maximum_ms = 15 * 60_000

interface Record {
  /** The pod that was counted last. */
  uid: string | undefined
  delay_ms: number
  notBefore_ms: number
}

export function createEndedPods(clock: Clock): EndedPods {
  /** By set, then by node. */
  const sets = new Map<string, Map<string, Record>>()

  const recordOf = (key: string, node: string): Record => {
    const nodes = sets.get(key) ?? new Map<string, Record>()
    sets.set(key, nodes)
    const record = nodes.get(node) ?? { uid: undefined, delay_ms: 0, notBefore_ms: 0 }
    nodes.set(node, record)
    return record
  }

  return {
    sort(key, pods) {
      const now_ms = clock.now()
      const due: Pod[] = []
      let retryAfter_ms: number | undefined
      for (const pod of pods) {
        const record = recordOf(key, nodeOfPod(pod) ?? '')
        if (record.uid !== pod.metadata.uid) {
          // One that lasted for long after the last wait starts anew.
          const isAgain = now_ms < record.notBefore_ms + 2 * maximum_ms
          record.notBefore_ms = now_ms + (isAgain ? record.delay_ms : 0)
          record.delay_ms = isAgain ? Math.min(maximum_ms, record.delay_ms * 2 || first_ms) : first_ms
          record.uid = pod.metadata.uid
        }
        const left_ms = record.notBefore_ms - now_ms
        if (left_ms <= 0) due.push(pod)
        else retryAfter_ms = Math.min(retryAfter_ms ?? left_ms, left_ms)
      }
      return { due, retryAfter_ms }
    },
    forget(key) {
      sets.delete(key)
    },
  }
}
