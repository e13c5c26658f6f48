import { expired, StatusError } from '../../apimachinery/api-errors.ts'
import type { WatchEvent } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { limits } from '../limits.ts'
import type { Bookmarks } from './bookmarks.ts'
import type { OpenWatch, WatchItem } from './open-watch.ts'

/** A watch for callers in the same process: events as values, held as references until the caller comes for them. */
export async function* iterateWatch(
  watch: OpenWatch,
  bookmarks: Bookmarks,
  toObject: (item: Extract<WatchItem, { version: unknown }>) => KubernetesObject,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  let held: WatchItem[] = []
  let wake: (() => void) | undefined
  let lagged = false
  const accept = (items: readonly WatchItem[]) => {
    if (held.length > limits.heldEvents) lagged = true
    else held.push(...items)
    wake?.()
  }
  const abort = () => wake?.()
  signal.addEventListener('abort', abort, { once: true })
  const stopBookmarks = watch.bookmarks
    ? bookmarks.subscribe(revision => {
        if (held.length === 0 && !watch.waiting) accept([{ type: 'BOOKMARK', revision, initialEventsEnd: false }])
      })
    : undefined
  const stop = watch.start(accept)
  try {
    while (!signal.aborted) {
      if (held.length === 0) {
        if (lagged) throw expired('the watch fell too far behind: list again and watch from there')
        await new Promise<void>(resolve => {
          wake = resolve
        })
        wake = undefined
        continue
      }
      const items = held
      held = []
      for (const item of items) yield toEvent(watch, item, toObject)
    }
  } finally {
    stop()
    stopBookmarks?.()
    signal.removeEventListener('abort', abort)
  }
}

function toEvent(
  { resource }: OpenWatch,
  item: WatchItem,
  toObject: (item: Extract<WatchItem, { version: unknown }>) => KubernetesObject,
): WatchEvent {
  if (item.type === 'ERROR') throw new StatusError(item.status)
  if (item.type !== 'BOOKMARK') return { type: item.type, object: toObject(item) }
  const annotations = item.initialEventsEnd ? { 'k8s.io/initial-events-end': 'true' } : undefined
  const metadata = { resourceVersion: String(item.revision), ...(annotations && { annotations }) }
  return { type: 'BOOKMARK', object: { kind: resource.kind.kind, apiVersion: resource.apiVersion, metadata } }
}
