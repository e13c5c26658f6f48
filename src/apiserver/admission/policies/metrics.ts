import type { Clock } from '../../../base/clock.ts'
import type { Labels, MetricsRegistry } from '../../../base/metrics.ts'

/** Upstream's metrics of policies. */
export interface PolicyMetrics {
  /** Starts to measure; what comes back is told what followed: `allow`, `deny`, `warn` or `audit`, maybe several times. */
  start(policy: string, binding: string): (action: string) => void
}

const buckets = [0.0000005, 0.001, 0.01, 0.1, 1]

export function createPolicyMetrics(metrics: MetricsRegistry, clock: Clock, type: 'validating' | 'mutating'): PolicyMetrics {
  const checks = metrics.counter(
    `apiserver_${type}_admission_policy_check_total`,
    'Policies that were carried out, by policy, binding and what followed.',
  )
  const duration = metrics.histogram(
    `apiserver_${type}_admission_policy_check_duration_seconds`,
    'How long it took to carry out policies, by policy, binding and what followed.',
    buckets,
  )
  const known = new Map<string, Labels>()
  const labelsOf = (policy: string, binding: string, action: string): Labels => {
    const key = `${policy}\n${binding}\n${action}`
    let labels = known.get(key)
    if (!labels) {
      labels = { enforcement_action: action, error_type: 'no_error', policy, policy_binding: binding }
      known.set(key, labels)
    }
    return labels
  }
  return {
    start(policy, binding) {
      const started = clock.monotonic()
      return action => {
        const labels = labelsOf(policy, binding, action)
        checks.add(labels)
        duration.observe((clock.monotonic() - started) / 1000, labels)
      }
    },
  }
}
