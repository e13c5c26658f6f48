import type { Clock, Labels, MetricsRegistry, Timer } from '../base/index.ts'

/**
 * A queue of keys that need work. A key is in it once, however often it is added; one that is added while it is being
 * worked on comes back when that work is done, so no key is ever worked on twice at a time.
 */
export interface WorkQueue {
  add(key: string): void
  addAfter(key: string, delay_ms: number): void
  /** Adds after a delay that doubles with each failure, from 5 ms to 1000 s. */
  addRateLimited(key: string): void
  /** The key's work succeeded: its next failure is its first. */
  forget(key: string): void
  failures(key: string): number
  /** The next key, or undefined once the queue has been shut down and emptied. */
  get(): Promise<string | undefined>
  done(key: string): void
  /** Takes no more keys; what is queued is still handed out. */
  shutDown(): void
  readonly length: number
}

export interface WorkQueueOptions {
  readonly clock: Clock
  readonly name?: string
  readonly metrics?: MetricsRegistry
  readonly firstDelay_ms?: number
  readonly maximumDelay_ms?: number
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, firstDelay_ms = 5, maximumDelay_ms = 1_000_000 } = options
  const metrics = queueMetrics(options)
  /** Keys that need work, in order, with the time when they came. */
  const dirty = new Map<string, number>()
  const processing = new Map<string, number>()
  const delayed = new Map<string, { readonly due: number; readonly timer: Timer }>()
  const failed = new Map<string, number>()
  const getters: ((key: string | undefined) => void)[] = []
  let closed = false

  function add(key: string): void {
    if (closed || dirty.has(key)) return
    metrics.added()
    dirty.set(key, clock.monotonic())
    handOut()
    metrics.depth(length())
  }

  /** Keys that are being worked on wait in `dirty` until they are done. */
  function takeReady(): string | undefined {
    for (const [key, since] of dirty) {
      if (processing.has(key)) continue
      const now = clock.monotonic()
      dirty.delete(key)
      processing.set(key, now)
      metrics.waited((now - since) / 1000)
      metrics.depth(length())
      return key
    }
    return undefined
  }

  function handOut(): void {
    while (getters.length > 0) {
      const key = takeReady()
      if (key === undefined) break
      getters.shift()?.(key)
    }
    if (closed && dirty.size === 0) for (const getter of getters.splice(0)) getter(undefined)
  }

  const length = () => {
    let waiting = 0
    for (const key of processing.keys()) if (dirty.has(key)) waiting++
    return dirty.size - waiting
  }

  function addAfter(key: string, delay_ms: number): void {
    if (closed) return
    if (delay_ms <= 0) {
      add(key)
      return
    }
    const due = clock.monotonic() + delay_ms
    const earlier = delayed.get(key)
    if (earlier && earlier.due <= due) return
    earlier?.timer.cancel()
    const timer = clock.setTimer(delay_ms, () => {
      delayed.delete(key)
      add(key)
    })
    delayed.set(key, { due, timer })
  }

  return {
    add,
    addAfter,
    addRateLimited(key) {
      const failures = failed.get(key) ?? 0
      failed.set(key, failures + 1)
      metrics.retried()
      addAfter(key, Math.min(firstDelay_ms * 2 ** failures, maximumDelay_ms))
    },
    forget: key => void failed.delete(key),
    failures: key => failed.get(key) ?? 0,
    get() {
      const key = takeReady()
      if (key !== undefined) return Promise.resolve(key)
      if (closed && dirty.size === 0) return Promise.resolve(undefined)
      return new Promise(resolve => getters.push(resolve))
    },
    done(key) {
      const since = processing.get(key)
      if (since === undefined) return
      processing.delete(key)
      metrics.worked((clock.monotonic() - since) / 1000)
      handOut()
      metrics.depth(length())
    },
    shutDown() {
      closed = true
      for (const { timer } of delayed.values()) timer.cancel()
      delayed.clear()
      handOut()
    },
    get length() {
      return length()
    },
  }
}

const durationBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000]

function queueMetrics({ metrics, name }: WorkQueueOptions) {
  if (!metrics || !name) return { added() {}, depth() {}, waited() {}, worked() {}, retried() {} }
  const labels: Labels = { name }
  const depth = metrics.gauge('workqueue_depth', 'Current depth of workqueue')
  const adds = metrics.counter('workqueue_adds_total', 'Total number of adds handled by workqueue')
  const retries = metrics.counter('workqueue_retries_total', 'Total number of retries handled by workqueue')
  const waiting = metrics.histogram(
    'workqueue_queue_duration_seconds',
    'How long in seconds an item stays in workqueue before being requested.',
    durationBuckets,
  )
  const working = metrics.histogram(
    'workqueue_work_duration_seconds',
    'How long in seconds processing an item from workqueue takes.',
    durationBuckets,
  )
  return {
    added: () => adds.add(labels),
    depth: (length: number) => depth.set(length, labels),
    waited: (seconds: number) => waiting.observe(seconds, labels),
    worked: (seconds: number) => working.observe(seconds, labels),
    retried: () => retries.add(labels),
  }
}
