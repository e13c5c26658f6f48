import type { Clock, Timer } from '../../base/clock.ts'
import type { Storage } from '../../storage/storage.ts'
import { limits } from '../limits.ts'

/** Tells watchers that asked for it, once a minute while anything is written at all, how far the store has come. */
export interface Bookmarks {
  subscribe(listener: (revision: number) => void): () => void
  close(): void
}

export function createBookmarks(storage: Storage, clock: Clock): Bookmarks {
  const listeners = new Set<(revision: number) => void>()
  let timer: Timer | undefined
  const tell = () => {
    timer = undefined
    for (const listener of listeners) listener(storage.committed.revision)
  }
  const commits = storage.onCommit(() => {
    if (listeners.size > 0) timer ??= clock.setTimer(limits.bookmarkInterval_ms, tell)
  })
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      commits.close()
      timer?.cancel()
      listeners.clear()
    },
  }
}
