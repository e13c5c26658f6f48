import { type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { MetricsRegistry } from '../../base/metrics.ts'
import type { WebhookClient } from '../webhook-client.ts'
import type { AuditBackend } from './audit.ts'

export interface AuditWebhookOptions {
  readonly client: WebhookClient
  /** Upstream's flags and their defaults. */
  readonly batch?: {
    readonly bufferSize?: number
    readonly maximumSize?: number
    readonly maximumWait_ms?: number
    readonly throttlePerSecond?: number
    readonly throttleBurst?: number
  }
  readonly initialBackoff_ms?: number
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

const tries = 5
const backoffFactor = 1.5

/**
 * Sends events to a webhook in batches: when one is full or its oldest event has waited long enough. What does not fit
 * into the buffer, or fails five times, is dropped and counted: requests never wait for the webhook.
 */
export function auditWebhook(options: AuditWebhookOptions): AuditBackend {
  const { client, clock, logger, metrics, initialBackoff_ms = 10_000 } = options
  const {
    bufferSize = 10_000,
    maximumSize = 400,
    maximumWait_ms = 30_000,
    throttlePerSecond = 10,
    throttleBurst = 15,
  } = options.batch ?? {}
  const errors = metrics.counter('apiserver_audit_error_total', 'Counter of audit events that failed to be audited properly.')
  const closing = new AbortController()
  const throttle = createThrottle(throttlePerSecond, throttleBurst, clock)
  const waiting: string[] = []
  let timer: { cancel(): void } | undefined
  let sending: Promise<void> | undefined
  let dropped = 0

  const send = async (batch: readonly string[], signal?: AbortSignal) => {
    const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${batch.join(',')}]}`
    for (let attempt = 1, delay_ms = initialBackoff_ms; ; attempt++, delay_ms *= backoffFactor) {
      try {
        await client.post(body, signal)
        return
      } catch (error) {
        if (attempt === tries || closing.signal.aborted) {
          errors.add({ plugin: 'webhook' }, batch.length)
          logger.error(`send ${batch.length} audit events to ${client.url}: given up, they are lost`, { error })
          return
        }
        await sleep(clock, delay_ms, closing.signal).catch(() => undefined)
      }
    }
  }
  const sendAll = async () => {
    timer?.cancel()
    timer = undefined
    while (waiting.length > 0) {
      if (!closing.signal.aborted) await throttle(closing.signal)
      await send(waiting.splice(0, maximumSize))
      if (waiting.length < maximumSize && !closing.signal.aborted) break
    }
  }
  const start = () => {
    sending ??= sendAll().finally(() => {
      sending = undefined
      if (waiting.length > 0 && !closing.signal.aborted) arm()
    })
  }
  const arm = () => {
    if (waiting.length >= maximumSize) start()
    else timer ??= clock.setTimer(maximumWait_ms, start)
  }
  return {
    write(event) {
      if (waiting.length >= bufferSize) {
        errors.add({ plugin: 'webhook' })
        if (dropped++ % 1000 === 0) logger.error(`send audit events to ${client.url}: the buffer is full, ${dropped} were dropped so far`)
        return undefined
      }
      waiting.push(event)
      if (!sending) arm()
      return undefined
    },
    async close() {
      closing.abort(new Error('the audit log ends'))
      timer?.cancel()
      await sending
      await sendAll()
    },
  }
}

/** Resolves when the next batch may go. */
function createThrottle(perSecond: number, burst: number, clock: Clock): (signal: AbortSignal) => Promise<void> {
  let tokens = burst
  let since = clock.monotonic()
  return async signal => {
    const now = clock.monotonic()
    tokens = Math.min(burst, tokens + ((now - since) / 1000) * perSecond)
    since = now
    tokens -= 1
    if (tokens < 0) await sleep(clock, (-tokens / perSecond) * 1000, signal).catch(() => undefined)
  }
}
