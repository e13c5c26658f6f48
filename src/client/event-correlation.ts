import type { Event } from '../apis/core/event.ts'
import { formatTime } from '../base/index.ts'

/** What becomes of an event: written anew, counted onto one that was written before, or dropped as one of a flood. */
export type Correlated =
  | { readonly type: 'create'; readonly event: Event; readonly key: string }
  | { readonly type: 'count'; readonly event: Event; readonly key: string; readonly patch: EventCount }
  | { readonly type: 'drop' }

export interface EventCount {
  readonly count: number
  readonly lastTimestamp: string
  readonly message: string
}

// The figures of client-go's correlator.
const maximumKnown = 4096
const similarEvents = 10
const similarWindow_ms = 600_000
const floodBurst = 25
const floodRefill_ms = 300_000

/** Remembers what was recorded, within bounds. */
export interface EventCorrelator {
  correlate(event: Event, now: number): Correlated
  /** The event as the server has it, to count onto later. */
  written(key: string, event: Event): void
  /** The server no longer has it. */
  forget(key: string): void
}

export function createEventCorrelator(): EventCorrelator {
  const known = boundedMap<Event>()
  const groups = boundedMap<{ readonly messages: Set<string>; last: number }>()
  const buckets = boundedMap<{ tokens: number; refilled: number }>()

  /** Ten different messages about the same thing within ten minutes become one. */
  function aggregate(event: Event, now: number): { event: Event; key: string } {
    const key = JSON.stringify([...identity(event), event.message])
    const groupKey = JSON.stringify(identity(event))
    const found = groups.get(groupKey)
    const group = found && now - found.last <= similarWindow_ms ? found : { messages: new Set<string>(), last: now }
    group.last = now
    if (group.messages.size < similarEvents) group.messages.add(event.message ?? '')
    groups.set(groupKey, group)
    if (group.messages.size < similarEvents) return { event, key }
    return { event: { ...event, message: `(combined from similar events): ${event.message ?? ''}` }, key: groupKey }
  }

  /** Each source may say 25 things about an object at once, and one more every five minutes. */
  function isFlood(event: Event, now: number): boolean {
    const key = JSON.stringify([event.source?.component, event.source?.host, objectOf(event)])
    const bucket = buckets.get(key) ?? { tokens: floodBurst, refilled: now }
    bucket.tokens = Math.min(floodBurst, bucket.tokens + (now - bucket.refilled) / floodRefill_ms)
    bucket.refilled = now
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return true
    bucket.tokens--
    return false
  }

  return {
    correlate(original, now) {
      const { event, key } = aggregate(original, now)
      if (isFlood(original, now)) return { type: 'drop' }
      const before = known.get(key)
      if (!before) {
        known.set(key, event)
        return { type: 'create', event, key }
      }
      const patch = { count: (before.count ?? 1) + 1, lastTimestamp: formatTime(now), message: event.message ?? '' }
      const counted = { ...before, ...patch }
      known.set(key, counted)
      return { type: 'count', event: counted, key, patch }
    },
    written: (key, event) => void (known.get(key) && known.set(key, { ...event, count: known.get(key)?.count })),
    forget: key => known.delete(key),
  }
}

const objectOf = ({ involvedObject: { kind, namespace, name, uid, apiVersion, fieldPath } }: Event) => [
  kind,
  namespace,
  name,
  uid,
  apiVersion,
  fieldPath,
]

const identity = (event: Event): readonly unknown[] => [
  event.source?.component,
  event.source?.host,
  objectOf(event),
  event.type,
  event.reason,
  event.reportingComponent,
  event.reportingInstance,
]

/** Forgets what was used longest ago. */
function boundedMap<V>() {
  const entries = new Map<string, V>()
  return {
    get: (key: string) => entries.get(key),
    delete: (key: string) => void entries.delete(key),
    set(key: string, value: V) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= maximumKnown) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        break
      }
    },
  }
}
