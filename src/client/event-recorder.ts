import { isNotFound, StatusError } from '../apimachinery/api-errors.ts'
import type { Kind } from '../apimachinery/kind.ts'
import { formatGroupVersion, type KubernetesObject } from '../apimachinery/meta.ts'
import { type Event, eventKind } from '../apis/core/event.ts'
import { type Clock, formatTime, type Logger, silentLogger, sleep } from '../base/index.ts'
import { type Correlated, createEventCorrelator, type EventCorrelator } from './event-correlation.ts'
import { createKeyedQueue } from './keyed-queue.ts'
import type { Client, EventRecorder } from './types.ts'

export interface EventRecorderOptions {
  readonly client: Client
  /** Who says it, `kubelet` for example. */
  readonly component: string
  readonly host?: string
  readonly clock: Clock
  readonly logger?: Logger
}

/** About 10 MB when all of them wait: a burst of several thousand pods loses none. */
const maximumQueued = 10_000
/** The server's journal takes together what comes together. */
const concurrentWrites = 32
const attempts = 5
const retryDelay_ms = 1000

/**
 * Writes Events in the background: several at once, those about one object one after the other. When too many wait, new ones are
 * dropped and the log says so.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder & { close(): Promise<void> } {
  const { component, host, clock, logger = silentLogger } = options
  const correlator = createEventCorrelator()
  const stop = new AbortController()
  let sequence = 0
  let dropped = 0

  const queue = createKeyedQueue<Event>({
    capacity: maximumQueued,
    concurrency: concurrentWrites,
    async work(event) {
      const correlated = correlator.correlate(event, clock.now())
      if (correlated.type !== 'drop') await write(options, logger, correlator, correlated, stop.signal)
    },
    onIdle() {
      if (dropped > 0) logger.warn(`${component} has written the events that waited; ${dropped} were dropped meanwhile`)
      dropped = 0
    },
  })

  return {
    record(object, kind, type, reason, message, { fieldPath, action } = {}) {
      if (stop.signal.aborted) return
      const now = clock.now()
      const namespace = object.metadata.namespace || 'default'
      const taken = queue.push(`${kind.kind} ${namespace}/${object.metadata.name}`, {
        metadata: { name: eventName(object.metadata.name ?? '', now, sequence++), namespace },
        involvedObject: referenceTo(object, kind, fieldPath),
        reason,
        message: boundedMessage(message),
        source: { component, ...(host && { host }) },
        firstTimestamp: formatTime(now),
        lastTimestamp: formatTime(now),
        count: 1,
        type,
        ...(action && { action }),
        reportingComponent: component,
        reportingInstance: host ?? '',
      })
      if (!taken && dropped++ === 0)
        logger.warn(`${component} records events faster than they can be written; new ones are dropped until some have been`)
    },
    /** Waits for the writes under way; what is still queued is dropped. */
    async close() {
      stop.abort(new Error(`the event recorder of ${component} was closed`))
      await queue.close()
    },
  }
}

type Written = Exclude<Correlated, { type: 'drop' }>

async function write(
  options: EventRecorderOptions,
  logger: Logger,
  correlator: EventCorrelator,
  correlated: Written,
  signal: AbortSignal,
): Promise<void> {
  const { client, clock } = options
  const { event, key } = correlated
  const about = `${event.reason} for ${event.involvedObject.kind} ${event.involvedObject.namespace ?? ''}/${event.involvedObject.name}`
  for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt++) {
    try {
      correlator.written(key, await send(client, correlated, signal))
      return
    } catch (error) {
      if (signal.aborted) return
      // Refusals don't get better by asking again: a namespace that is going away, say.
      const refused = error instanceof StatusError && error.code < 500 && error.code !== 429
      if (refused || attempt === attempts) {
        correlator.forget(key)
        logger.warn(`writing event ${about} failed; it is dropped`, { error })
        return
      }
      await sleep(clock, retryDelay_ms * attempt, signal).catch(() => {})
    }
  }
}

async function send(client: Client, correlated: Written, signal: AbortSignal): Promise<Event> {
  const { name = '', namespace } = correlated.event.metadata
  if (correlated.type === 'count') {
    try {
      return await client.patch(eventKind, namespace, name, { type: 'strategic', body: correlated.patch }, { signal })
    } catch (error) {
      // It has expired meanwhile: it is written again, count included.
      if (!isNotFound(error)) throw error
    }
  }
  const { resourceVersion: _, uid: __, creationTimestamp: ___, ...metadata } = correlated.event.metadata
  return client.create(eventKind, { ...correlated.event, metadata }, { signal })
}

function referenceTo(object: KubernetesObject & { readonly kind?: string }, kind: Kind<never> | Kind, fieldPath: string | undefined) {
  const { name, namespace, uid, resourceVersion } = object.metadata
  return {
    kind: kind.kind,
    apiVersion: formatGroupVersion(kind.group, kind.version),
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
    ...(fieldPath && { fieldPath }),
  }
}

/** `web.17f0a1b2c3d4e5f6`: the object and a time in nanoseconds; the last digits keep events of one millisecond apart. */
const eventName = (object: string, now: number, sequence: number): string =>
  `${object}.${(BigInt(now) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16)}`

// The API refuses longer ones.
const boundedMessage = (message: string): string => (message.length <= 1024 ? message : `${message.slice(0, 1021)}...`)
