export interface KeyedQueueOptions<T> {
  /** Items that may wait. */
  readonly capacity: number
  /** Items that are worked on at once. */
  readonly concurrency: number
  /** Must not reject. */
  readonly work: (item: T) => Promise<void>
  /** Nothing waits and nothing is worked on (any more). */
  readonly onIdle?: () => void
}

/** Items of one key are worked on one after the other, in their order; those of different keys at the same time. */
export interface KeyedQueue<T> {
  /** False when the queue is full, and the item was not taken. */
  push(key: string, item: T): boolean
  /** Drops what waits and resolves when what is under way has ended. */
  close(): Promise<void>
}

interface Entry<T> {
  readonly key: string
  readonly item: T
}

export function createKeyedQueue<T>({ capacity, concurrency, work, onIdle }: KeyedQueueOptions<T>): KeyedQueue<T> {
  const waiting: Entry<T>[] = []
  /** What waits for each key under way. */
  const underWay = new Map<string, T[]>()
  const ended = Promise.withResolvers<void>()
  let behind = 0
  let started = false
  let closed = false

  function start(): void {
    started = false
    while (underWay.size < concurrency) {
      const next = waiting.shift()
      if (!next) break
      const sameKey = underWay.get(next.key)
      if (sameKey) {
        sameKey.push(next.item)
        behind++
      } else {
        underWay.set(next.key, [])
        void workOff(next)
      }
    }
    if (underWay.size > 0) return
    if (closed) ended.resolve()
    else onIdle?.()
  }

  async function workOff({ key, item }: Entry<T>): Promise<void> {
    await work(item)
    for (let next = takeBehind(key); next; next = takeBehind(key)) await work(next.item)
    underWay.delete(key)
    start()
  }

  function takeBehind(key: string): { readonly item: T } | undefined {
    const items = underWay.get(key)
    if (!items?.length || closed) return undefined
    behind--
    return { item: items.shift() as T }
  }

  return {
    push(key, item) {
      if (closed || waiting.length + behind >= capacity) return false
      waiting.push({ key, item })
      // Whoever pushes goes on first.
      if (!started) queueMicrotask(start)
      started = true
      return true
    },
    close() {
      closed = true
      waiting.length = 0
      if (underWay.size === 0) ended.resolve()
      return ended.promise
    },
  }
}
