import { StatusError } from '../../../apimachinery/api-errors.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Labels, MetricsRegistry } from '../../../base/metrics.ts'
import { WebhookFailure } from './rejection.ts'

/** Upstream's metrics of webhooks. */
export interface WebhookMetrics {
  /** Measures one call, whatever comes of it. */
  observe<T>(name: string, operation: string, call: () => Promise<T>): Promise<T>
  failedOpen(name: string): void
}

const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]

export function createWebhookMetrics(metrics: MetricsRegistry, clock: Clock, type: 'admit' | 'validating'): WebhookMetrics {
  const duration = metrics.histogram(
    'apiserver_admission_webhook_admission_duration_seconds',
    'How long calls of webhooks took, by webhook, type and operation.',
    buckets,
  )
  const requests = metrics.counter('apiserver_admission_webhook_request_total', 'Calls of webhooks, by webhook, type, operation and code.')
  const rejections = metrics.counter('apiserver_admission_webhook_rejection_count', 'Requests that were refused because of a webhook.')
  const failOpen = metrics.counter('apiserver_admission_webhook_fail_open_count', 'Requests that passed although a webhook failed.')
  const labels = labelTable()

  return {
    async observe(name, operation, call) {
      const started = clock.monotonic()
      const finish = (rejected: boolean, code: number) => {
        const seconds = (clock.monotonic() - started) / 1000
        duration.observe(seconds, labels({ name, operation, rejected: String(rejected), type }))
        requests.add(labels({ code: String(code), name, operation, rejected: String(rejected), type }))
      }
      try {
        const result = await call()
        finish(false, 200)
        return result
      } catch (error) {
        const code = error instanceof StatusError ? error.code : 500
        const errorType = error instanceof WebhookFailure ? 'calling_webhook_error' : code >= 500 ? 'apiserver_internal_error' : 'no_error'
        finish(true, code)
        rejections.add(labels({ error_type: errorType, name, operation, rejection_code: String(code), type }))
        throw error
      }
    },
    failedOpen: name => failOpen.add(labels({ name, type })),
  }
}

/** The registry formats a label object once, so equal labels should be one object. Names come from stored configurations. */
function labelTable(): (labels: Labels) => Labels {
  const known = new Map<string, Labels>()
  return labels => {
    const key = Object.values(labels).join('\n')
    const found = known.get(key)
    if (found) return found
    known.set(key, labels)
    return labels
  }
}
