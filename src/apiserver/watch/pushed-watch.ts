import { expired, internalError } from '../../apimachinery/api-errors.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { limits } from '../limits.ts'
import type { BodySink, PushedBody } from '../types.ts'
import type { Bookmarks } from './bookmarks.ts'
import type { WatchFrames } from './frames.ts'
import type { OpenWatch, WatchItem } from './open-watch.ts'

export interface PushedWatchOptions {
  readonly watch: OpenWatch
  readonly frames: WatchFrames
  readonly bookmarks: Bookmarks
  readonly clock: Clock
  readonly timeout_ms: number
  /** Ends the watch. */
  readonly signal: AbortSignal
  readonly onError: (error: unknown) => void
}

/**
 * A watch as the body of an answer. While the client is slow, items wait as references, not as bytes;
 * one that falls too far behind is told that it has to list again.
 */
export function pushedWatch(options: PushedWatchOptions): PushedBody {
  return { start: sink => startWatch(options, sink) }
}

const nothing: readonly WatchItem[] = []

function startWatch({ watch, frames, bookmarks, clock, timeout_ms, signal, onError }: PushedWatchOptions, sink: BodySink): () => void {
  let held = nothing
  /** `held`, once it is a list that only this watch has. */
  let own: WatchItem[] | undefined
  let next = 0
  let ended = false
  let listening = false
  let toldRevision = 0
  let stop = () => {}
  let timer: Timer | undefined

  const release = () => {
    ended = true
    held = nothing
    stop()
    stopBookmarks?.()
    timer?.cancel()
    signal.removeEventListener('abort', end)
  }
  const end = () => {
    if (ended) return
    release()
    sink.end()
  }
  const write = (item: WatchItem) => {
    sink.write(frames.encode(item))
    if (item.type === 'ERROR') end()
    else toldRevision = item.revision
  }
  const drain = () => {
    while (next < held.length && sink.unsent < limits.unsentWatchBytes) write(held[next++] as WatchItem)
    if (next >= held.length) {
      held = nothing
      next = 0
    }
    listen(held !== nothing)
  }
  /** Only where something waits: nearly always nothing does. */
  const listen = (waits: boolean) => {
    if (waits === listening) return
    listening = waits
    sink.onDrain(waits ? drainSafely : undefined)
  }
  // The store calls this for all watchers in turn. Nearly always nothing waits, and all are sent the same bytes: whatever
  // else is touched for each of a thousand watchers is not in the processor's cache.
  const accept = (items: readonly WatchItem[]) => {
    try {
      if (ended) return
      const bytes = held === nothing && sink.unsent === 0 ? frames.encodeShared(items) : undefined
      if (!bytes) return keep(items)
      sink.write(bytes)
      toldRevision = lastRevision(items)
    } catch (error) {
      fail(error)
    }
  }
  const keep = (items: readonly WatchItem[]) => {
    const waiting = held.length - next
    // What is there at the start may be any number; it is the store's own list.
    if (waiting > limits.heldEvents) return lag()
    if (waiting > 0) hold(items)
    else held = items
    drain()
  }
  // A client that does not read costs one reference for each event: what waits is copied only when it becomes ours.
  const hold = (items: readonly WatchItem[]) => {
    const mine = own !== undefined && own === held ? own : held.slice(next)
    if (mine !== held) next = 0
    own = mine
    held = mine
    for (const item of items) mine.push(item)
  }
  const drainSafely = () => {
    try {
      drain()
    } catch (error) {
      fail(error)
    }
  }
  /** What goes wrong for one watch must end this one only. */
  const fail = (error: unknown) => {
    onError(error)
    if (!ended) write({ type: 'ERROR', status: internalError(error).status })
  }
  const lag = () => {
    held = nothing
    write({ type: 'ERROR', status: expired('the watch fell too far behind: list again and watch from there').status })
  }

  const stopBookmarks = watch.bookmarks
    ? bookmarks.subscribe(revision => {
        if (held.length === 0 && !watch.waiting && revision > toldRevision) write({ type: 'BOOKMARK', revision, initialEventsEnd: false })
      })
    : undefined
  timer = clock.setTimer(timeout_ms, end)
  signal.addEventListener('abort', end)
  stop = watch.start(accept)
  if (ended) stop()
  return () => {
    if (!ended) release()
  }
}

const lastRevision = (items: readonly WatchItem[]): number => {
  const last = items[items.length - 1]
  return last && last.type !== 'ERROR' ? last.revision : 0
}
