import type { MetricsRegistry } from '../base/metrics.ts'
import type { SchedulingQueue } from './queue.ts'

const buckets_s = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384]

/** The scheduler's metrics under upstream's names. */
export function schedulerMetrics(registry: MetricsRegistry, queue: SchedulingQueue) {
  const attempts = registry.counter('scheduler_schedule_attempts_total', 'Number of attempts to schedule pods, by the result.')
  const algorithm = registry.histogram('scheduler_scheduling_algorithm_duration_seconds', 'Time that finding a node took.', buckets_s)
  const waited = registry.histogram('scheduler_pod_scheduling_sli_duration_seconds', 'Time from queueing a pod to its binding.', buckets_s)
  const tries = registry.histogram('scheduler_pod_scheduling_attempts', 'Number of attempts it took to schedule a pod.', [1, 2, 4, 8, 16])
  const pending = registry.gauge('scheduler_pending_pods', 'Number of pending pods, by the queue that holds them.', () => {
    for (const name of ['active', 'backoff', 'unschedulable'] as const) pending.set(queue.counts[name], { queue: name })
    return queue.counts.active + queue.counts.backoff + queue.counts.unschedulable
  })
  return {
    decided(result: 'scheduled' | 'unschedulable', duration_ms: number) {
      attempts.add({ profile: 'default-scheduler', result })
      algorithm.observe(duration_ms / 1000)
    },
    bound(attemptCount: number, waited_ms: number) {
      tries.observe(attemptCount)
      waited.observe(waited_ms / 1000, { attempts: String(Math.min(attemptCount, 16)) })
    },
  }
}
