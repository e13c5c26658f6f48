import { isConflict } from '../apimachinery/api-errors.ts'
import type { KubernetesObject } from '../apimachinery/meta.ts'
import type { Clock, Logger, MetricsRegistry } from '../base/index.ts'
import type { Client, Informer } from './types.ts'
import { createWorkQueue, type WorkQueue } from './work-queue.ts'

/** What a controller listens to, and which keys a change there wakes. Method syntax lets watches of many kinds stand in one list. */
export interface ControllerWatch {
  readonly informer: Pick<Informer<KubernetesObject>, 'synced' | 'onChange'>
  keys(old: KubernetesObject | undefined, current: KubernetesObject | undefined): readonly string[]
}

/** A watch whose `keys` sees objects of the informer's own type. */
export const watchOf = <T extends KubernetesObject>(
  informer: Informer<T>,
  keys: (old: T | undefined, current: T | undefined) => readonly string[],
): ControllerWatch => ({ informer, keys }) as unknown as ControllerWatch

export interface ControllerOptions {
  readonly name: string
  readonly client: Client
  /** How many keys are worked on at a time. */
  readonly workers?: number
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: MetricsRegistry
  readonly queue?: WorkQueue
  readonly watches: readonly ControllerWatch[]
  /** Reads, compares, writes the difference. A key is `namespace/name`; a rejection is logged and tried again with back-off. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<void | { readonly requeueAfter_ms: number }>
}

/** Runs `reconcile` for every key that its watches wake, once all of them know the current state. */
export function runController(options: ControllerOptions): { close(): Promise<void> } {
  const { name, clock, metrics, watches, workers = 5 } = options
  const queue = options.queue ?? createWorkQueue({ clock, name, metrics })
  const stop = new AbortController()
  const unsubscribe = watches.map(watch =>
    watch.informer.onChange((old, current) => {
      for (const key of watch.keys(old, current)) queue.add(key)
    }),
  )
  const running = whenSynced(watches, stop.signal).then(synced =>
    synced ? Promise.all(Array.from({ length: workers }, () => work(options, queue, stop.signal))) : undefined,
  )
  return {
    async close() {
      for (const end of unsubscribe) end()
      stop.abort(new Error(`controller ${name} was closed`))
      queue.shutDown()
      await running
    },
  }
}

/** False if the controller was closed first; an informer that ends before it was synced ends the wait too. */
function whenSynced(watches: readonly ControllerWatch[], signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  signal.addEventListener('abort', () => resolve(false), { once: true })
  Promise.all(watches.map(watch => watch.informer.synced)).then(
    () => resolve(!signal.aborted),
    () => resolve(false),
  )
  return promise
}

/** Longest stretch that one worker works before timers and I/O get their turn: in memory, calls alone would never let them. */
const slice_ms = 5

async function work(options: ControllerOptions, queue: WorkQueue, signal: AbortSignal): Promise<void> {
  const { clock } = options
  let sliceEnd = clock.monotonic() + slice_ms
  for (;;) {
    const key = await queue.get()
    if (key === undefined) return
    // After close, what is still queued is dropped: whoever runs next finds it by looking.
    if (!signal.aborted) await reconcileOnce(options, queue, key, signal)
    queue.done(key)
    if (clock.monotonic() < sliceEnd) continue
    await clock.yield()
    sliceEnd = clock.monotonic() + slice_ms
  }
}

async function reconcileOnce(
  { name, logger, reconcile }: ControllerOptions,
  queue: WorkQueue,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const result = await reconcile(key, signal)
    queue.forget(key)
    if (result) queue.addAfter(key, result.requeueAfter_ms)
  } catch (error) {
    if (signal.aborted) return
    queue.addRateLimited(key)
    const failures = queue.failures(key)
    const fields = { error, failures }
    // Someone else wrote in between: that is the normal way of things, and the next try reads anew.
    if (isConflict(error)) logger.debug(`${name}: reconciling ${key} met a newer version; trying again`, fields)
    else logger.warn(`${name}: reconciling ${key} failed; trying again with back-off`, fields)
  }
}

/** The parts of a work queue's key. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: undefined, name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
