/** Requests under way: many at a time, but not without bound. */
export interface InFlight {
  start(work: () => Promise<void>): void
  readonly isFull: boolean
  /** Resolves when something has ended. */
  room(): Promise<void>
  /** Resolves when all that is under way has ended. */
  idle(): Promise<void>
}

export function createInFlight(maximum: number): InFlight {
  const running = new Set<Promise<void>>()
  let waiting: PromiseWithResolvers<void> | undefined
  return {
    start(work) {
      const one: Promise<void> = work().finally(() => {
        running.delete(one)
        waiting?.resolve()
        waiting = undefined
      })
      running.add(one)
    },
    get isFull() {
      return running.size >= maximum
    },
    room() {
      waiting ??= Promise.withResolvers<void>()
      return waiting.promise
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}
