import type { Labels, MetricsRegistry } from '../../base/index.ts'
import type { ProbeResult } from './handler.ts'
import type { ProbedContainer } from './prober.ts'

/** How often each container was probed with which result, for as long as its pod is there: pods come and go without end. */
export function createProbeCounts(metrics: MetricsRegistry) {
  const total = metrics.counter('prober_probe_total', 'Probes of containers, by type and result.')
  const counted = new Map<string, Map<string, Labels>>()
  return {
    add({ pod, container }: ProbedContainer, type: string, outcome: ProbeResult['outcome']): void {
      const uid = pod.metadata.uid ?? ''
      const ofPod = counted.getOrInsertComputed(uid, () => new Map())
      const key = `${container.name} ${type} ${outcome}`
      let labels = ofPod.get(key)
      if (!labels) {
        const { name = '', namespace = '' } = pod.metadata
        labels = { probe_type: type, result: resultNames[outcome], container: container.name, pod: name, namespace, pod_uid: uid }
        ofPod.set(key, labels)
      }
      total.add(labels)
    },
    forget(podUid: string): void {
      for (const labels of counted.get(podUid)?.values() ?? []) total.remove(labels)
      counted.delete(podUid)
    },
  }
}

const resultNames = { success: 'successful', failure: 'failed', error: 'unknown' } as const
