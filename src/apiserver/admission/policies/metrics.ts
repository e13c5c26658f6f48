import type { Labels, MetricsRegistry } from '../../../base/metrics.ts'

/** Upstream's metrics of policies. */
export interface PolicyMetrics {
  /** `allow`, `deny`, `warn` or `audit`. */
  decided(policy: string, binding: string, action: string): void
}

export function createPolicyMetrics(metrics: MetricsRegistry, type: 'validating' | 'mutating'): PolicyMetrics {
  const checks = metrics.counter(
    `apiserver_${type}_admission_policy_check_total`,
    'Policies that were carried out, by policy, binding and what followed.',
  )
  const known = new Map<string, Labels>()
  return {
    decided(policy, binding, action) {
      const key = `${policy}\n${binding}\n${action}`
      let labels = known.get(key)
      if (!labels) {
        labels = { enforcement_action: action, error_type: 'no_error', policy, policy_binding: binding }
        known.set(key, labels)
      }
      checks.add(labels)
    },
  }
}
