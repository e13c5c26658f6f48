import type { MetricsRegistry } from '../base/metrics.ts'
import type { SchedulingQueue } from './queue.ts'

export interface SchedulerMetrics {
  decided(result: 'scheduled' | 'unschedulable' | 'error', duration_ms: number): void
  bound(attempts: number, waited_ms: number): void
  preempted(victims: number): void
  /** Pods that wait for their gates to be taken away are only counted. */
  gated(uid: string, isGated: boolean): void
}

const buckets_s = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384]

/** The scheduler's metrics under upstream's names. */
export function schedulerMetrics(registry: MetricsRegistry, queue: SchedulingQueue, profile: string): SchedulerMetrics {
  const attempts = registry.counter('scheduler_schedule_attempts_total', 'Number of attempts to schedule pods, by the result.')
  const duration = registry.histogram(
    'scheduler_scheduling_attempt_duration_seconds',
    'Time that an attempt took, without binding.',
    buckets_s,
  )
  const waited = registry.histogram('scheduler_pod_scheduling_sli_duration_seconds', 'Time from queueing a pod to its binding.', buckets_s)
  const tries = registry.histogram('scheduler_pod_scheduling_attempts', 'Number of attempts it took to schedule a pod.', [1, 2, 4, 8, 16])
  const preemptions = registry.counter('scheduler_preemption_attempts_total', 'Number of attempts to make room by preemption.')
  const victimCount = registry.histogram('scheduler_preemption_victims', 'Number of victims of a preemption.', [1, 2, 4, 8, 16, 32, 64])
  const gated = new Set<string>()
  const pending = registry.gauge('scheduler_pending_pods', 'Number of pending pods, by the queue that holds them.', () => {
    for (const name of ['active', 'backoff', 'unschedulable'] as const) pending.set(queue.counts[name], { queue: name })
    pending.set(gated.size, { queue: 'gated' })
    return undefined
  })
  return {
    decided(result, duration_ms) {
      attempts.add({ profile, result })
      duration.observe(duration_ms / 1000, { profile, result })
    },
    bound(attemptCount, waited_ms) {
      tries.observe(attemptCount)
      waited.observe(waited_ms / 1000, { attempts: attemptCount < 16 ? String(attemptCount) : '16+' })
    },
    preempted(victims) {
      preemptions.add()
      victimCount.observe(victims)
    },
    gated(uid, isGated) {
      if (isGated) gated.add(uid)
      else gated.delete(uid)
    },
  }
}
