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

function startWatch({ watch, frames, bookmarks, clock, timeout_ms, signal, onError }: PushedWatchOptions, sink: BodySink): () => void {
  let held: readonly WatchItem[] = []
  /** `held`, once it is a list that only this watch has. */
  let own: WatchItem[] | undefined
  let next = 0
  let ended = false
  let unsent = 0
  let toldRevision = 0
  let stop = () => {}
  let timer: Timer | undefined

  const release = () => {
    ended = true
    held = []
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
    unsent = sink.write(frames.encode(item))
    if (item.type === 'ERROR') end()
    else toldRevision = item.revision
  }
  // Several frames go in one write, as far as the client's credit reaches: the write costs more than the bytes.
  const writeHeld = () => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    let last: WatchItem | undefined
    while (next < held.length && unsent + bytes < limits.unsentWatchBytes && last?.type !== 'ERROR') {
      last = held[next++] as WatchItem
      const frame = frames.encode(last)
      chunks.push(frame)
      bytes += frame.length
    }
    unsent = sink.write(Buffer.concat(chunks, bytes))
    if (last?.type === 'ERROR') end()
    else if (last) toldRevision = last.revision
  }
  const drain = () => {
    while (next < held.length && unsent < limits.unsentWatchBytes && !ended) {
      if (held.length - next === 1) write(held[next++] as WatchItem)
      else writeHeld()
    }
    if (next < held.length) return
    held = []
    next = 0
  }
  const accept = (items: readonly WatchItem[]) => {
    if (ended) return
    const waiting = held.length - next
    // What is there at the start may be any number; it is the store's own list.
    if (waiting > limits.heldEvents) return lag()
    if (waiting === 0) {
      held = items
      next = 0
    } else hold(items)
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
  // The store calls this for all watchers in turn: what goes wrong here must end this watch only.
  const acceptSafely = (items: readonly WatchItem[]) => {
    try {
      accept(items)
    } catch (error) {
      onError(error)
      if (!ended) write({ type: 'ERROR', status: internalError(error).status })
    }
  }
  const lag = () => {
    held = []
    write({ type: 'ERROR', status: expired('the watch fell too far behind: list again and watch from there').status })
  }

  const stopBookmarks = watch.bookmarks
    ? bookmarks.subscribe(revision => {
        if (held.length === 0 && !watch.waiting && revision > toldRevision) write({ type: 'BOOKMARK', revision, initialEventsEnd: false })
      })
    : undefined
  sink.onDrain(() => {
    unsent = 0
    drain()
  })
  timer = clock.setTimer(timeout_ms, end)
  signal.addEventListener('abort', end)
  stop = watch.start(acceptSafely)
  if (ended) stop()
  return () => {
    if (!ended) release()
  }
}
